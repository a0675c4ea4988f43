"""What keeps the store tidy and says when something is wrong; each is an entry of the schedule, and all are safe to repeat.

What comes again within minutes, or changes nothing when it is missed, is not tried again: `retries=0`.
"""

from typing import Any

import queues
from state.engine import limits, registries
from topics.operations import job_cleaning, maintenance
from topics.tracking import claims
from topics.upkeep import checking, cleaning, figures, optimizing, reports


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def sweep() -> dict[str, int]:
    """Free claims whose job is gone, take back leases that no worker took back, prune RQ's lists, pack the history of jobs."""
    rescued, expired = maintenance.rescue_missed(), registries.prune(queues.QUEUES)
    gone = registries.forget_workers(queues.QUEUES)
    limits.forget_ended()
    return {
        "freed": claims.free_orphans(),
        "rescued": rescued,
        "expired": expired,
        "workers": gone,
        "packed": maintenance.pack_history(),
    }


@queues.job(queue="low", kind="maintenance", timeout_s=3600, retries=3)
def clean_up(older_than_days: float | None = None) -> dict[str, Any]:
    """Let go of what has expired: cancelled jobs, records of what was no job, the oldest history, sessions that are over.

    With an age also of jobs that ended so many days ago: their records and results, and what they left elsewhere.
    """
    return reports.as_dict(cleaning.clean_up(older_than_days, queues.progress))


@queues.job(queue="low", kind="maintenance", timeout_s=3600, retries=3)
def delete_old_jobs(days: float) -> dict[str, Any]:
    """Delete jobs that ended so many days ago: records and results, what they left elsewhere, and their history."""
    removed = job_cleaning.cleanup_old_jobs(days, queues.progress)
    return {"records": removed.records, "history": removed.history}


@queues.job(queue="low", kind="maintenance", timeout_s=120, retries=3)
def record_statistics(due_s: int | None = None) -> dict[str, Any]:
    """Keep the figures of the hour that ended at `due_s` (s since 1970; None: the last one), and say how the store grows."""
    return reports.as_dict(figures.record(due_s))


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def check_health() -> dict[str, Any]:
    """Say how the system is; log what is unsafe about the store, and what stops work. The result says the same."""
    return reports.as_dict(checking.check())


@queues.job(queue="low", kind="maintenance", timeout_s=3600, retries=0)
def compact_store() -> dict[str, Any]:
    """Repair what lost its other half, have Redis rewrite its log and give back freed memory, and say what takes the room."""
    return reports.as_dict(optimizing.optimize())
