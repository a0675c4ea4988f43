"""How the system is: the figures of this moment, those of the last hours, the checks before a start, the doctor's first look."""

from contextlib import nullcontext
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from doctor import checks, examination
from state.engine import statistics
from topics.operations import status
from web import access, budget
from web.access import Role
from web.answers import Listed, Moment, Reply, listed, reply
from web.api.limits import LimitView
from web.api.project_models import Stop
from web.errors import RESPONSES, Problem
from web.models import Strict

api = APIBlueprint(
    "status",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="status", description="How the system is.")],
    abp_responses=RESPONSES,
)


class StopView(Stop):
    """What stops all work or a part of it. `queue`: the queue that stands still; null = all, or none."""

    queue: str | None


class StatusView(Reply):
    """Figures of one moment. `sandbox`: the ranks are invented. `scheduler_beat` null: no scheduler runs."""

    at: Moment
    projects: int
    keywords: int
    processing: int
    eligible: int
    scraped_last_hour: int
    failed: int
    queue_depths: dict[str, int]
    limits: list[LimitView]
    workers: int
    busy_workers: int
    scheduler_beat: Moment | None
    halted: str | None
    redis_memory_bytes: int | None
    provider: str
    sandbox: bool
    missed_last_hour: int
    late_last_hour: int
    stops: list[StopView]
    blocked: dict[str, int] = Field(description="Kind whose limit is reached: jobs that wait for it.")
    parked: dict[str, int] = Field(description="Reason: jobs that wait until a moment.")


class HoursQuery(Strict):
    """How far back."""

    hours: int = Field(24, ge=1, le=90 * 24)


class HourView(Reply):
    """The figures kept of an hour; null where they were not kept then."""

    hour: Moment
    keywords: int | None = None
    eligible: int | None = None
    scraped_last_hour: int | None = None
    failed: int | None = None
    workers: int | None = None


class CheckQuery(Strict):
    """Whom to ask."""

    outside: bool = Field(
        False, description="Ask the provider and the object storage, too; that may take a minute. For operators."
    )


class SystemCheck(Reply):
    """A check. `ok` null: not checked, because another thing failed."""

    check: str
    ok: bool | None
    says: str


class SystemChecks(Reply):
    """Whether all is set up right."""

    ok: bool
    checks: list[SystemCheck]


class Verdict(Reply):
    """What was found about the server: ok, warning or refused."""

    check: str
    grade: str
    says: str
    fix: str


class DoctorView(Reply):
    """What a first look shows. The look through the whole store, and repair, are `manage.py doctor`."""

    right: bool
    server: list[Verdict]
    broken_keys: dict[str, str]
    stops: list[StopView]


@api.get("/status", responses={200: StatusView})
def show_status() -> Response:
    """Show how the system is doing; this changes nothing. Costs more with many projects, not with many keywords."""
    now = status.now()
    facts: dict[str, Any] = {name: getattr(now, name) for name in StatusView.model_fields if name != "sandbox"}
    return reply(StatusView, {**facts, "sandbox": now.provider == "sandbox"})


@api.get("/status/hours", responses={200: Listed[HourView]})
def show_hours(query: HoursQuery) -> Response:
    """The figures of the last hours, the latest first, as far as they were kept."""
    return listed(Listed[HourView], ({"hour": began, **kept} for began, kept in statistics.latest(query.hours)))


@api.get("/check", responses={200: SystemChecks})
def check_installation(query: CheckQuery) -> Response:
    """Check configuration, Redis, scripts, jobs and schedule; starts nothing. With `outside` provider and storage, too."""
    if query.outside and access.caller().role < Role.OPERATOR:
        raise Problem(403, "Asking the provider and the storage is for operators: leave out `outside`.")
    with budget.waiting() if query.outside else nullcontext():
        found = list(checks.every(False, asks_outside=query.outside))
    return reply(SystemChecks, {"ok": all(one.ok for one in found), "checks": found})


@api.get("/doctor", responses={200: DoctorView})
def first_look() -> Response:
    """What is wrong with the server, what stops work, and keys of a wrong type. This changes nothing, and takes no longer for
    many jobs."""
    report = examination.glance()
    facts = {"server": report.server, "broken_keys": report.broken, "stops": report.stops}
    return reply(DoctorView, {"right": report.is_right, **facts})
