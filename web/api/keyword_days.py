"""A day of a keyword as its result page was read, two days compared, and who ranks beside it."""

from datetime import date
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from state.tracking import projects as stored
from topics.operations import comparisons, keyword_looks
from topics.tracking import competitors, days, projects, stored_days
from web import urls
from web.answers import Moment, Reply, reply
from web.api.keyword_models import KeywordPath, RankView
from web.errors import RESPONSES
from web.models import Day, Strict

api = APIBlueprint(
    "keyword_days",
    __name__,
    url_prefix="/api/v1/keywords/<keyword_id>",
    abp_tags=[Tag(name="ranks", description="Where pages stood, by keyword and day.")],
    abp_responses=RESPONSES,
)


class DayPath(KeywordPath):
    """A keyword and a day."""

    day: Day


class CompareQuery(Strict):
    """Two days."""

    from_: Day = Field(alias="from", description="The first day.")
    to: Day = Field(description="The second day.")


class Organic(Reply):
    """An organic result. `url` null: the page had only an opaque link, `goto_url`."""

    rank: int
    url: str | None
    goto_url: str | None
    title: str
    displayed_host: str | None
    ours: bool


class Fetched(Reply):
    """A page that was fetched. `confidence`: the rules that read it. `query`: what it says it answers. `body`: where it is kept.

    `body` answers with the page as text, byte for byte; it is hostile.
    """

    start: int
    page_class: str
    confidence: str
    features: list[str]
    total_results: int | None
    format: str
    sha256: str
    asked: str
    elapsed_ms: int
    cost: float | None
    remaining: float | None
    request_id: str | None
    query: str | None
    is_corrected: bool
    is_cut_off: bool
    charset: str | None
    body: str


class ReadRank(Reply):
    """The rank as the check read it."""

    state: str
    rank: int | None
    url: str | None
    title: str | None
    scanned: int
    approximate: bool
    reason: str | None
    cited: bool


class StoredCheck(Reply):
    """What is stored of a check. `cited`: sources of the AI overview. `tries`: which check it was since one read a page."""

    domain: str
    country: str
    language: str
    device: str
    location: str | None
    depth: int
    provider: str
    sandbox: bool
    checked_at: Moment
    parser_version: str
    rank: ReadRank
    pages: list[Fetched]
    organic: list[Organic]
    features: list[str]
    cited: list[str]
    cost: float | None
    fetch_ms: int
    total_ms: int
    tries: int | None


class DayView(Reply):
    """A day of a keyword. `stored` null: `missing` says why nothing is there. `failed_too`: another check of the day failed."""

    keyword_id: str
    keyword: str
    project: str
    day: date
    rank: RankView
    stored: StoredCheck | None
    missing: str | None
    failed_too: bool


class ComparedDay(Reply):
    """One of two days. `results` null: its result page is not stored."""

    day: date
    rank: RankView
    results: int | None
    sandbox: bool | None


class Sets(Reply):
    """What the second day has and the first had not, and the other way round."""

    gained: list[str]
    lost: list[str]


class ComparedResult(Reply):
    """A result of one or both days. `beyond`: the other day was not looked at that deep. `former_title`: where it was another."""

    change: Literal["same", "up", "down", "new", "gone", "beyond"]
    before: int | None
    after: int | None
    url: str | None
    title: str
    former_title: str | None
    ours: bool


class ComparisonView(Reply):
    """Two days compared. `results`, `features` and `cited` are null where `missing` names a day."""

    keyword_id: str
    keyword: str
    before: ComparedDay
    after: ComparedDay
    missing: list[str]
    features: Sets | None
    cited: Sets | None
    results: list[ComparedResult] | None


class Rival(Reply):
    """A domain on the result pages of a keyword; "" = the project itself. `ranks`: one for each of `days`, null = not seen."""

    domain: str
    pinned: bool
    rank: int | None
    before: int | None
    best: int | None
    ranks: list[int | None]


class RivalsView(Reply):
    """Who ranked in the last 30 days: the first ten of the last result page, and the pinned domains. `days`: oldest first."""

    days: list[date]
    scanned: int
    domains: list[Rival]


@api.get("/competitors", responses={200: RivalsView})
def keyword_competitors(path: KeywordPath) -> Response:
    """Who ranked for a keyword, from the result pages that its checks read. Nothing is fetched."""
    keyword = projects.find_keyword(path.keyword_id)
    today = days.today(stored.get(keyword.project_id))
    return reply(RivalsView, competitors.of_keyword(keyword, today))


@api.get("/days/<day>", responses={200: DayView})
def keyword_day(path: DayPath) -> Response:
    """The result page of a day as it was read: organic results with ours marked, features, sources of the AI overview, costs."""
    keyword = projects.find_keyword(path.keyword_id)
    found = keyword_looks.day_facts(keyword, stored_days.of(keyword, path.day))
    for page in found["stored"]["pages"] if found["stored"] else ():
        page["body"] = urls.external(page["body"])
    return reply(DayView, found)


@api.get("/compare", responses={200: ComparisonView})
def compare_days(path: KeywordPath, query: CompareQuery) -> Response:
    """What became of the results of one day on another: moved, new, gone; titles, features and sources that changed."""
    keyword = projects.find_keyword(path.keyword_id)
    return reply(ComparisonView, comparisons.facts(keyword, comparisons.of(keyword, query.from_, query.to)))
