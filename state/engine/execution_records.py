"""What the store knows of a running execution: RQ's record of it, and how far its job is."""

from collections.abc import Mapping, Sequence

import clock
from state.engine import keys as own_keys
from state.engine.leases import Leased
from state.store import keys, scripts


def write_records(worker: str, began: Mapping[str, float]) -> int:
    """Write RQ's records of the executions of jobs that run on: lease → when it began (s since 1970). Says how many still ran."""
    pairs = [word for lease, at in began.items() for word in (lease, f"{at:.3f}")]
    return _write_executions(
        leases=keys.LEASES,
        now_ms=clock.script_now_ms(),
        worker=worker,
        rq=keys.RQ,
        began=pairs,
    )


@scripts.script("engine/write_executions")
def _write_executions(
    *,
    leases: str,
    now_ms: str,
    worker: str,
    rq: str,
    began: Sequence[str],
) -> int:
    raise scripts.InLua


def write_progress(job: Leased, text: str) -> tuple[bool, bool]:
    """Write a job's progress (JSON) if its lease still holds; says whether it does, and whether the job was asked to stop."""
    answer = _progress(
        leases=keys.LEASES,
        job=keys.job(job.id),
        followed=keys.FOLLOWED,
        live=own_keys.LIVE,
        kinds=keys.KINDS,
        id=job.id,
        lease=job.lease,
        progress=text,
    )
    return answer != b"lost", answer == b"stop"


@scripts.script("engine/progress")
def _progress(*, leases: str, job: str, followed: str, live: str, kinds: str, id: str, lease: str, progress: str) -> bytes:
    raise scripts.InLua
