"""A project at a glance: visibility, distribution, winners and losers, tags."""

from datetime import date

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from jobs import tracking
from topics.tracking import counting, projects
from web.answers import Moment, Reply, reply, submitted
from web.api.project_models import ProjectPath
from web.errors import RESPONSES
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "overview",
    __name__,
    url_prefix="/api/v1/projects",
    abp_tags=[Tag(name="ranks", description="Where pages stood, by keyword and day.")],
    abp_responses=RESPONSES,
)


class Distribution(Reply):
    """How many keywords stand where. `unknown` is no drop; `unchecked`: not checked yet, or too long ago."""

    top_3: int
    top_10: int = Field(description="4 to 10")
    top_20: int = Field(description="11 to 20")
    top_100: int = Field(description="21 and lower")
    not_found: int
    unknown: int
    unchecked: int


class VisibilityStanding(Reply):
    """Visibility (0 to 1, null where no rank is known) and distribution."""

    visibility: float | None
    distribution: Distribution


class DayStanding(VisibilityStanding):
    """The same of a day."""

    day: date


class TagStanding(VisibilityStanding):
    """The same of the keywords with a tag."""

    tag: str


class VisibilityChange(Reply):
    """How much visibility changed since so many days before; null where one of the days has none."""

    days_1: float | None
    days_7: float | None
    days_30: float | None


class Mover(Reply):
    """A keyword that moved. `before` null: it was not found; `after` null: it is not found any more."""

    id: str
    keyword: str
    before: int | None
    after: int | None


class MoveCounts(Reply):
    """How many keywords moved, only between two known ranks."""

    up: int
    down: int
    same: int
    new: int
    lost: int


class Moves(Reply):
    """What moved, the largest moves first, twenty of each at most."""

    counts: MoveCounts
    winners: list[Mover]
    losers: list[Mover]
    new: list[Mover]
    lost: list[Mover]


class MovesSince(Reply):
    """What moved since so many days before."""

    days_1: Moves
    days_7: Moves
    days_30: Moves


class OverviewModel(VisibilityStanding):
    """A project at a glance, as it was counted at `at`. `course`: 31 days, oldest first. `formula`: what visibility is."""

    project: str
    at: Moment
    day: date
    keywords: int
    visibility_changes: VisibilityChange
    unknown_reasons: dict[str, int]
    next_tries: dict[str, Moment] = Field({}, description="Reason of an unknown → when the first of them is tried again.")
    course: list[DayStanding]
    moves: MovesSince
    tags: list[TagStanding]
    formula: str
    weights: list[float]


class OverviewReply(Reply):
    """The overview; `job` counts it anew. `overview` null: it is being counted for the first time, ask again."""

    overview: OverviewModel | None
    job: SubmittedModel | None


class OverviewQuery(Strict):
    """How new it must be."""

    fresh: bool = Field(False, description="Count anew, however lately it was counted.")


@api.get("/<project_id>/overview", responses={200: OverviewReply, 202: OverviewReply})
def project_overview(path: ProjectPath, query: OverviewQuery) -> Response:
    """Where the keywords of a project stand, how visible they are, and what moved. Counted every ten minutes at most.

    A small project is counted at once. A large one is counted by a job: until it is over, the overview is the last one (200), or
    there is none yet (202).
    """
    found = counting.current(projects.named(path.project_id).id, tracking.make_overview, fresh=query.fresh)
    body = {"overview": found.overview, "job": submitted(found.job) if found.job else None}
    return reply(OverviewReply, body, 200 if found.overview else 202)
