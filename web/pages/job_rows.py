"""Jobs as rows of pages and of their files."""

from datetime import datetime
from typing import Any

import clock
import logs
from models import JobStatus
from topics.operations import job_names, states
from topics.operations.job_records import Job
from web import shapes
from web.pages.tables import Column

COLUMNS = (
    Column("id", "Job"),
    Column("state", "State"),
    Column("kind", "Kind"),
    Column("what", "What"),
    Column("queue", "Queue"),
    Column("attempts", "Attempts", "Executions that failed; of a job that ended, all executions", numeric=True),
    Column("waited_s", "Waited", "From its queue to its start, or until now", numeric=True),
    Column("ran_s", "Ran", numeric=True),
    Column("at", "When", "When it ended; of one that has not, when it was made"),
    Column("message", "Message"),
)


def rows_of(found: list[Job]) -> list[dict[str, Any]]:
    """Jobs as rows: what the page and its files show."""
    return [row_of(job, name) for job, name in zip(found, job_names.of_many(found), strict=True)]


def row_of(job: Job, what: str) -> dict[str, Any]:
    """One job as a row."""
    return {
        "id": job.id,
        "state": job.status.value,
        "kind": job.kind,
        "what": logs.without_secrets(what),
        "queue": job.queue,
        "attempts": job.attempts,
        "waited_s": _waited_s(job),
        "ran_s": job.ran_s if job.ended_at else _since(job.started_at),
        "at": job.ended_at or job.created_at,
        "message": _message(job),
        "retried_as": job.retried_as,
        "percent": shapes.percent(job.progress),
    }


def _message(job: Job) -> str:
    if job.status is JobStatus.PARKED:
        return logs.without_secrets(job.parked_for or "")
    if job.error_message:
        return logs.without_secrets(f"{job.error_category or 'error'}: {job.error_message}")
    if job.error_category:
        return job.error_category
    return job.progress.message if job.progress and job.status not in states.ENDED else ""


def _waited_s(job: Job) -> float | None:
    """From its queue to its start; of one that has not begun until now."""
    if job.enqueued_at is None or job.status in (JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED):
        return None
    if job.status is JobStatus.PENDING:
        return _since(job.enqueued_at)
    return max(0.0, (job.started_at - job.enqueued_at).total_seconds()) if job.started_at else None


def _since(at: datetime | None) -> float | None:
    return max(0.0, (clock.now() - at).total_seconds()) if at else None
