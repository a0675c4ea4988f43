"""The queues in one look: `/queue/status`."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict

from topics.operations import workers
from web import shapes

api = APIBlueprint("queue_status", __name__, abp_tags=[Tag(name="queues", description="What waits, and who serves it.")])


class QueueStatus(BaseModel):
    """Tasks that run, jobs that wait by queue (delayed ones when due, blocked ones too), and the workers that live."""

    model_config = ConfigDict(extra="allow")

    active_tasks: int
    queue_lengths: dict[str, int]
    total_waiting: int
    queues: list[dict[str, Any]]
    workers: int
    busy_workers: int


@api.get("/queue/status", responses={200: QueueStatus})
def status() -> Any:
    """Active tasks and queue lengths."""
    seen = workers.look()
    lengths = {row["queue"]: row["jobs"] + row["blocked"] + row["due"] for row in seen.queues}
    return {
        "active_tasks": seen.running,
        "queue_lengths": lengths,
        "total_waiting": sum(lengths.values()),
        "queues": shapes.plain(seen.queues),
        "workers": len(seen.workers),
        "busy_workers": sum(row["busy"] for row in seen.workers),
    }
