"""A job that is cancelled: at once where it waits, at its next step where it runs."""

import clock
from state.engine import jobs
from state.store import keys, scripts


def cancel(job_id: str) -> str | None:
    """Cancel a job that waits, or ask one that runs to stop; returns the state it was in, None where there is no such job."""
    state = _cancel(
        job=keys.job(job_id),
        results=keys.results(job_id),
        leases=keys.LEASES,
        namespaces=keys.CLAIM_NAMESPACES,
        parked=keys.PARKED,
        events=keys.EVENTS,
        kinds=keys.KINDS,
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        id=job_id,
        keep_s=keys.FAILURE_TTL_S,
        rq=keys.RQ,
        hours=keys.HOUR,
        owned=keys.OWNED,
    )
    return state.decode() if state else None


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
    now_ms: str,
    now: str,
    id: str,
    keep_s: int,
    rq: str,
    hours: str,
    owned: str,
) -> bytes | None:
    raise scripts.InLua
