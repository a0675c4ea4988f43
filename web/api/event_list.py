"""The last events of jobs as a list; `GET /api/v1/events` streams them."""

from datetime import UTC, datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from state.engine import events
from state.engine.changes import Change
from web import access
from web.answers import Listed, Moment, Reply, listed
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "event-list",
    __name__,
    url_prefix="/api/v1/events",
    abp_tags=[Tag(name="events", description="What becomes of jobs.")],
    abp_responses=RESPONSES,
)


class LatestQuery(Strict):
    """How many."""

    limit: int = Field(20, ge=1, le=1000, description="So many at most; of those, the ones that you may see.")


class EventView(Reply):
    """What became of a job."""

    at: Moment
    outcome: str
    kind: str
    job_id: str
    ran_ms: int
    attempts: int
    category: str
    host: str
    tag: str
    project: str


@api.get("/latest", responses={200: Listed[EventView]})
def latest_events(query: LatestQuery) -> Response:
    """The last events, oldest first."""
    return listed(Listed[EventView], (_facts(one) for one in events.latest(query.limit) if _is_seen(one)))


def _is_seen(change: Change) -> bool:
    return access.may_see(getattr(change, "owner", ""))


def _facts(change: Change) -> dict[str, object]:
    names = (name for name in EventView.model_fields if name != "at")
    return {"at": datetime.fromtimestamp(change.at_ms / 1000, UTC), **{name: getattr(change, name) for name in names}}
