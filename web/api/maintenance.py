"""Keeping house: what the schedule does each day, hour, half hour and week, done now by a job; and the reports of each run."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from jobs import maintenance
from topics.upkeep import reports
from web.access import Role, needs
from web.answers import Listed, Moment, Reply, Told, listed, reply, submitted
from web.errors import RESPONSES
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "maintenance",
    __name__,
    url_prefix="/api/v1/jobs/maintenance",
    abp_tags=[Tag(name="maintenance", description="Keeping house, with reports.")],
    abp_responses=RESPONSES,
)


class AgeQuery(Strict):
    """How old."""

    older_than_days: float | None = Field(None, ge=0, le=3660, description="Also jobs that ended so many days ago.")


class ReportsQuery(Strict):
    """Which reports."""

    kind: str | None = Field(None, max_length=40, description="cleanup, statistics, health-check or optimize; left out: all.")
    limit: int = Field(20, ge=1, le=200, description="So many at most, the newest first.")


class ReportView(Reply):
    """What one run did. `refused`: what Redis did not allow, e.g. a managed one; nothing else suffered. Bytes of memory."""

    kind: str
    at: Moment
    took_s: float
    memory_before: int | None
    memory_after: int | None
    job: str = Field(description='The job that did it; "" = somebody by hand.')
    failed: str = Field(description='What ended it early; "" = nothing.')
    lines: list[Told]
    refused: list[str]
    facts: dict[str, Any]


@api.post("/cleanup", responses={202: SubmittedModel})
@needs(Role.ADMIN)
def clean_up(query: AgeQuery) -> Response:
    """Remove what has expired; with an age also jobs that ended long ago, whoever's they are. A job does it (202).

    Its result is the report.
    """
    return _begun(maintenance.clean_up, query.older_than_days)


@api.post("/statistics", responses={202: SubmittedModel})
@needs(Role.ADMIN)
def record_statistics() -> Response:
    """Keep the figures of the last whole hour, and say when the store is full at its rate of growth. A job does it (202)."""
    return _begun(maintenance.record_statistics)


@api.post("/health-check", responses={202: SubmittedModel})
@needs(Role.ADMIN)
def check_health() -> Response:
    """Check the server, the work and the slow log. A job does it (202). `GET /health` answers at once, and keeps no report."""
    return _begun(maintenance.check_health)


@api.post("/optimize-db", responses={202: SubmittedModel})
@needs(Role.ADMIN)
def optimize() -> Response:
    """Repair what lost its other half, have Redis rewrite its log and give memory back, tell what is large. A job does it (202).

    There is no database: the name is the one that other systems have for it.
    """
    return _begun(maintenance.compact_store)


@api.get("/reports", responses={200: Listed[ReportView]})
@needs(Role.OPERATOR)
def list_reports(query: ReportsQuery) -> Response:
    """List the reports of the last runs, the newest first. The last 200 of each kind are kept."""
    return listed(Listed[ReportView], reports.latest(query.kind, query.limit))


def _begun(job: Any, *args: object) -> Response:
    made = queues.submit(job, *args)
    return reply(SubmittedModel, submitted(made), 202, f"/api/v1/jobs/{made.job_id}")
