"""Whether the process lives (/health), whether it can work (/ready), and how the whole system is (/api/v1/health)."""

from datetime import UTC, datetime
from typing import Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from web import access, looks, stopping
from web.errors import Problem

api = APIBlueprint("health", __name__, abp_tags=[Tag(name="Health")])


class Health(BaseModel):
    """How the system is, in a few words that anybody may read."""

    status: Literal["healthy", "degraded", "unhealthy"]
    health_status: Literal["HEALTHY", "DEGRADED", "UNHEALTHY"]
    redis: Literal["connected", "away"]
    workers: int | None
    workers_busy: int | None
    at: str


class Ready(BaseModel):
    """The process takes work."""

    ready: Literal[True] = True


class HealthReason(BaseModel):
    """Why the system is no better, and what mends it."""

    grade: str
    says: str
    fix: str


class HealthReport(Health):
    """The same, with the reasons, the gravest first. `notes`: what somebody stopped on purpose."""

    reasons: list[HealthReason]
    notes: list[str]


@api.get("/health", responses={200: Health})
@access.public
def health() -> dict[str, Any]:
    """Whether the web process lives. Always 200 while it does; the body says how the system is, also where Redis is away."""
    return _shape(looks.latest())


@api.get("/ready", responses={200: Ready})
@access.public
def ready() -> dict[str, Any]:
    """Whether the process can take work now: 503 while Redis does not answer or takes no writes, and at the end."""
    if stopping.is_stopping():
        raise Problem(503, "The process is ending.", headers={"Retry-After": "5"})
    seen = looks.latest()
    if not seen.is_redis_there:
        raise Problem(503, "Redis does not answer.", headers={"Retry-After": "5"})
    if not seen.takes_writes:
        raise Problem(503, "Redis takes no writes; /api/v1/health says why.", headers={"Retry-After": "30"})
    return {"ready": True}


@api.get("/api/v1/health", responses={200: HealthReport})
def health_report() -> dict[str, Any]:
    """How the system is, with each reason and the command that mends it."""
    seen = looks.latest()
    reasons = [{"grade": each.grade, "says": each.says, "fix": each.fix} for each in seen.report.reasons]
    return {**_shape(seen), "reasons": reasons, "notes": seen.report.notes}


def _shape(seen: looks.Look) -> dict[str, Any]:
    return {
        "status": seen.report.status.lower(),
        "health_status": seen.report.status,
        "redis": "connected" if seen.is_redis_there else "away",
        "workers": seen.workers,
        "workers_busy": seen.busy,
        "at": iso(seen.at),
    }


def iso(moment: datetime) -> str:
    """A moment as all replies write it: ISO 8601 with Z, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def register(app: OpenAPI) -> None:
    """The routes of this file."""
    app.register_api(api)
