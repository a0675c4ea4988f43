"""A delayed or parked job that somebody wants to run at once."""

import clock
from state.engine import jobs
from state.store import connection, keys, scripts


def run_now(job_id: str, queue: str) -> bool:
    """Put a job that waits for a time into its queue; returns whether it waited."""
    return bool(
        _run_now(
            job=keys.job(job_id),
            scheduled=keys.RQ_SCHEDULED + queue,
            queue=keys.queue(queue),
            parked=keys.PARKED,
            wakeups=keys.WAKE,
            events=keys.EVENTS,
            kinds=keys.KINDS,
            now_ms=clock.script_now_ms(),
            now=jobs.rq_time(clock.now()),
            id=job_id,
            hours=keys.HOUR,
        )
    )


@scripts.script("engine/run_now")
def _run_now(
    *,
    job: str,
    scheduled: str,
    queue: str,
    parked: str,
    wakeups: str,
    events: str,
    kinds: str,
    now_ms: str,
    now: str,
    id: str,
    hours: str,
) -> int:
    raise scripts.InLua


def due_s(queue: str, job_id: str) -> float | None:
    """When a delayed job is due (s since 1970); None where it is not delayed."""
    score = connection.client().zscore(keys.RQ_SCHEDULED + queue, job_id)
    return None if score is None else float(score)
