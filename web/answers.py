"""Replies as JSON: what a model says, and no more. Times are ISO 8601 in UTC."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from flask import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

import models
from models import JobStatus
from topics.operations import jobs
from web import remedies, shapes
from web.models import Strict

T = TypeVar("T")

#: A time of ours: aware, and shown with Z.
Moment = Annotated[datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), when_used="json")]


#: A sentence for people that may tell a command: here it tells the route.
Told = Annotated[str, AfterValidator(lambda text: remedies.for_the_api(text)[0])]


class Reply(BaseModel):
    """The body of a reply; it is made of a mapping or of an object with such attributes."""

    model_config = ConfigDict(from_attributes=True)


class ListQuery(Strict):
    """What every list takes."""

    cursor: str = Field("", max_length=8000, description="`next` of the reply before; with the same filters.")
    limit: int = Field(100, ge=1, le=1000, description="So many items at most.")


class Listed(Reply, Generic[T]):
    """A part of a list. `next` is the cursor of the rest, null at the end; a part may be short, even empty, before the end."""

    items: list[T]
    next: str | None


def submitted(made: models.Submission) -> dict[str, Any]:
    """A job that does the work, as SubmittedModel says."""
    found = jobs.find(made.job_id) if made.duplicate_of else None
    status = found.status if found else JobStatus.PENDING
    return shapes.submitted(made, status, {"job": f"/api/v1/jobs/{made.job_id}"})


def reply(model: type[BaseModel], value: Any, status: int = 200, location: str = "") -> Response:
    """`value` in the shape of `model`. `location`: the path of what was made."""
    headers = {"Location": location} if location else {}
    body = model.model_validate(value, from_attributes=True).model_dump_json()
    return Response(body, status, headers, mimetype="application/json")


def part(model: type[BaseModel], rows: Sequence[Any], name: Callable[[Any], str], query: ListQuery) -> Response:
    """A part of a list that is at hand whole, in the order of its names; the cursor is the last name that came."""
    left = sorted((row for row in rows if name(row) > query.cursor), key=name)
    shown = left[: query.limit]
    return listed(model, shown, name(shown[-1]) if len(left) > len(shown) else "")


def listed(model: type[BaseModel], items: Iterable[Any], cursor: str = "") -> Response:
    """A part of a list. `model`: Listed[…] of its items."""
    return reply(model, {"items": list(items), "next": cursor or None})
