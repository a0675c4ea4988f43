"""Submits that are sent again: which job a key of the caller's stands for.

The entry of a key is written before its job is, with the id that the job will have. So whoever is killed in between leaves a key
whose next use submits the same job under the same id, which the engine queues once.
"""

import hashlib
from typing import NamedTuple

from state.store import keys, scripts


class Entry(NamedTuple):
    """What a key stands for. `job_id` is the caller's own where `state` is new.

    `state`: new; begun, where another call was first and has not said yet that its job is there; done; other, where the key
    stands for another request. `queue`: '' until it is done.
    """

    state: str
    job_id: str
    queue: str


def begin(owner: str, key: str, print_: str, job_id: str, *, keep_s: int, ended: str = "") -> Entry:
    """Take a key for a request, or learn which job has it. One script; safe to repeat.

    `print_` tells requests apart. `ended`: a job that is over, whose key may be taken.
    """
    state, holder, queue = _begin(
        entry=_entry(owner, key),
        print=print_,
        job_id=job_id,
        ended=ended,
        keep_s=keep_s,
    )
    return Entry("new" if holder.decode() == job_id else state.decode(), holder.decode(), queue.decode())


@scripts.script("engine/begin_submit")
def _begin(*, entry: str, print: str, job_id: str, ended: str, keep_s: int) -> tuple[bytes, bytes, bytes]:
    raise scripts.InLua


def done(owner: str, key: str, begun: str, job_id: str, queue: str) -> None:
    """The job of a key is there: it is `job_id`, where another job did the work already. `begun`: the id it was to have."""
    _done(entry=_entry(owner, key), begun=begun, job_id=job_id, queue=queue)


@scripts.script("engine/end_submit")
def _done(*, entry: str, begun: str, job_id: str, queue: str) -> int:
    raise scripts.InLua


def _entry(owner: str, key: str) -> str:
    return keys.submitted(owner, hashlib.sha256(key.encode()).hexdigest())
