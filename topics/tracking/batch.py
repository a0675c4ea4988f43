"""The tick: keywords that are due come into the queues, as far as the queues have room."""

import logging
from typing import Any

import clock
import config
import queues
from state.engine import limits, pauses
from state.tracking import batches, halts
from topics.tracking import account, claims

log = logging.getLogger("trawl.serp")

#: Where a big project filled the queues, one part in so many beyond their depth is for those with next to nothing in them.
SPARE = 5


def enqueue(work: batches.Work, due_s: int | None, *, may_ask: bool = True) -> dict[str, Any]:
    """Queue a job for each due keyword, up to `SERP_BATCH_SIZE`. `due_s`: ticks of one interval share one batch size.

    Claims whose job is gone are freed before. While fetching is halted, or the provider paused, nothing is queued. `may_ask`: the
    provider may be asked whether a halt can end, which takes seconds.
    """
    started = clock.monotonic()
    freed = claims.free_orphans()
    halt = halts.halted()
    if halt and not (may_ask and account.goes_on(halt)):
        log.info("No batch: %s", halt.reason, extra={"provider": halt.provider, "since": halt.since.isoformat()})
        return {"outcome": "halted", "reason": halt.reason, "freed": freed}
    pause = pauses.why([pauses.of_provider()])
    if pause:
        log.info("No batch: the %s is %s", pause.what, pause.says)
        return {"outcome": "paused", "reason": pause.says, "freed": freed}
    batch = _take(work, due_s)
    return _logged(batch, freed, round((clock.monotonic() - started) * 1000))


def _logged(batch: batches.Batch, freed: int, ms: int) -> dict[str, Any]:
    counts = {"total": batch.total, "high": batch.high, "default": batch.default, "projects": batch.projects, "freed": freed}
    log.info("Enqueued batch of %d", batch.total, extra={**counts, "held_back": batch.held_back, "ms": ms})
    return {"outcome": "held_back" if batch.held_back else "enqueued", **counts, "ms": ms}


def _take(work: batches.Work, due_s: int | None) -> batches.Batch:
    settings = config.settings()
    blocked = sum(limits.blocked((queues.HIGH, queues.DEFAULT)).values())
    return batches.take(
        settings.serp_batch_size,
        work,
        max_depth=settings.serp_max_queue_depth - blocked,
        spare=settings.serp_max_queue_depth // SPARE,
        allowance=None if due_s is None else _allowance(due_s),
    )


def _allowance(due_s: int) -> batches.TickAllowance:
    """What all ticks of the interval in which `due_s` lies may take together."""
    settings = config.settings()
    interval_s = settings.serp_enqueue_interval
    return batches.TickAllowance(due_s // interval_s, settings.serp_batch_size, 2 * interval_s)
