"""A task and the queue in Celery's words: `state`, `progress`, and a `status` for people."""

from collections.abc import Iterable
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from models import JobStatus
from state.store import connection
from topics.operations import listing, results
from topics.operations.job_records import Job
from web import seen, shapes
from web.models import Strict

api = APIBlueprint("crawl_status", __name__, url_prefix="/api/crawl", abp_tags=[Tag(name="task status")])

#: Tasks that are named, of each sort.
MOST = 1000


class TaskPath(Strict):
    """The id of a task."""

    task_id: str = Field(max_length=1000)


class TaskStatus(BaseModel):
    """`state`: PENDING, PROGRESS, SUCCESS, FAILURE or REVOKED. `progress` (%) while it runs, `result` when it succeeded."""

    model_config = ConfigDict(extra="allow")

    state: str
    status: str


class QueueStats(BaseModel):
    """Tasks that run, by worker; those that wait for a time, by queue; those that a worker has taken ahead, by worker."""

    active_tasks: dict[str, list[dict[str, Any]]]
    scheduled_tasks: dict[str, list[dict[str, Any]]]
    reserved_tasks: dict[str, list[dict[str, Any]]]


@api.get("/status/<task_id>", responses={200: TaskStatus})
def status(path: TaskPath) -> Any:
    """How a task is. An unknown id is 404, never PENDING."""
    job = seen.job(path.task_id)
    told = {"state": job.state, "status": _says(job)}
    if job.status is JobStatus.RUNNING:
        return {"state": job.state, "progress": round(shapes.job(job)["progress_percentage"] or 0), "status": told["status"]}
    if job.status is JobStatus.COMPLETED:
        return {**told, "result": _result(job)}
    return told


@api.get("/queue-stats", responses={200: QueueStats})
def queue_stats() -> Any:
    """Tasks that run, wait for a time, or are taken ahead; at most 1,000 of each."""
    with connection.errors_translated():
        held = listing.held(MOST)
        delayed = listing.list_jobs([JobStatus.SCHEDULED, JobStatus.RETRY, JobStatus.PARKED], MOST).jobs
    running = [job for job in held if job.status is JobStatus.RUNNING]
    return {
        "active_tasks": _by("worker", running),
        "scheduled_tasks": _by("queue", delayed),
        "reserved_tasks": _by("worker", [job for job in held if job.status is JobStatus.PENDING]),
    }


def _by(name: str, jobs: Iterable[Job]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for job in jobs:
        if seen.may(job):
            eta = {"eta": shapes.when(job.parked_until)} if job.parked_until else {}
            found.setdefault(getattr(job, name) or "unknown", []).append({"name": shapes.task_of(job), "id": job.id, **eta})
    return found


def _says(job: Job) -> str:
    """Where a task is, for people."""
    if job.status is JobStatus.RUNNING:
        return (job.progress.message if job.progress else "") or "Task is running"
    if job.status is JobStatus.FAILED:
        return shapes.job(job)["error_message"] or (job.progress.message if job.progress else "") or "Task failed"
    if job.status in (JobStatus.PENDING, JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED):
        return WAITS[job.status] + (f": {job.parked_for}" if job.parked_for else "")
    return "Task completed!" if job.status is JobStatus.COMPLETED else "Task was cancelled"


WAITS = {
    JobStatus.PENDING: "Task is waiting in the queue",
    JobStatus.RETRY: "Task failed and waits for its next attempt",
    JobStatus.SCHEDULED: "Task waits for its time",
    JobStatus.PARKED: "Task waits",
}


def _result(job: Job) -> dict[str, Any]:
    found = results.summary(job)
    return {"status": "completed", **(found if isinstance(found, dict) else {"value": found})}
