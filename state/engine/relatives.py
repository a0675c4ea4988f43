"""Jobs that have to do with another one: those it waits for, those that wait for it, and the one that runs it again."""

from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from state.store import connection, keys

#: Relatives of one sort that are told at most.
MOST = 100


class Relatives(NamedTuple):
    """Ids of jobs. `again`: the job that runs it again after it failed, "" = none. `claim`: its dedup key.

    `duplicates`: so many submits were answered with this job, and queued none. `data`: its call, as payload.of_job reads it.
    """

    waits_for: list[str]
    waited_for_by: list[str]
    again: str = ""
    claim: str = ""
    duplicates: int = 0
    data: bytes = b""


def of(job_id: str, again_id: str) -> Relatives:
    """The relatives of a job, in one round trip. Reads only."""
    with connection.errors_translated(), connection.client().pipeline(transaction=False) as pipe:
        pipe.sscan(f"{keys.job(job_id)}:dependencies", count=MOST)
        pipe.sscan(f"{keys.job(job_id)}:dependents", count=MOST)
        pipe.exists(keys.job(again_id))
        pipe.hmget(keys.job(job_id), "claim", "duplicates", "data")
        before, after, is_again, fields = pipe.execute(raise_on_error=False)
    claim, duplicates, data = (b"", b"", b"") if isinstance(fields, Exception) else fields
    return Relatives(
        _ids(before),
        _ids(after),
        again_id if is_again == 1 else "",
        (claim or b"").decode(errors="replace"),
        int(duplicates) if duplicates and duplicates.isdigit() else 0,
        data or b"",
    )


def _ids(answer: Any) -> list[str]:
    if isinstance(answer, ResponseError):
        return []
    return sorted(name.decode(errors="replace").rpartition(":")[2] for name in answer[1])[:MOST]
