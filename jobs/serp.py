"""Rank tracking: the batch tick and the check of one keyword."""

from typing import Any

import models
import queues
from state.engine import dedup
from state.tracking import batches, suspects
from topics.tracking import batch, claimed_check, resampling, search

#: One check may fetch 10 pages of at most REQUEST_TIMEOUT each, and wait for a request slot before.
CHECK_TIMEOUT_S = 900


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0, dedup_key="tick:serp", shared=True)
def enqueue_batch(due_s: int | None = None) -> dict[str, Any]:
    """Put up to `SERP_BATCH_SIZE` due keywords into the queues: never scraped → high, the others → default.

    Fair by project weight; each keyword is claimed and queued in one step, so ticks may race or be killed. With `due_s` (seconds
    since 1970: when this tick was due), all ticks of one interval share one batch size. Frees claims whose job is gone before.
    """
    return batch.enqueue(batches.Work(queues.spec_of(track_keyword).path, CHECK_TIMEOUT_S), due_s)


@queues.job(queue="default", kind="serp", timeout_s=CHECK_TIMEOUT_S, retries=0, dedup_key="serp:{keyword_id}", shared=True)
def track_keyword(keyword_id: str, force: bool = False) -> dict[str, Any]:
    """Check one keyword now; returns its outcome. A keyword that failed is due again by its own table: the job has no retries.

    `ranked` or `not_found` with the rank, `unknown` where a mass drop is held as suspect; `skipped_recent` (nothing fetched,
    nothing charged) unless `force`; `in_progress` while another job has it; `gone`, `archived`, `inactive`. `halted`: the
    provider or the store refuses all of us; the keyword stays due and nothing failed. `paused`: the project or the provider is
    paused; the keyword stays due, likewise. A check that fails raises; its next attempt is set by then. The claim is freed in
    every case.
    """
    return claimed_check.run(keyword_id, queues.current_job_id() or dedup.direct_owner(), force=force)


@queues.job(queue="default", kind="serp", timeout_s=3600, retries=3, dedup_key="resample:{project_id}-{day}", shared=True)
def resample(project_id: str, day: str) -> dict[str, Any]:
    """Check a sample of a run that is held as suspect again (YYYY-MM-DD), and release or discard it. Safe to repeat."""
    return resampling.resample(project_id, day, queues.current_job_id() or dedup.direct_owner())


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def tend_suspects() -> dict[str, int]:
    """Have a sample of every run checked that is held as suspect, unless a job is at it."""
    held = suspects.held()
    queues.submit_many([(resample, run.project_id, run.day.isoformat()) for run in held])
    return {"held": len(held)}


@queues.job(queue="high", kind="serp", timeout_s=CHECK_TIMEOUT_S, retries=0)
def search_web(query: str, limit: int = 10, country: str = "us", language: str = "en", location: str = "") -> dict[str, Any]:
    """Search once; the hits are kept under the id of the job. Each page of 10 hits is one request to the provider."""
    return search.run(models.SerpQuery(query, country, language, location=location or None), limit)
