"""Two days of a keyword compared: what moved, came and went on its result pages."""

from datetime import date
from typing import Any

from flask import Flask, Response, request

import models
from errors import ArgumentError
from state.tracking import history
from topics.operations import comparisons
from topics.tracking import projects, stored_days
from topics.tracking.comparison import Row
from web import access
from web.access import Role
from web.pages import frame, keyword_days, tables
from web.pages.tables import Column

COMPARED = (
    Column("change", "Change"),
    Column("before", "Before", numeric=True),
    Column("after", "After", numeric=True),
    Column("title", "Result"),
    Column("former_title", "Title before"),
    Column("url", "Page"),
    Column("ours", "Ours"),
)


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/keywords/<keyword_id>/compare", "keyword_compare_page", compare_page)


@access.needs(Role.VIEWER)
def compare_page(keyword_id: str) -> Response:
    """Two days compared; without days in the address, the last two that are known."""
    keyword = projects.find_keyword(keyword_id)
    past = history.of(keyword.id)
    days, known = ([rank.day for rank in past], [rank.day for rank in past if rank.state is not models.RankState.UNKNOWN])
    asked = [request.args.get(name, "").strip() for name in ("from", "to")]
    chosen = [stored_days.parsed(text) if text else day for text, day in zip(asked, _last_two(known or days), strict=True)]
    if chosen[0] is None or chosen[1] is None:
        raise ArgumentError("Two days are compared, and this keyword has fewer: it is compared once it was checked twice.")
    found = comparisons.of(keyword, chosen[0], chosen[1])
    read = tables.all_at_once([_compared(row) for row in found.result.rows] if found.result else [])
    if file := tables.wanted_file("compared", COMPARED, read):
        return file
    caption = f"Results of {chosen[0]} and {chosen[1]}"
    return frame.show(
        "keyword_compare.html",
        f"{keyword.text}: {chosen[0]} and {chosen[1]}",
        keyword=keyword,
        found=found,
        rows=keyword_days.table_of("compared", caption, COMPARED, read, "Neither day has a result."),
    )


def _compared(row: Row) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in COMPARED}


def _last_two(days: list[date]) -> tuple[date | None, date | None]:
    return (days[-2], days[-1]) if len(days) > 1 else (None, None)
