"""A job that waits is moved to another queue: at once, so that it stands in one of them at any time."""

from collections.abc import Sequence

from state.store import keys, scripts


def move(job_ids: Sequence[str], queue: str) -> list[str]:
    """Move jobs to a queue, in one round trip; what became of each: moved, there, running, ended, gone or away (lua/move.lua)."""
    calls = [
        _move.call(
            job=keys.job(job_id),
            leases=keys.LEASES,
            queues=keys.RQ_QUEUES,
            wakeups=keys.WAKE,
            id=job_id,
            to=queue,
            rq=keys.RQ,
        )
        for job_id in job_ids
    ]
    return [reply.decode() for reply in scripts.run_together(calls)]


@scripts.script("engine/move")
def _move(*, job: str, leases: str, queues: str, wakeups: str, id: str, to: str, rq: str) -> bytes:
    raise scripts.InLua
