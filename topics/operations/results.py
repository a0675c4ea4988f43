"""What a job returned, in short: of a batch or crawl its pages in figures."""

import json
from typing import Any, NamedTuple

from models import JobStatus
from state.engine import job_results
from state.store import connection
from topics.operations import ledger_jobs
from topics.operations.job_records import Job

#: Characters of a result that are shown; the whole of it is a download.
MOST_SHOWN = 20_000


class Shown(NamedTuple):
    """A result as JSON for people. `is_cut`: there is more of it."""

    text: str
    is_cut: bool = False


def shown(job: Job) -> Shown | None:
    """What a job returned, cut to what people read; None where there is no result, or no more."""
    if job.status is not JobStatus.COMPLETED:
        return None
    with connection.errors_translated():
        found = job_results.of(job.id)
    if found is None:
        return None
    text = json.dumps(found.value, ensure_ascii=False, indent=2)
    return Shown(text[:MOST_SHOWN], len(text) > MOST_SHOWN)


def summary(job: Job) -> Any:
    """Of a batch or crawl how many pages were found, read, skipped and failed; of another job what it returned, {} if nothing."""
    if job.progress and ledger_jobs.is_whole(job):
        counts = job.progress.details
        told = {"pages_found": counts["found"], "pages_done": counts["done"]}
        return told | {f"pages_{name}": sum(counts[name].values()) for name in ("skipped", "failed")}
    with connection.errors_translated():
        found = job_results.of(job.id)
    return found.value if found and found.value is not None else {}
