"""Jobs that a job submits and waits for: they are noted with their submit, so that whoever cancels it finds them.

The script of the submit refuses a child whose parent was cancelled. So none goes on that a cancel did not see.
"""

from collections.abc import Iterable

from state.engine import keys, records
from state.store import connection

#: States of a record after which a job does nothing more.
OVER = frozenset({"finished", "failed", "canceled", "stopped"})

#: The states of a job whose children are cancelled with it. One that ended by itself left them for good reason.
CANCELLABLE = frozenset({"queued", "scheduled", "deferred", "started", "canceled", "stopped"})


def going_on(job_id: str) -> list[str]:
    """The children of a job that are not over, in no order."""
    ids = list(_of([job_id]))
    return [one for one, fields in zip(ids, records.read(ids), strict=True) if fields and fields.get("status") not in OVER]


def below(job_id: str) -> list[str]:
    """The children of a job, their children, and so on; one round trip a generation."""
    found, newest = dict[str, None](), _of([job_id])
    while newest:
        found |= newest
        newest = {one: None for one in _of(newest) if one not in found}
    return list(found)


def forget(job_id: str) -> None:
    """A job waits for none of them any more."""
    connection.client().delete(keys.children(job_id))


def _of(job_ids: Iterable[str]) -> dict[str, None]:
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.smembers(keys.children(job_id))
        return {name.decode(errors="replace"): None for names in pipe.execute() for name in names}
