"""All the work in one look: queues, kinds, errors, hosts, schedule, workers."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.operations import overview
from topics.operations.overview import Overview
from web.answers import Moment, Reply, reply
from web.api.pauses import PauseView
from web.errors import RESPONSES

api = APIBlueprint(
    "system",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="status", description="How the system is.")],
    abp_responses=RESPONSES,
)


class QueueFlowView(Reply):
    """A queue. `came` and `left`: jobs a minute, of the last 15. `empty_in_s` null: it does not shrink."""

    name: str
    waiting: int
    blocked: int
    since: Moment | None = Field(description="Since when the job waits that has waited for longest, blocked or not.")
    came: float
    left: float
    running: int
    places: int | None = Field(description="Jobs that the workers which serve it run at a time.")
    workers: int
    paused: PauseView | None
    empty_in_s: float | None


class KindView(Reply):
    """A kind of jobs; ended ones are those of this hour and the last."""

    name: str
    running: int
    limit: int | None
    completed: int
    failed: int
    p50_s: float | None
    p95_s: float | None
    paused: PauseView | None


class ErrorView(Reply):
    """Jobs of a kind that failed in 24 hours with errors of that category, and attempts that were tried again."""

    kind: str
    category: str
    failed: int
    retried: int


class HostErrorView(Reply):
    """A host's requests of this hour and the last: those that failed, of how many, and how."""

    host: str
    failed: int
    requests: int
    outcomes: dict[str, int]


class NextView(Reply):
    """An entry of the schedule that comes next."""

    name: str
    at: Moment


class ScheduleView(Reply):
    """The schedule; counts are those of 24 hours."""

    entries: int
    late: list[str]
    off: list[str]
    missed: int
    skipped: int
    began_late: int
    next: list[NextView]


class CreditsView(Reply):
    """What the provider's account held when it was asked last."""

    provider: str
    remaining: float
    monthly: float
    page: float
    at: Moment


class OverviewView(Reply):
    """All the work of one moment. `credits` null: nobody asked the provider in the last day."""

    at: Moment
    workers: int
    busy: int
    running: int = Field(description="All running jobs. By queue and kind only the first thousand are told apart.")
    queues: list[QueueFlowView]
    kinds: list[KindView]
    errors: list[ErrorView]
    hosts: list[HostErrorView]
    schedule: ScheduleView
    credits: CreditsView | None


@api.get("/overview", responses={200: OverviewView})
def show_overview() -> Response:
    """All the work in one look: queues with their rates, kinds, errors of 24 hours, hosts, schedule, workers. Reads only."""
    return reply(OverviewView, _facts(overview.look()))


def _facts(seen: Overview) -> dict[str, Any]:
    found = {name: getattr(seen, name) for name in OverviewView.model_fields if name != "schedule"}
    schedule = {name: getattr(seen.schedule, name) for name in ScheduleView.model_fields if name != "next"}
    return {**found, "schedule": {**schedule, "next": [{"name": name, "at": at} for name, at in seen.schedule.next]}}
