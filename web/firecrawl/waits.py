"""Requests that wait for their job: each holds a thread, so there is a bound for all of them."""

from contextlib import suppress
from typing import Any

import clock
import errors as trawl
from models import Submission
from state.store import connection
from topics.operations import jobs
from topics.operations.job_records import Job
from topics.scraping import stored
from web import budget, hub
from web.errors import Problem
from web.firecrawl import errors

#: No request waits for longer (s), whatever it asks for; and each looks once at least, so long after it came (s).
MOST_S, LOOK_S = 300.0, 0.05

#: Where a scrape is asked for again, and any other job.
SCRAPE, JOB = "/v2/scrape/{id}", "/api/v1/jobs/{id}/result"

#: A server that ends is back by then (s).
RESTART_S = 5


def result_of(made: Submission, timeout_s: float, route: str = SCRAPE) -> dict[str, Any] | Job:
    """What a job kept as its result, or the job as it failed. Raises Problem 408 where it is not over in time, with the reason.

    The job goes on then, and `route` has its result later. Raises Problem 429 where too many requests wait.
    """
    job_id, later = made.job_id, route.format(id=made.job_id)
    timeout_s = min(timeout_s, MOST_S)
    with budget.waiting():
        is_over = hub.hub().wait(job_id, timeout_s)
    if not is_over and hub.hub().is_stopped:
        said = f"The server ends; the scrape goes on, and GET {later} has its result when it is back."
        raise Problem(503, said, headers={"Retry-After": str(RESTART_S)}, code="server_stopping")
    if not is_over:
        said = f"It was not over within {timeout_s:g} s; it goes on, and GET {later} has its result later."
        raise errors.refused(" ".join([said, *_reasons(job_id), *made.warnings]), "SCRAPE_TIMEOUT", status=408)
    return _kept(job_id)


def _reasons(job_id: str) -> list[str]:
    """What a job waits for, as far as it says so: a moment at its host, robots.txt, a limit."""
    with suppress(trawl.TrawlError):
        job = jobs.get_job_status(job_id)
        said = job.parked_for or (job.progress.message if job.progress else "") or job.error_message or ""
        return [f"It waits: {said.rstrip('.')}."] if said else []
    return []


def _kept(job_id: str) -> dict[str, Any] | Job:
    """A result is written before its job ends; so a job without one failed."""
    with connection.errors_translated():
        record = stored.result(job_id)
    if record is not None:
        return record
    try:
        return jobs.get_job_status(job_id)
    except trawl.NotFound:
        raise errors.refused("Job not found", "NOT_FOUND", status=404) from None


def left_s(began: float, timeout_s: float) -> float:
    """What is left of a time, at least a moment."""
    return max(LOOK_S, timeout_s - (clock.monotonic() - began))
