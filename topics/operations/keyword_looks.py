"""A keyword for people who look at it: its course, its days with what is stored of them, and why it waits. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import models
from errors import ArgumentError
from state.tracking import history, keywords, projects, serp_summaries
from topics.operations import keyword_filters, keyword_lists, why
from topics.tracking import changes, courses, days, notes, ranks, stored_days
from topics.tracking import projects as tracked
from topics.tracking.records import StoredCheck
from topics.tracking.stored_days import LIST_WAITS_S, StoredDay


@dataclass(frozen=True, slots=True)
class KeywordLook:
    """A keyword with its whole history, oldest first. `changes`: places won or lost since so many days before the last check."""

    keyword: models.Keyword
    project: models.Project
    ranks: Sequence[models.Rank]
    changes: Mapping[int, int | None]
    error: Mapping[str, str] | None  # of the last check, where it failed
    why: why.Why

    @property
    def summary(self) -> models.RankSummary:
        """First, best, last and previous."""
        return ranks.summary(self.ranks)

    @property
    def today(self) -> date:
        """The day it is in the zone of the project."""
        return days.today(self.project)

    @property
    def is_wrong_page(self) -> bool:
        """Whether it ranks with another page than its target page."""
        return keyword_filters.is_wrong_page(self.keyword, self.ranks[-1] if self.ranks else None)


class Drawn(NamedTuple):
    """A course to draw, and the notes of the project that fall into it."""

    course: courses.Course
    notes: list[notes.Note]


class DayRows(NamedTuple):
    """Days of a keyword, the newest first. `cursor` leads to older ones; '' = there are none."""

    rows: list[dict[str, Any]]
    cursor: str


def of(keyword_id: str) -> KeywordLook:
    """All of one keyword. Raises NotFound. Some ten round trips, whatever is stored."""
    keyword = tracked.find_keyword(keyword_id)
    past = history.of(keyword.id)
    moved = {since: changes.change(past, since) for since in keyword_lists.CHANGES}
    error = keywords.last_error(keyword.id) if keyword.failures else None
    project = projects.get(keyword.project_id)
    return KeywordLook(keyword, project, past, moved, error, why.of_keyword(keyword, project))


def drawn(look: KeywordLook, number: int | None) -> Drawn:
    """The course of the last `number` days (None = all) with all of our own pages, as far as result pages were kept."""
    first = None if number is None else look.today - timedelta(days=number - 1)
    seen = serp_summaries.of_days(look.keyword.id, first or date.min, look.today)
    own = {one.day: [(url, rank) for url, rank in one.ours if url] for one in seen}
    course = courses.of(look.ranks, first, look.today, look.project.every_h, own)
    return Drawn(course, notes.of(look.project.id, course.first, course.last))


def by_day(look: KeywordLook, limit: int, cursor: str = "", wait_s: float = LIST_WAITS_S) -> DayRows:
    """The ranks by day, the newest first, with what is stored of each. The cursor is the last day that came."""
    before = _cursor(cursor)
    past = [rank for rank in reversed(look.ranks) if rank.day < before]
    shown = stored_days.of_many(look.project, look.keyword, past[:limit], wait_s)
    return DayRows([day_row(one) for one in shown], past[limit - 1].day.isoformat() if len(past) > limit else "")


def day_row(one: StoredDay) -> dict[str, Any]:
    """A day as a row of a table."""
    check = one.check
    return {
        **ranks.as_dict(one.rank, "not in the history"),
        "day": one.day.isoformat(),
        "features": check.features if check else None,
        "provider": check.provider if check else None,
        "pages": len(check.pages) if check else None,
        "tries": check.tries if check else None,
        "cost": check.cost if check else None,
        "missing": one.missing or None,
    }


def day_facts(keyword: models.Keyword, one: StoredDay) -> dict[str, Any]:
    """A day whole, as plain data: the rank of the history, and what is stored."""
    check = one.check
    return {
        "keyword_id": keyword.id,
        "keyword": keyword.text,
        "project": keyword.project_id,
        "day": one.day,
        "rank": ranks.as_dict(one.rank, "not in the history"),
        "stored": _stored(keyword, one.day, check) if check else None,
        "missing": one.missing or None,
        "failed_too": one.failed_too,
    }


def _stored(keyword: models.Keyword, day: date, check: StoredCheck) -> dict[str, Any]:
    facts = check.model_dump(exclude={"version", "keyword_id", "keyword", "project_id", "pages"})
    pages = [
        {**page.model_dump(exclude={"key", "url"}), "asked": page.url, "body": f"/keywords/{keyword.id}/days/{day}/page/{number}"}
        for number, page in enumerate(check.pages, 1)
    ]
    return {**facts, "pages": pages}


def _cursor(cursor: str) -> date:
    try:
        return stored_days.parsed(cursor) if cursor else date.max
    except ArgumentError:
        raise ArgumentError(f"--cursor {cursor!r:.40} is none of this list: give the one of its last reply") from None
