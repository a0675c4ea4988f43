"""Landing pages of a project: which of its pages rank, and which compete for a keyword."""

from datetime import date
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from jobs import tracking
from state.tracking.landing_pages import Rows
from topics.tracking import landing_pages, projects
from web.answers import ListQuery, Moment, Reply, reply, submitted
from web.api.project_models import ProjectPath
from web.errors import RESPONSES
from web.shapes import SubmittedModel

api = APIBlueprint(
    "landing_pages",
    __name__,
    url_prefix="/api/v1/projects",
    abp_tags=[Tag(name="ranks", description="Where pages stood, by keyword and day.")],
    abp_responses=RESPONSES,
)


class NamedKeyword(Reply):
    """A keyword for which a page ranks."""

    id: str
    keyword: str
    rank: int


class LandingPage(Reply):
    """A page that ranks. `share`: its part of the project's visibility. `named`: three keywords that are worth most."""

    url: str
    keywords: int
    best: int
    share: float | None
    wrong: int = Field(description="Keywords whose target page is another.")
    rivals: int = Field(description="Keywords for which another own page ranked in the last 14 days.")
    named: list[NamedKeyword]


class OwnPage(Reply):
    """An own page that ranked for a keyword in the last 14 days: on how many days, how well, and when last."""

    url: str
    days: int
    best: int
    last: date


class Cannibalised(Reply):
    """A keyword with several own pages. `together`: days on which two stood on one result page. `of`: how many pages."""

    id: str
    keyword: str
    volume: int | None
    rank: int | None = Field(description="Now; null where it does not rank, or is not known.")
    together: int
    pages: list[OwnPage]
    of: int


class PagesReply(Reply):
    """A part of a list, as it was counted at `at`; `job` counts it anew. `at` null: it is counted for the first time, ask again.

    `items`: with `which=pages` LandingPage, the largest share first; with `cannibalised` the keywords by volume. 10,000 of each
    are kept; `pages` and `cannibalised` count all.
    """

    at: Moment | None
    day: date | None
    keywords: int | None
    visibility: float | None
    pages: int | None
    cannibalised: int | None
    items: list[LandingPage | Cannibalised]
    next: str | None
    job: SubmittedModel | None


class PagesQuery(ListQuery):
    """Which list, and how new it must be."""

    which: Literal["pages", "cannibalised"] = Field("pages", description="Landing pages, or keywords with several own pages.")
    fresh: bool = Field(False, description="Count anew, however lately it was counted.")


@api.get("/<project_id>/pages", responses={200: PagesReply, 202: PagesReply})
def project_pages(path: ProjectPath, query: PagesQuery) -> Response:
    """Which pages of a project rank, for how many keywords and how well; and which keywords have several that compete.

    Counted every ten minutes at most: a small project at once, a large one by a job. Until that is over, it is the last count
    (200), or there is none yet (202).
    """
    project = projects.named(path.project_id)
    found = landing_pages.current(project.id, tracking.count_landing_pages, fresh=query.fresh and not query.cursor)
    head = found.head
    rows = landing_pages.part(project.id, head, query.which, query.limit, query.cursor) if head else Rows([], "")
    counted = {name: head[name] if head else None for name in ("at", "day", "keywords", "visibility", "pages", "cannibalised")}
    job = submitted(found.job) if found.job else None
    body: dict[str, Any] = {**counted, "items": rows.rows, "next": rows.cursor or None, "job": job}
    return reply(PagesReply, body, 200 if head else 202)
