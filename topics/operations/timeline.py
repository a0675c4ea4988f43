"""What happened to a job, one span after another: it waited, it ran, it waited for another attempt, it ended."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import wording
from models import JobStatus
from topics.operations import states
from topics.operations.attempts import Attempt
from topics.operations.job_records import Job

#: What a job waits for, by its state.
WAITS = {
    JobStatus.PENDING: "waits",
    JobStatus.SCHEDULED: "delayed",
    JobStatus.RETRY: "waits for its next attempt",
    JobStatus.PARKED: "parked",
}


class Span(NamedTuple):
    """A part of a job's life. `until` None: it goes on, or was a moment. `is_now`: it goes on."""

    what: str
    says: str
    since: datetime | None
    until: datetime | None = None
    is_now: bool = False

    @property
    def length_s(self) -> float | None:
        """How long it took."""
        return max(0.0, (self.until - self.since).total_seconds()) if self.since and self.until else None


def of(job: Job, found: Sequence[Attempt], parked_since: datetime | None = None) -> list[Span]:
    """The spans of a job by its record and its attempts, the first one first. What nobody wrote down is left out."""
    spans = [Span("submitted", f"to {job.queue}" if job.queue else "", job.created_at)] if job.created_at else []
    missing = job.attempts - sum(one.how != "running" for one in found)
    if missing > 0 and len(found) > 1:
        spans.append(Span("earlier attempts", f"{wording.pluralize(missing, 'attempt')} of before are not kept", None))
    spans += _attempts(job, found)
    last = found[-1].ended if found else job.created_at
    if job.status in WAITS:
        since = parked_since if job.status is JobStatus.PARKED and parked_since else last
        spans.append(Span(WAITS[job.status], _why(job), since, is_now=True))
    elif job.status is JobStatus.RUNNING and not (found and found[-1].how == "running"):
        spans.append(Span("running", f"on {job.worker}" if job.worker else "", job.started_at, is_now=True))
    if job.status in states.ENDED:
        spans.append(Span(job.status.value, _end(job), job.ended_at))
    return spans


def _attempts(job: Job, found: Sequence[Attempt]) -> Iterator[Span]:
    before, says = job.created_at, f"in {job.queue}" if job.queue else ""
    for number, attempt in enumerate(found, 1):
        if before and attempt.began and attempt.began > before:
            yield Span("waited", says, before, attempt.began)
        where = f" on {attempt.worker}" if attempt.worker else ""
        is_now = attempt.how == "running"
        yield Span(f"attempt {number}", f"{attempt.how}{where}", attempt.began or attempt.ended, attempt.ended, is_now)
        before = attempt.ended or attempt.began or before
        says = _between(attempt)


def _between(attempt: Attempt) -> str:
    if attempt.retry_in_s is not None:
        return f"{wording.duration(attempt.retry_in_s)} until it might be tried again, then in its queue"
    return {"parked": f"parked: {attempt.message}" if attempt.message else "parked", "crashed": "put back into its queue"}.get(
        attempt.how, "in its queue"
    )


def _why(job: Job) -> str:
    if job.status is JobStatus.PARKED:
        return job.parked_for or ""
    return f"in {job.queue}" if job.queue else ""


def _end(job: Job) -> str:
    return job.error_message or "" if job.status is JobStatus.FAILED else ""
