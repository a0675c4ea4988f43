"""Lists of jobs by any of what is known of them, with a cursor: those that live, then those that ended, each the newest first."""

from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from errors import ArgumentError
from models import JobStatus
from topics.operations import failures, jobs, metrics, search, states
from topics.operations.job_filters import MOST_TEXT
from topics.operations.search import Wanted
from web import inputs, seen, shapes
from web.models import Strict

api = APIBlueprint("job_lists", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="job lists")])


def statuses(given: Any) -> frozenset[JobStatus]:
    """States by their names, several between commas. For validators: raises ValueError."""
    words = [word for text in given for word in str(text).split(",") if word.strip()]
    try:
        return search.statuses_of(words)
    except ArgumentError as exc:
        raise ValueError(str(exc)) from None


STATUS = "States between commas or repeated, in any system's words (`running`, `PROGRESS`); `active` and `ended` name several."

TEXT = "An id finds that job alone. Else the id, name, arguments, labels or error of a job hold it; how far back, `next` tells."

Statuses = Annotated[
    frozenset[JobStatus],
    BeforeValidator(statuses),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "description": STATUS, "default": []}),
]


class PageQuery(Strict):
    """A part of a list."""

    limit: int = Field(100, ge=1, le=search.MOST, description="So many at most.")
    cursor: str = Field("", max_length=1000, description="`next` of the last reply, with the same filters.")


class JobFilters(Strict):
    """Which jobs; all of it must hold."""

    status: Statuses = frozenset(JobStatus)
    kind: str | None = Field(None, max_length=40)
    queue: inputs.Queue | None = None
    host: str | None = Field(None, max_length=300)
    project: str | None = Field(None, max_length=200)
    tag: str | None = Field(None, max_length=200)
    category: inputs.Category | None = Field(None, description="Of the error.")
    since: inputs.Moment | None = Field(None, description=f"Ended, or created where it has not, then or later. {inputs.WHEN}")
    until: inputs.Moment | None = Field(None, description=f"Ended, or created where it has not, before. {inputs.WHEN}")
    text: str | None = Field(None, min_length=1, max_length=MOST_TEXT, description=TEXT)
    fingerprint: str | None = Field(None, max_length=40, description="Of its failure, as `GET /api/v1/failures` names it.")


class JobsQuery(PageQuery, JobFilters):
    """Filters of a list of jobs."""

    parts: bool = Field(True, description="false: without the jobs that fetch the pages of batches and crawls.")


class ActiveQuery(Strict):
    """How many."""

    limit: int = Field(100, ge=1, le=search.MOST)


class HistoryQuery(JobsQuery):
    """Filters of the history."""

    status: Statuses = states.ENDED


class SummaryModel(BaseModel):
    """What runs and waits now."""

    model_config = ConfigDict(extra="allow")

    running: int
    by_kind: dict[str, int]
    by_queue: dict[str, int]
    waiting: dict[str, int]
    longest: list[dict[str, Any]]


@api.get("", responses={200: shapes.JobsModel})
def every(query: JobsQuery) -> Any:
    """Jobs that the filters let through. A reply may hold fewer than `limit`, even none, and yet have a `next`."""
    return _page(query, query.status)


@api.get("/list", responses={200: shapes.JobsModel})
def every_by_list(query: JobsQuery) -> Any:
    """The same."""
    return _page(query, query.status)


@api.get("/history", responses={200: shapes.JobsModel})
def history(query: HistoryQuery) -> Any:
    """Jobs that ended, the newest first, as far as HISTORY_DAYS and HISTORY_MAX go."""
    return _page(query, query.status & states.ENDED)


@api.get("/active", responses={200: shapes.JobsModel})
def active(query: ActiveQuery) -> Any:
    """Jobs that run, then jobs that wait in a queue."""
    wanted = Wanted(frozenset({JobStatus.RUNNING, JobStatus.PENDING}), owner=seen.owner())
    found = search.page(wanted, query.limit)
    return shapes.jobs(found.jobs)


@api.get("/summary", responses={200: SummaryModel})
def summary() -> Any:
    """How many jobs run and wait, by kind and queue, and those that run longest."""
    told = shapes.plain(metrics.get_active_jobs_summary())
    if seen.owner() is not None:  # others' jobs count, and have no name
        mine = {job["id"] for job in told["longest"] if (found := jobs.find(job["id"])) and seen.may(found)}
        told["longest"] = [job for job in told["longest"] if job["id"] in mine]
    return told


def _page(query: JobsQuery, wanted: frozenset[JobStatus]) -> dict[str, Any]:
    filters = query.model_dump(exclude={"status", "limit", "cursor"})
    with inputs.field("cursor"):
        sought = failures.narrowed(Wanted(wanted, owner=seen.owner(), **filters))
        found = search.page(sought, query.limit, query.cursor)
    return shapes.jobs(found.jobs, found.cursor)
