"""What keeps the store tidy and says when something is wrong; each is an entry of the schedule, and all are safe to repeat."""

import dataclasses
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import clock
import queues
from jobs import serp
from state.engine import quarantined, registries, rescues, statistics
from state.store import connection
from topics.operations import status

log = logging.getLogger("trawl.maintenance")

# What comes again within minutes, or changes nothing when it is missed, is not tried again: `retries=0`.

#: How long the record of what was no job is kept.
QUARANTINE_S = 30 * 86400

#: Workers take lost leases back within seconds. What has been lost for so long (s) they missed,
LOST_S = 30.0

#: unless all of them were away until now, and renew what they hold within this time (s).
RENEWED_S = 6.0

#: Figures of `status` that are kept by the hour.
KEPT = ("projects", "keywords", "eligible", "scraped_last_hour", "failed", "queue_depths", "workers", "redis_memory_bytes")


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def sweep() -> dict[str, int]:
    """Free claims whose job is gone, take back leases that no worker took back, prune RQ's lists of what has expired."""
    rescued, expired, gone = _rescue(), registries.prune(queues.QUEUES), registries.forget_workers(queues.QUEUES)
    return {"freed": serp.free_orphans(), "rescued": rescued, "expired": expired, "workers": gone}


def _rescue() -> int:
    if not rescues.lost(LOST_S):
        return 0
    clock.wait(RENEWED_S)
    put_back = rescues.rescue_old(LOST_S)
    if put_back:
        log.warning("Put jobs back whose lease no worker took back", extra={"count": len(put_back), "jobs": put_back[:10]})
    return len(put_back)


@queues.job(queue="low", kind="maintenance", timeout_s=600, retries=3)
def clean_up() -> dict[str, int]:
    """Let go of jobs cancelled a week ago, and of the records of what was no job after 30 days."""
    cancelled = sum(registries.forget_cancelled(name) for name in queues.QUEUES)
    return {"cancelled": cancelled, "quarantined": quarantined.forget(QUARANTINE_S)}


@queues.job(queue="low", kind="maintenance", timeout_s=120, retries=3)
def record_statistics(due_s: int) -> dict[str, Any]:
    """Keep the figures of the hour that ended at `due_s` (seconds since 1970)."""
    figures = {name: value for name, value in dataclasses.asdict(status.now()).items() if name in KEPT}
    statistics.record(datetime.fromtimestamp(due_s, UTC) - timedelta(hours=1), figures)
    return figures


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def check_health() -> dict[str, list[str]]:
    """Log what is unsafe about the store, and what stops work; the result says the same."""
    now = status.now()
    problems = [str(verdict) for verdict in connection.examine() if verdict.grade in ("refused", "warning")]
    problems += [stop.says for stop in now.stops if stop.wrong and stop.name != "redis"]
    for problem in problems:
        log.warning("%s", problem)
    return {"problems": problems}


@queues.job(queue="low", kind="maintenance", timeout_s=120, retries=0)
def compact_store() -> dict[str, Any]:
    """Have Redis rewrite its log and give back freed memory; what it does not allow is said, and nothing else suffers."""
    before = connection.memory_bytes()
    refused = connection.compact()
    for line in refused:
        log.warning("Redis refuses %s", line)
    return {"memory_bytes": before, "refused": refused}
