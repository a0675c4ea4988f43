"""What keeps the store tidy and says when something is wrong; each is an entry of the schedule, and all are safe to repeat.

What comes again within minutes, or changes nothing when it is missed, is not tried again: `retries=0`.
"""

from typing import Any

import config
import queues
from state.engine import history, owned, quarantined, registries
from topics.access import tidying
from topics.operations import history as past
from topics.operations import maintenance
from topics.tracking import claims

#: How long the record of what was no job is kept.
QUARANTINE_S = 30 * 86400


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def sweep() -> dict[str, int]:
    """Free claims whose job is gone, take back leases that no worker took back, prune RQ's lists, pack the history of jobs."""
    rescued, expired = maintenance.rescue_missed(), registries.prune(queues.QUEUES)
    gone = registries.forget_workers(queues.QUEUES)
    return {
        "freed": claims.free_orphans(),
        "rescued": rescued,
        "expired": expired,
        "workers": gone,
        "packed": maintenance.pack_history(),
    }


@queues.job(queue="low", kind="maintenance", timeout_s=600, retries=3)
def clean_up() -> dict[str, int]:
    """Let go of jobs cancelled a week ago, of the records of what was no job after 30 days, and of the oldest history.

    Jobs that RQ's own tools cancelled or deleted leave the lists of their owners; pages of quotas that jobs left are given back.
    """
    cancelled = sum(registries.forget_cancelled(name) for name in queues.QUEUES)
    settings = config.settings()
    forgotten = history.trim(settings.history_days, settings.history_max)
    return {
        "cancelled": cancelled,
        "quarantined": quarantined.forget(QUARANTINE_S),
        "history": forgotten,
        "unlisted": owned.prune(),
        "access": tidying.tidy(),
    }


@queues.job(queue="low", kind="maintenance", timeout_s=3600, retries=3)
def delete_old_jobs(days: float) -> dict[str, Any]:
    """Delete jobs that ended so many days ago: records and results, what they left elsewhere, and their history."""
    removed = past.cleanup_old_jobs(days, queues.progress)
    return {"records": removed.records, "history": removed.history}


@queues.job(queue="low", kind="maintenance", timeout_s=120, retries=3)
def record_statistics(due_s: int) -> dict[str, Any]:
    """Keep the figures of the hour that ended at `due_s` (seconds since 1970)."""
    return maintenance.keep_figures(due_s)


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def check_health() -> dict[str, list[str]]:
    """Log what is unsafe about the store, and what stops work; the result says the same."""
    return {"problems": maintenance.log_problems()}


@queues.job(queue="low", kind="maintenance", timeout_s=120, retries=0)
def compact_store() -> dict[str, Any]:
    """Have Redis rewrite its log and give back freed memory; what it does not allow is said, and nothing else suffers."""
    return maintenance.compact_store()
