"""Saved views: filters of a list under a name. Each is JSON in the hash of its owner; "all" owns what everybody sees."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from state.access import keys
from state.store import connection, scripts

#: Views that one owner may have.
MOST = 100


def put(owner: str, view_id: str, facts: Mapping[str, Any]) -> str:
    """Keep a view in place of the one of that id: "new" or "replaced"; "" where its owner has too many."""
    text = json.dumps(dict(facts), ensure_ascii=False)
    return ("", "new", "replaced")[_put(views=keys.views(owner), id=view_id, view=text, most=MOST)]


@scripts.script("access/put_view")
def _put(*, views: str, id: str, view: str, most: int) -> int:
    raise scripts.InLua


def of(owners: Sequence[str]) -> list[dict[str, dict[str, Any]]]:
    """The views of each of these owners: id → what was kept. One round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for owner in owners:
            pipe.hgetall(keys.views(owner))
        return [_read(found) for found in pipe.execute()]


def owners() -> list[str]:
    """Who has saved views, by name. Walks over all keys of the store."""
    found = connection.client().scan_iter(match=keys.views("*"), count=1000)
    return sorted({name.decode(errors="replace").removeprefix(keys.views("")) for name in found})


def remove(owner: str, view_id: str) -> bool:
    """Forget a view; False where there is none."""
    return bool(connection.client().hdel(keys.views(owner), view_id))


def forget(owner: str) -> None:
    """Forget all views of an owner. Safe to repeat."""
    connection.client().delete(keys.views(owner))


def _read(found: Mapping[bytes, bytes]) -> dict[str, dict[str, Any]]:
    """What can be read of them; what somebody broke is left out."""
    read = {name.decode(errors="replace"): _object(text) for name, text in found.items()}
    return {name: facts for name, facts in read.items() if facts}


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
