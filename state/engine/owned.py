"""Jobs by their owner: those that are not over stand in a list of the owner. The history finds the others (segments.py).

So do jobs of the kinds that are declared `listed`, in a list of the kind; `prune` takes them out.
"""

from collections.abc import Sequence

from state.engine.records import CHUNK, Place
from state.store import connection, keys, scripts


def place(owner: str) -> Place:
    """Where the jobs of an owner stand that are not over, the newest first; the lanes of its batches and crawls are left out."""
    return Place(keys.OWNED + owner, "zset", newest_first=True)


def of_kind(kind: str) -> Place:
    """Where the jobs of a listed kind stand that are not over, the newest first; some that ended since the last `prune`, too."""
    return Place(f"{keys.OWNED}@{kind}", "zset", newest_first=True)


def prune() -> int:
    """Take jobs out of the lists that are over or gone: RQ's own tools cancel and delete without it; returns how many."""
    client, removed = connection.client(), 0
    for name in client.smembers(keys.OWNERS):
        key, start = keys.OWNED + name.decode(errors="replace"), 0
        while ids := client.zrange(key, start, start + CHUNK - 1):
            gone = _prune(owned=key, jobs=keys.RQ_JOB, ids=ids)
            removed, start = removed + gone, start + len(ids) - gone
        if not client.exists(key):
            client.srem(keys.OWNERS, name)
    return removed


@scripts.script("engine/prune_owned")
def _prune(*, owned: str, jobs: str, ids: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua
