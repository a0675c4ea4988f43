"""Ranks: of a project's keywords over some days by the page, and all of them as a download."""

from contextlib import ExitStack
from datetime import date
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.operations import rank_lists
from topics.operations.keyword_lists import Wanted
from topics.tracking import projects, ranks
from web import budget, downloads
from web.answers import Listed, ListQuery, Reply, listed
from web.api.keyword_models import ProjectPath, RankView
from web.errors import RESPONSES
from web.models import Day, Strict

api = APIBlueprint(
    "ranks",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="ranks", description="Where pages stood, by keyword and day.")],
    abp_responses=RESPONSES,
)

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

EXPORT: dict[Any, Any] = {
    200: {
        "description": "One row a keyword and day.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


class RanksQuery(ListQuery):
    """Which days, and of which keywords."""

    since: Day | None = Field(None, description="From this day on. Default: 30 days.")
    until: Day | None = Field(None, description="Up to this day. Default: today, in the zone of the project.")
    tag: str = Field("", max_length=200)
    contains: str = Field("", max_length=200, description="Part of the text.")


class ExportQuery(Strict):
    """What is written."""

    project_id: str | None = Field(None, max_length=200, description="Only this project.")
    format: Literal["csv", "json", "jsonl"] = "csv"
    last: bool = Field(False, description="Only the last day of each keyword.")
    since: Day | None = Field(None, description="From this day on.")
    until: Day | None = Field(None, description="Up to this day.")
    separator: Literal["comma", "semicolon", "tab", "bar"] = Field("comma", description="Between the cells of CSV.")


class KeywordRanks(Reply):
    """A keyword and its ranks, oldest first. A day without a check has none."""

    id: str
    keyword: str
    archived: bool
    volume: int | None
    tags: list[str]
    target_url: str | None
    ranks: list[RankView]


@api.get("/projects/<project_id>/ranks", responses={200: Listed[KeywordRanks]})
def project_ranks(path: ProjectPath, query: RanksQuery) -> Response:
    """The ranks of a project's keywords between two days. Of many days a part holds fewer keywords than asked for."""
    wanted = Wanted(tag=query.tag, contains=query.contains)
    project = projects.named(path.project_id)
    found = rank_lists.page(project.id, wanted, query.limit, query.cursor, (query.since, query.until))
    return listed(Listed[KeywordRanks], found.rows, found.cursor)


@api.get("/ranks/export", responses=EXPORT)
def export_ranks(query: ExportQuery) -> Response:
    """Ranks with their history as CSV, JSON or JSON lines, sent as they are read. `keyword import` reads the CSV back."""
    days = ranks.Days(query.since or date.min, query.until or date.max) if query.since or query.until else None
    project_id = projects.named(query.project_id).id if query.project_id is not None else None
    rows = ranks.rows(project_id, with_history=not query.last, days=days)
    held = ExitStack()
    held.enter_context(budget.stream())
    texts = ranks.texts(query.format, rows, SEPARATORS[query.separator])
    made = Response(downloads.blocks(texts), content_type=downloads.TYPES[query.format])
    made.call_on_close(held.close)
    made.headers["Content-Disposition"] = f'attachment; filename="ranks.{query.format}"'
    return made
