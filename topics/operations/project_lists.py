"""The projects as rows, a page at a time, by id."""

from bisect import bisect_right
from typing import Any, NamedTuple

import chunks
import models
from state.tracking import projects
from topics.operations import views
from topics.tracking import overview

#: Most projects in one reply, and projects read for one reply at most.
MOST, MOST_READ = 1000, 5000

#: A check is late when it is due for so long (s).
LATE_S = 3600


class Page(NamedTuple):
    """Some rows. `cursor` leads to the next ones; '' = there are none. There may be fewer than asked for, even none."""

    rows: list[dict[str, Any]]
    cursor: str


def page(limit: int = 100, cursor: str = "", active: bool | None = None, contains: str = "") -> Page:
    """Projects with their counts. `contains`: in id, name or domain. The cursor is the id they come after. Reads only."""
    ids = projects.ids()
    left = ids[bisect_right(ids, cursor) :]
    found: list[models.Project] = []
    last = ""
    for chunk in chunks.of(left[:MOST_READ], projects.CHUNK):
        for one in projects.find_many(chunk):
            if len(found) == limit:
                break
            last = one.id
            found += [one] if _fits(one, active, contains.casefold()) else []
    counts = projects.counts([one.id for one in found])
    rows = [views.project_facts(one, *counts[one.id]) for one in found]
    return Page(rows, last if left and last != left[-1] else "")


def glance(limit: int = 50, cursor: str = "", active: bool | None = None, contains: str = "") -> Page:
    """The same with `late` (due for more than an hour) and `standing`: figures of the last overview, or None."""
    found = page(limit, cursor, active, contains)
    ids = [row["id"] for row in found.rows]
    late, standings = projects.late(ids, LATE_S), overview.briefs(ids)
    rows = [{**row, "late": late[row["id"]], "standing": one} for row, one in zip(found.rows, standings, strict=True)]
    return Page(rows, found.cursor)


def _fits(one: models.Project, active: bool | None, contains: str) -> bool:
    return (active is None or one.active is active) and (
        not contains or any(contains in text.casefold() for text in (one.id, one.name, one.domain))
    )
