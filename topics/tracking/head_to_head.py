"""Keyword by keyword against one domain: where it ranks and we do, from what the checks saw last."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import models
from errors import ArgumentError
from state.tracking import keyword_pages, keywords, serp_summaries
from topics.tracking import voices

#: Keywords that are looked at for one page, and at once: of 100,000 perhaps none shows the domain. The first look takes few.
LOOKED, SCANNED, FIRST = 1000, 500, 100

#: Which keywords: all on whose pages the domain stands, those where it stands above us, those where it stands below.
ALL, ABOVE, BELOW = "", "above", "below"


class Page(NamedTuple):
    """Some rows. `cursor` leads to the next ones; '' = there are none. There may be fewer than asked for, even none."""

    rows: list[dict[str, Any]]
    cursor: str


def matrix(project_id: str, domains: Sequence[str], limit: int = 100, cursor: str = "") -> Page:
    """Keywords with our rank and that of each of some domains on the last result page, in the order of the server's scan.

    None = not among the results that are kept of it. A keyword of which no page is kept is left out. Raises ArgumentError for a
    bad cursor. Reads only.
    """
    found, cursor = _scanned(project_id, lambda places: True, min(limit, SCANNED), cursor)
    read = keywords.find_many([keyword_id for keyword_id, _ in found])
    rows = []
    for keyword, (_, brief) in zip(read, found, strict=True):
        places = brief.places(voices.OURS)
        ranks = {domain: places.get(domain) for domain in domains}
        if keyword:
            rows.append({**_about(keyword, brief), "ours": places.get(voices.OURS), "ranks": ranks})
    return Page(rows, cursor)


def page(project_id: str, domain: str, which: str = ALL, limit: int = 100, cursor: str = "") -> Page:
    """Keywords on whose last result page a domain stands, with its rank and ours, in the order of the server's scan.

    Reads some 1,100 keywords at most. Raises ArgumentError for a bad cursor. Reads only.
    """
    found, cursor = _scanned(project_id, lambda places: _fits(places, domain, which), limit, cursor)
    read = keywords.find_many([keyword_id for keyword_id, _ in found])
    return Page([_row(keyword, brief, domain) for keyword, (_, brief) in zip(read, found, strict=True) if keyword], cursor)


def _scanned(
    project_id: str, fits: Callable[[dict[str, int]], bool], limit: int, cursor: str
) -> tuple[list[tuple[str, serp_summaries.Brief]], str]:
    """Keywords whose last page fits, with what was seen on it, and the cursor of further ones; bounded work."""
    place: keyword_pages.Place | None = keyword_pages.read(cursor) if cursor else keyword_pages.first(False)
    if place is None or place.list != keyword_pages.ACTIVE:
        raise ArgumentError(f"--cursor {cursor!r:.60} is none of this list: give the one of its last reply.")
    found, looked, size = list[tuple[str, serp_summaries.Brief]](), 0, max(FIRST, min(2 * limit, SCANNED))
    while place and len(found) < limit and looked < LOOKED:
        step = keyword_pages.step(project_id, place, size)
        place, looked, size = step.following, looked + size, SCANNED
        for number, (keyword_id, past) in enumerate(zip(step.ids, serp_summaries.briefs_of_many(step.ids, 1), strict=True)):
            if past and fits(past[0].places(voices.OURS)):
                if len(found) == limit:
                    place = step.before(number)
                    break
                found.append((keyword_id, past[0]))
    return found, str(place) if place else ""


def _fits(places: dict[str, int], domain: str, which: str) -> bool:
    theirs, ours = places.get(domain), places.get(voices.OURS)
    if theirs is None:
        return False
    above = ours is None or theirs < ours
    return which == ALL or above is (which == ABOVE)


def _row(keyword: models.Keyword, brief: serp_summaries.Brief, domain: str) -> dict[str, Any]:
    places = brief.places(voices.OURS)
    theirs, ours = places[domain], places.get(voices.OURS)
    who = "they" if ours is None or theirs < ours else "we"
    return {**_about(keyword, brief), "theirs": theirs, "ours": ours, "who": who}


def _about(keyword: models.Keyword, brief: serp_summaries.Brief) -> dict[str, Any]:
    return {
        "id": keyword.id,
        "keyword": keyword.text,
        "volume": keyword.volume,
        "scanned": brief.scanned,
        "day": serp_summaries.day_of(brief.number).isoformat(),
        "sandbox": brief.sandbox,
    }
