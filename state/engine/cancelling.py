"""A job that is cancelled: at once where it waits, at its next step where it runs; with it the jobs that it waits for."""

import clock
from state.engine import children, jobs
from state.engine import keys as own_keys
from state.store import keys, scripts


def cancel(job_id: str) -> str | None:
    """Cancel a job that waits, or ask one that runs to stop; returns the state it was in, None where there is no such job.

    Its children are cancelled behind it, also where it was cancelled before: a caller may have died between the two.
    """
    state, count = _cancel(
        job=keys.job(job_id),
        results=keys.results(job_id),
        leases=keys.LEASES,
        namespaces=keys.CLAIM_NAMESPACES,
        parked=keys.PARKED,
        events=keys.EVENTS,
        kinds=keys.KINDS,
        children=own_keys.children(job_id),
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        id=job_id,
        keep_s=keys.FAILURE_TTL_S,
        rq=keys.RQ,
        hours=keys.HOUR,
        owned=keys.OWNED,
    )
    was = state.decode() if state else None
    if count and was in children.CANCELLABLE:
        for child in children.going_on(job_id):
            cancel(child)
    return was


@scripts.script("engine/cancel")
def _cancel(
    *,
    job: str,
    results: str,
    leases: str,
    namespaces: str,
    parked: str,
    events: str,
    kinds: str,
    children: str,
    now_ms: str,
    now: str,
    id: str,
    keep_s: int,
    rq: str,
    hours: str,
    owned: str,
) -> tuple[bytes | None, int]:
    raise scripts.InLua
