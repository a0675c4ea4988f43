"""A day of a keyword: the result page as it was read, and how its rank was read."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Flask, Response, request

from state.tracking import history
from topics.tracking import projects, stored_days
from topics.tracking.records import StoredCheck
from web import access
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column, Read, Table

#: Results that a page shows, of more than any result page has; a file has all.
SHOWN = 500

ORGANIC = (
    Column("rank", "Rank", numeric=True),
    Column("title", "Result"),
    Column("url", "Page"),
    Column("displayed_host", "Host shown"),
    Column("ours", "Ours"),
)

FETCHED = (
    Column("number", "Page", numeric=True),
    Column("page_class", "What it is"),
    Column(
        "confidence",
        "Read by",
        "The rules that found the results: strict needs every mark of a result, loose a title and a link.",
    ),
    Column("query", "Answers", "The query in the page's own search box."),
    Column("features", "Features"),
    Column("total_results", "Results told", numeric=True),
    Column("elapsed_ms", "Took", numeric=True),
    Column("cost", "Credits", numeric=True),
    Column("evidence", "As it came"),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/keywords/<keyword_id>/days/<day>", "keyword_day_page", day_page)


@access.needs(Role.VIEWER)
def day_page(keyword_id: str, day: str) -> Response:
    """The result page of a day."""
    keyword, on = projects.find_keyword(keyword_id), stored_days.parsed(day)
    found = stored_days.of(keyword, on)
    organic = tables.all_at_once([row.model_dump() for row in found.check.organic] if found.check else [])
    fetched = tables.all_at_once(_fetched(found.check) if found.check else [])
    for name, columns, read in (("results", ORGANIC, organic), ("fetched", FETCHED, fetched)):
        if request.args.get("table") == name and (file := tables.wanted_file(name, columns, read)):
            return file
    return frame.show(
        "keyword_day.html",
        f"{keyword.text} on {on}",
        keyword=keyword,
        found=found,
        around=_around(keyword.id, on),
        results=table_of("results", f"Organic results of {on}, as they were read", ORGANIC, organic, "No organic result."),
        fetched=table_of("fetched", "Pages that were fetched", FETCHED, fetched, "No page."),
    )


def table_of(name: str, caption: str, columns: Sequence[Column], read: Read, empty: str) -> Table:
    """The first rows of a table that is there whole."""
    rows = read(SHOWN, "").rows
    more = f" (the first {SHOWN} of {len(rows):,})" if len(rows) > SHOWN else ""
    return Table(name, caption + more, columns, rows[:SHOWN], empty=empty)


def _fetched(check: StoredCheck) -> list[dict[str, Any]]:
    return [{"number": number, "evidence": one.key, **one.model_dump()} for number, one in enumerate(check.pages, 1)]


def _around(keyword_id: str, day: date) -> tuple[date | None, date | None]:
    """The days of the history before and after this one."""
    days = [rank.day for rank in history.of(keyword_id)]
    return max((one for one in days if one < day), default=None), min((one for one in days if one > day), default=None)
