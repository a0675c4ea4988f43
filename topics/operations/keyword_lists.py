"""The keywords of a project as rows, a page at a time and filtered: bounded work a page, however many keywords there are."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import chunks
import models
from errors import ArgumentError
from state.tracking import history, keyword_pages, keywords, projects, serp_summaries, texts
from state.tracking.keyword_pages import Place
from topics.operations import keyword_orders, views
from topics.operations.keyword_filters import FEATURES, Calendar, is_wrong_page
from topics.operations.keyword_filters import Wanted as Wanted
from topics.tracking import changes, ranks

#: Most keywords in one reply, and keywords read for one reply at most: of 100,000 perhaps none has the tag.
MOST, MOST_READ = 1000, 5000

#: With a filter the scan is asked for so many at least, and an order for so many at most: nothing of it has to go into a cursor.
LEAST_SCANNED, MOST_OF_ORDER = 100, 2500

#: Ranks read of a keyword: what the line and the longest change need.
READ_RANKS = 40

#: Changes that a row tells: since so many days before the last check.
CHANGES = (1, 7, 30)

#: Days of the course of a row: the rank of each, None where there was no check.
COURSE_DAYS = 30

#: All that are not archived.
ACTIVE = Wanted()


class Page(NamedTuple):
    """Some rows. `cursor` leads to the next ones; '' = there are none. There may be fewer than asked for, even none."""

    rows: list[dict[str, Any]]
    cursor: str


def page(
    project_id: str,
    wanted: Wanted = ACTIVE,
    limit: int = 100,
    cursor: str = "",
    sort: str = "",
    project: models.Project | None = None,
) -> Page:
    """Keywords with their last rank, how it moved, and a line of 30 days. `sort`: an order of `keyword_orders`; "" = as stored.

    `project`: where it was read already. Reads some 5,000 keywords at most, and only reads. Raises NotFound for the project,
    ArgumentError for a bad cursor or order, WrongState where that order is not counted yet.
    """
    limit = max(1, min(limit, MOST))
    if sort:
        return _sorted_page(project or projects.get(project_id), wanted, limit, cursor, sort)
    place: Place | None = _begin(cursor, wanted)
    calendar, rows, read = Calendar.of(project or projects.get(project_id)), list[dict[str, Any]](), 0
    while place and len(rows) < limit and read < MOST_READ:
        step = keyword_pages.step(project_id, place, _scanned(wanted, limit - len(rows), read, len(rows)))
        place, read = step.following or _next_list(place, wanted), read + len(step.ids)
        for number, row in enumerate(_rows(project_id, step.ids, wanted, calendar)):
            if row and len(rows) == limit:
                place = step.before(number)
                break
            rows += [row] if row else []
    return Page(rows, str(place) if place else "")


def _sorted_page(project: models.Project, wanted: Wanted, limit: int, cursor: str, sort: str) -> Page:
    """The same in an order as it was counted last: keywords that were added since are missing, what is told of them is of now."""
    if wanted.archived is not False:
        raise ArgumentError("--sort goes with keywords that are not archived: others are in no order")
    place: keyword_orders.Place | None = keyword_orders.begin(project.id, sort, cursor)
    calendar, rows, read = Calendar.of(project), list[dict[str, Any]](), 0
    while place and len(rows) < limit and read < MOST_READ:
        count = _scanned(wanted, limit - len(rows), read, len(rows), MOST_OF_ORDER)
        ids = keyword_orders.read(project.id, place, count)
        read, number = read + len(ids), len(ids)
        for at, row in enumerate(_rows(project.id, ids, wanted, calendar)):
            if row and len(rows) == limit:
                number = at
                break
            rows += [row] if row else []
        place = place.after(number)
    return Page(rows, str(place) if place else "")


def matching(project_id: str, wanted: Wanted, cursor: str = "") -> tuple[list[models.Keyword], str]:
    """Keywords that are wanted, and the cursor of further ones: for work on all of them, some thousand at a time."""
    place: Place | None = _begin(cursor, wanted)
    calendar, found, read = Calendar.of(projects.get(project_id)), list[models.Keyword](), 0
    while place and read < MOST_READ:
        step = keyword_pages.step(project_id, place, keywords.CHUNK)
        place, read = step.following or _next_list(place, wanted), read + len(step.ids)
        found += [keyword for keyword, _, _ in _wanted(project_id, step.ids, wanted, calendar)]
    return found, str(place) if place else ""


def named(project: models.Project, text: str, wanted: Wanted = ACTIVE) -> list[dict[str, Any]]:
    """The row of the keyword of this text; none where there is none, or it is not wanted. Reads only."""
    place = texts.find(project.id, [text])[0]
    return [row for row in _rows(project.id, [place[0]] if place else [], wanted, Calendar.of(project)) if row]


def _scanned(wanted: Wanted, room: int, read: int, found: int, most: int = keywords.CHUNK) -> int:
    """How many the scan is asked for: as many as fill the page, by what was found so far. What is left goes into the cursor."""
    if wanted.is_all:
        return min(most, room)
    likely = room * read // max(1, found) if read else room
    return min(most, max(LEAST_SCANNED, likely))


def _begin(cursor: str, wanted: Wanted) -> Place:
    place = keyword_pages.read(cursor) if cursor else keyword_pages.first(wanted.archived)
    if place is None or (wanted.archived is not None and place.list != keyword_pages.first(wanted.archived).list):
        raise ArgumentError(
            f"--cursor {cursor!r:.60} is none of this list: give the one of its last reply, with the same filters."
        )
    return place


def _next_list(place: Place, wanted: Wanted) -> Place | None:
    return Place(keyword_pages.ARCHIVED) if wanted.archived is None and place.list == keyword_pages.ACTIVE else None


def _rows(project_id: str, ids: Sequence[str], wanted: Wanted, calendar: Calendar) -> Iterator[dict[str, Any] | None]:
    """The row of each id; None for one that is not wanted, or is gone."""
    for chunk in chunks.of(ids, MOST_OF_ORDER):
        fitting = list(_wanted(project_id, chunk, wanted, calendar))
        seen = serp_summaries.latest_of_many([one.id for one, _, _ in fitting]) if fitting else []
        found = {
            one.id: _row(one, past, due, calendar.today) | {"features": _features(page)}
            for (one, past, due), page in zip(fitting, seen, strict=True)
        }
        yield from map(found.get, chunk)


def _wanted(
    project_id: str, ids: Sequence[str], wanted: Wanted, calendar: Calendar
) -> Iterator[tuple[models.Keyword, list[models.Rank], datetime | None]]:
    """The wanted ones of these keywords, with their last ranks and when each is due."""
    read = keywords.find_due(project_id, ids)
    found = [(one, due) for one, due in read if one and one.project_id == project_id and wanted.keyword_fits(one)]
    if wanted.feature and found:
        seen = serp_summaries.latest_of_many([one.id for one, _ in found])
        found = [one for one, page in zip(found, seen, strict=True) if page and wanted.feature in page.features]
    past = history.latest_of_many([one.id for one, _ in found], READ_RANKS) if found else []
    for (keyword, due), ranks_ in zip(found, past, strict=True):
        if wanted.ranks_fit(keyword, ranks_, calendar):
            yield keyword, ranks_, due


def _features(page: serp_summaries.Summary | None) -> list[str] | None:
    """What the last result page showed beside results; None = it was not kept."""
    return None if page is None else [name for name in FEATURES if name in page.features]


def _row(keyword: models.Keyword, past: list[models.Rank], due: datetime | None, today: date) -> dict[str, Any]:
    last, known = past[-1] if past else None, ranks.summary(past)
    by_day = {rank.day: rank for rank in past}
    return {
        **views.keyword_facts(keyword),
        "next_due_at": due,
        "last": ranks.as_dict(last),
        "previous": ranks.as_dict(known.previous, views.NONE_YET["previous"] if past else ranks.NEVER),
        "best_lately": known.best.rank if known.best else None,
        "changes": {f"days_{number}": changes.change(past, number) for number in CHANGES},
        "line": ranks.line(past, today),
        "course": [by_day.get(today - timedelta(days=back)) for back in reversed(range(COURSE_DAYS))],
        "wrong_page": is_wrong_page(keyword, last),
    }
