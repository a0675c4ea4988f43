"""Cancelling, by any of the routes that do it."""

from typing import Any

from pydantic import BaseModel

from models import JobStatus
from topics.operations import jobs, states
from topics.operations.job_records import Job
from web import errors, seen
from web.errors import Problem


class CancelledModel(BaseModel):
    """What became of a cancel. `cancelled` false: it ends at its next step."""

    id: str
    job_id: str
    status: str
    state: str
    cancelled: bool
    message: str


#: What a route that cancels may answer.
RESPONSES: dict[Any, Any] = {200: CancelledModel, 202: CancelledModel, 409: errors.RESPONSES[409]}


def cancel(job_id: str) -> Any:
    """Cancel a job, batch or crawl: 200 where it is, 202 where it stops at its next step. Raises NotFound, Problem 409."""
    found = seen.job(job_id)
    if found.status in states.ENDED and found.status is not JobStatus.CANCELLED:
        detail = f"{job_id} is {found.status} already: there is nothing to cancel."
        raise Problem(409, detail, code="already_ended", job_id=job_id, job_status=found.status.value, state=found.state)
    if found.status is not JobStatus.CANCELLED or found.kept:  # what it waits for may go on, where a caller died
        jobs.cancel_job(job_id)
        found = seen.job(job_id)
    return told(found), 200 if found.status in states.ENDED else 202


def told(found: Job) -> dict[str, Any]:
    """What is said of a job that was to be cancelled."""
    is_over = found.status is JobStatus.CANCELLED
    says = (
        "It is cancelled."
        if is_over
        else "It stops at its next step, or is interrupted within seconds."
        if found.cancel_asked
        else f"It is {found.status}."
    )
    words = {"status": found.status.value, "state": found.state}
    return {"id": found.id, "job_id": found.id, **words, "cancelled": is_over, "message": says}
