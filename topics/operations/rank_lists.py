"""The ranks of a project's keywords over some days, a page at a time."""

from datetime import date
from typing import Any

from errors import ArgumentError
from state.tracking import history, projects
from topics.operations import keyword_lists
from topics.operations.keyword_lists import Page, Wanted
from topics.tracking import days as calendar
from topics.tracking import ranks

#: Most days of one reply, and most ranks: of many days there come fewer keywords.
MOST_DAYS, MOST_RANKS = 400, 50_000

#: Days where nothing else is asked for.
DAYS = 30


def page(project_id: str, wanted: Wanted, limit: int, cursor: str, between: tuple[date | None, date | None]) -> Page:
    """Keywords, each with its ranks between two days, oldest first. Default: the last 30 days. Raises as `keyword_lists.page`."""
    today = calendar.today(projects.get(project_id))
    last = between[1] or today
    first = between[0] or date.fromordinal(max(1, last.toordinal() - DAYS + 1))
    number = (last - first).days + 1
    if not 1 <= number <= MOST_DAYS:
        raise ArgumentError(f"--since {first} to {last} are {number:,} days: give 1 to {MOST_DAYS}")
    found = keyword_lists.page(project_id, wanted, min(limit, max(1, MOST_RANKS // number)), cursor)
    past = history.of_many([row["id"] for row in found.rows])
    return Page(
        [_row(row, ranks.within(one, ranks.Days(first, last))) for row, one in zip(found.rows, past, strict=True)], found.cursor
    )


def _row(row: dict[str, Any], shown: Any) -> dict[str, Any]:
    names = ("id", "keyword", "archived", "volume", "tags", "target_url")
    return {**{name: row[name] for name in names}, "ranks": [ranks.as_dict(rank) for rank in shown]}
