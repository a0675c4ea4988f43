"""The figures of jobs: how many wait, run and end, how long they take, what went wrong, and whether the system is well."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from state.engine import hourly
from topics.operations import health as judged
from topics.operations import metrics as figures
from web import shapes
from web.models import Strict

TAG = Tag(name="job figures", description="Counts, times, rates, health.")

api = APIBlueprint("job_figures", __name__, url_prefix="/api/v1/jobs", abp_tags=[TAG])


class JobStatsModel(BaseModel):
    """Jobs by state now, those that ended within `window_hours`; times in seconds, rates as shares (null = none ended)."""

    model_config = ConfigDict(extra="allow")

    total_jobs: int
    status_counts: dict[str, int]
    active_tasks: int
    queue_lengths: dict[str, int]
    window_hours: int
    success_rate: float | None
    failure_rate: float | None
    average_s: float | None
    kinds: dict[str, dict[str, Any]]


class SystemMetricsModel(BaseModel):
    """Health, workers, queues and the last hour in one look."""

    model_config = ConfigDict(extra="allow")

    timestamp: str
    health_status: str
    worker_stats: dict[str, Any]
    queue_stats: JobStatsModel


class HoursQuery(Strict):
    """How far back."""

    hours: int = Field(24, ge=1, le=hourly.MOST_HOURS)


class PerformanceModel(BaseModel):
    """The last hours, oldest first. `success_rate` is a share, `success_percentage` the same in %."""

    hours: int
    history: list[dict[str, Any]]


class JobHealthModel(BaseModel):
    """HEALTHY, DEGRADED or UNHEALTHY, with the reasons and what mends each."""

    status: str
    health_status: str
    reasons: list[dict[str, Any]]
    notes: list[str]


@api.get("/stats", responses={200: JobStatsModel})
def stats() -> Any:
    """Jobs by state, queue lengths, and of the last 24 hours rates and times by kind."""
    return shapes.plain(figures.get_queue_stats())


@api.get("/statistics", responses={200: JobStatsModel})
def statistics() -> Any:
    """The same."""
    return shapes.plain(figures.get_queue_stats())


@api.get("/metrics", responses={200: SystemMetricsModel})
def metrics() -> Any:
    """Health with its reasons, workers, queues and the last hour."""
    return shapes.plain(figures.get_system_metrics())


@api.get("/performance", responses={200: PerformanceModel})
def performance(query: HoursQuery) -> Any:
    """Jobs processed, rates, errors and times of each of the last hours."""
    rows = [shapes.plain(row) for row in figures.get_performance_history(query.hours)]
    for row in rows:
        row["success_percentage"] = None if row["success_rate"] is None else round(100 * row["success_rate"], 2)
    return {"hours": query.hours, "history": rows}


@api.get("/health", responses={200: JobHealthModel})
def health() -> Any:
    """How the whole system is in one word, with reasons. The reply is 200 for each of the three words."""
    found = judged.get_health()
    word = found.status.value
    return {"status": word, "health_status": word, "reasons": shapes.plain(found.reasons), "notes": found.notes}
