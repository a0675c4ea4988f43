"""Workers that live, and what the queues hold."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.operations import workers
from web.answers import Listed, ListQuery, Moment, Reply, part, reply
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "workers",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="workers", description="Who does the work, and where it waits.")],
    abp_responses=RESPONSES,
)


class WorkerPath(Strict):
    """The worker of a route."""

    worker: str = Field(max_length=300)


class Asked(Reply):
    """A worker that was asked to end after its jobs."""

    worker: str


class WorkerView(Reply):
    """A worker process that gave a sign of life lately. `places`: jobs that it runs at a time; `draining`: it takes no more."""

    worker: str
    queues: str
    busy: bool
    memory_mb: int | None
    jobs_done: int
    worked_s: float
    heard_s_ago: float | None
    host: str
    pid: int | None
    version: str
    started_at: Moment | None
    places: int | None
    draining: bool


class QueueView(Reply):
    """A queue: jobs that wait, are blocked by a limit, or are due by their time; and how many workers serve it."""

    queue: str
    jobs: int
    blocked: int
    due: int
    waiting_since: Moment | None
    workers: int


@api.get("/workers", responses={200: Listed[WorkerView]})
def list_workers(query: ListQuery) -> Response:
    """List the workers that live, by name."""
    return part(Listed[WorkerView], workers.living(), lambda row: str(row["worker"]), query)


@api.post("/workers/<worker>/stop", responses={202: Asked})
def stop_worker(path: WorkerPath) -> Response:
    """Ask a worker to take no more jobs, and to end after those that it runs; where a supervisor tends it, another one starts.

    What does not end within SHUTDOWN_TIMEOUT goes back into its queue, unspent. 404: no such worker lives. Safe to repeat.
    """
    workers.stop(path.worker)
    return reply(Asked, {"worker": path.worker}, 202)


@api.get("/queues", responses={200: Listed[QueueView]})
def list_queues(query: ListQuery) -> Response:
    """Show what each queue holds, and how many workers serve it."""
    return part(Listed[QueueView], workers.of_queues(), lambda row: str(row["queue"]), query)
