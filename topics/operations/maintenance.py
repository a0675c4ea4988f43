"""What keeps the store tidy and says when something is wrong. All of it is safe to repeat."""

import dataclasses
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import clock
from state.engine import history, rescues, statistics
from state.store import connection
from topics.operations import status

log = logging.getLogger("trawl.maintenance")

#: Leases that ended so long ago (s) were missed by the workers, who take lost leases back within seconds.
LOST_S = 30.0

#: Wait this long (s) before leases are taken back: all workers may just have come back, and still renew what they hold.
RENEWED_S = 6.0

#: Figures of `status` that are kept by the hour.
KEPT = ("projects", "keywords", "eligible", "scraped_last_hour", "failed", "queue_depths", "workers", "redis_memory_bytes")


def rescue_missed() -> int:
    """Take back leases that ended and that no worker took back; returns how many jobs are queued again."""
    if not rescues.lost(LOST_S):
        return 0
    clock.wait(RENEWED_S)
    put_back = rescues.rescue_old(LOST_S)
    if put_back:
        log.warning("Put jobs back whose lease no worker took back", extra={"count": len(put_back), "jobs": put_back[:10]})
    return len(put_back)


def pack_history() -> int:
    """Move jobs that ended from the stream of events into the history; returns how many. A broken key holds up nothing else."""
    try:
        return history.pack()
    except connection.ResponseError as exc:
        log.warning("The history of jobs cannot be packed: %s", exc)
        return 0


def pack_long_history() -> int:
    """Pack the history if it grew long, which a scheduler would not have let happen; one worker at a time does it.

    Without it, the stream of events would drop what it has no room for. Returns how many jobs were packed.
    """
    try:
        packed = pack_history() if history.is_long() else 0
        if history.is_full():
            says = "More jobs end than are packed into the history: the oldest of them will not be in it. A scheduler packs them."
            log.warning("%s", says, extra={"packed": packed})
    except connection.ResponseError as exc:  # somebody broke the key: `status` names it
        log.warning("The history of jobs cannot be looked at: %s", exc)
        return 0
    return packed


def keep_figures(until_s: int) -> dict[str, Any]:
    """Keep the figures of the hour that ended at `until_s` (seconds since 1970)."""
    figures = {name: value for name, value in dataclasses.asdict(status.now()).items() if name in KEPT}
    statistics.record(datetime.fromtimestamp(until_s, UTC) - timedelta(hours=1), figures)
    return figures


def log_problems() -> list[str]:
    """Log what is unsafe about the store, and what stops work; returns the same lines."""
    problems = [str(verdict) for verdict in connection.examine() if verdict.grade in ("refused", "warning")]
    problems += [stop.says for stop in status.now().stops if stop.wrong and stop.name != "redis"]
    for problem in problems:
        log.warning("%s", problem)
    return problems
