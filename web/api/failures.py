"""Failures by fingerprint: what goes wrong, how often and since when; muted for a time, or run again."""

from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import logs
import queues
from errors import ArgumentError
from jobs import operations
from state.engine.failures import Failure
from topics.operations import bulk_asks, failures
from topics.operations.failures import Row, Sought
from web import access, inputs, seen
from web.access import Role, needs
from web.answers import Listed, ListQuery, Moment, Reply, listed, reply, submitted
from web.errors import RESPONSES, Problem
from web.errors import Field as WrongField
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "failures",
    __name__,
    url_prefix="/api/v1/failures",
    abp_tags=[Tag(name="failures", description="Jobs that failed for good, by what they have in common.")],
    abp_responses=RESPONSES,
)


class FailuresQuery(ListQuery):
    """Filters; all of them must hold."""

    limit: int = Field(100, ge=1, le=failures.MOST, description="So many items at most.")
    kind: str | None = Field(None, max_length=40)
    category: inputs.Category | None = None
    host: str | None = Field(None, max_length=300)
    text: str | None = Field(None, max_length=300, description="What the message holds.")
    order: Literal["last", "day", "count"] = Field(
        "last", description="By the last one, those of 24 h, or all; the highest first."
    )
    muted: bool = Field(False, description="true: those that are muted, instead of the others.")


class FailurePath(Strict):
    """The fingerprint of a route."""

    fingerprint: str = Field(max_length=40)


class MuteBody(Strict):
    """For how long, and why."""

    days: float = Field(gt=0, le=failures.MOST_DAYS)
    note: str = Field("", max_length=failures.MAX_NOTE)


class MuteModel(Reply):
    """Who muted it, until when and why."""

    until: Moment
    actor: str
    note: str


class FailureModel(Reply):
    """Failures of one fingerprint. `message`: their shape; `example` and `job_id`: of the latest. `hours`: of seven days."""

    fingerprint: str
    kind: str
    category: str
    host: str
    message: str
    example: str
    job_id: str
    count: int
    last_day: int | None = None
    last_week: int | None = None
    hours: list[int] | None = None
    first: Moment
    last: Moment
    muted: MuteModel | None


@api.get("", responses={200: Listed[FailureModel]})
def every(query: FailuresQuery) -> Response:
    """What failed in the last 30 days, the latest first: 500 fingerprints at most."""
    sought = Sought(query.kind, query.category, query.host, query.text, query.muted)
    try:
        found = failures.page(sought, query.limit, query.cursor, order=query.order, owner=seen.owner())
    except ArgumentError as exc:
        raise Problem(422, str(exc), fields=[WrongField("cursor", str(exc))]) from None
    return listed(Listed[FailureModel], [_row(row) for row in found.rows], found.cursor)


@api.put("/<fingerprint>/mute", responses={200: FailureModel})
@needs(Role.OPERATOR)
def mute(path: FailurePath, body: MuteBody) -> Response:
    """Mute failures for some days: they are counted, and listed apart until then."""
    _check_sight()
    return reply(FailureModel, _one(failures.mute(path.fingerprint, body.days, body.note, access.caller().name)))


@api.delete("/<fingerprint>/mute", responses={200: FailureModel})
@needs(Role.OPERATOR)
def unmute(path: FailurePath) -> Response:
    """List them again with the others."""
    _check_sight()
    return reply(FailureModel, _one(failures.unmute(path.fingerprint)))


@api.post("/<fingerprint>/retry", responses={202: SubmittedModel})
@needs(Role.OPERATOR)
def retry(path: FailurePath) -> Response:
    """Run all jobs of this fingerprint again whose record is kept (a week). A job does it (202)."""
    ask = bulk_asks.make("retry", failures.wanted(path.fingerprint, seen.owner()))
    made = queues.submit(operations.act_on_jobs, ask.told(), dedup_key=f"bulk:{ask.print}")
    return reply(SubmittedModel, submitted(made), 202)


def _row(row: Row) -> dict[str, Any]:
    return {**_one(row.failure), "last_day": row.last_day, "last_week": row.last_week, "hours": row.hours}


def _one(one: Failure) -> dict[str, Any]:
    names = ("kind", "category", "host", "first", "last")
    texts = {"message": logs.without_secrets(one.shape), "example": logs.without_secrets(one.message)}
    muted = one.muted._asdict() if one.muted else None
    return {
        **{name: getattr(one, name) for name in names},
        **texts,
        "fingerprint": one.id,
        "job_id": one.job,
        "count": one.times,
        "muted": muted,
    }


def _check_sight() -> None:
    """A key that sees its own jobs only may not hide what others look at. Raises Problem 403."""
    if seen.owner() is not None:
        raise Problem(403, "A key that sees its own jobs only cannot mute failures: it would for everybody.", code="forbidden")
