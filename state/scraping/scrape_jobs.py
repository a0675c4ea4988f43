"""What is asked of the jobs of scrapes."""

from collections.abc import Sequence

from state.store import connection, keys


def attempts_of(job_id: str) -> int:
    """How often a job failed so far; 0 where there is no such job."""
    return int(connection.client().hget(keys.job(job_id), "attempt") or 0)


def owner_of(job_id: str) -> str:
    """Who owns a job; "" = nobody, or there is no such job."""
    return (connection.client().hget(keys.job(job_id), "owner") or b"").decode(errors="replace")


def state_of(job_id: str) -> tuple[str, str, str] | None:
    """RQ's status of a job, why it is parked ("" = it is not), and its last error; None where there is no such job."""
    return states_of([job_id])[0]


def states_of(job_ids: Sequence[str]) -> list[tuple[str, str, str] | None]:
    """The same of several jobs, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.hmget(keys.job(job_id), "status", "parked", "error_message")
        rows = pipe.execute() if job_ids else []
    return [_texts(row) if row[0] is not None else None for row in rows]


def _texts(row: Sequence[bytes | None]) -> tuple[str, str, str]:
    status, parked, message = ((value or b"").decode(errors="replace") for value in row)
    return status, parked, message
