"""Checks as a whole: a batch now, fetching after a halt, ranks of a day computed anew from stored pages."""

from datetime import date
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from jobs import serp, tracking
from state.tracking import batches, halts
from topics.tracking import batch, days, projects
from web.answers import Reply, reply, submitted
from web.errors import RESPONSES
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "serp",
    __name__,
    url_prefix="/api/v1/serp",
    abp_tags=[Tag(name="serp", description="Checks of result pages as a whole.")],
    abp_responses=RESPONSES,
)


class BatchView(Reply):
    """What a tick did: `enqueued`, `held_back` (the queues are full), `halted` or `paused` with its reason. `freed`: claims."""

    outcome: Literal["enqueued", "held_back", "halted", "paused"]
    reason: str | None = None
    total: int = 0
    high: int = 0
    default: int = 0
    projects: int = 0
    freed: int = 0
    ms: int = 0


class FetchingResumed(Reply):
    """Whether fetching was halted, and why."""

    was_halted: bool
    reason: str | None


class Day(Strict):
    """Which day, and of which project."""

    day: date | None = Field(None, description="Default: today, in the zone of the project.")
    project_id: str | None = Field(None, max_length=200, description="Default: all projects.")


@api.post("/batch", responses={200: BatchView})
def queue_batch() -> Response:
    """Put the due keywords into the queues now: one tick of the scheduler, up to SERP_BATCH_SIZE. Safe to repeat."""
    work = batches.Work(queues.spec_of(serp.track_keyword).path, serp.CHECK_TIMEOUT_S)
    return reply(BatchView, BatchView(**batch.enqueue(work, None, may_ask=False)))


@api.post("/resume", responses={200: FetchingResumed})
def resume_fetching() -> Response:
    """Fetch again after a halt, e.g. once the token is corrected or credits were bought. Safe to repeat."""
    halt = halts.halted()
    return reply(FetchingResumed, {"was_halted": halts.resume(), "reason": halt.reason if halt else None})


@api.post("/reparse", responses={202: SubmittedModel})
def reparse_day(body: Day) -> Response:
    """Compute the ranks of a day anew from its stored pages, by a job; nothing is fetched. Safe to repeat."""
    project_id = projects.named(body.project_id).id if body.project_id is not None else None
    day = body.day or days.today_of(project_id)
    labels = {"project": project_id} if project_id else {}
    return reply(SubmittedModel, submitted(queues.submit(tracking.reparse_day, day.isoformat(), project_id, labels=labels)), 202)
