"""Ranks of past days from the file of another tracker, put into histories. A day that is there stays as it is."""

import functools
from collections.abc import Iterable, Mapping
from datetime import date

import clock
import models
from errors import ArgumentError
from parsing import domains, rank_cells
from state.tracking import history, keywords, outcomes, texts

#: Where a rank stands that is none: of two of a day the better one counts.
BEHIND = 1000


def of_row(row: Mapping[str, str], domain: str) -> list[models.Rank]:
    """The ranks of a line of a project that tracks `domain`.

    Raises ArgumentError for what is no rank, for a page of another site, and for a day that cannot be kept.
    """
    found = rank_cells.ranks_of(row)
    for rank in found:
        if not history.EPOCH <= rank.day <= clock.now().date():
            raise ArgumentError(f"the day {rank.day} cannot be kept: histories go from {history.EPOCH} to today")
        if rank.url and not domains.matches(_target(domain), rank.url):
            raise ArgumentError(f"the page {rank.url:.100} is not of {domain}: its rank is another site's")
    return found


@functools.lru_cache(64)
def _target(domain: str) -> domains.Target:
    return domains.parse_target(domain)


def store(project_id: str, found: Iterable[tuple[str, models.Rank]]) -> tuple[int, int]:
    """Put ranks into the histories of the keywords of these texts: (put, days that were there). Safe to repeat."""
    by_text: dict[str, dict[date, models.Rank]] = {}
    for text, rank in found:
        days = by_text.setdefault(text, {})
        days[rank.day] = min(days.get(rank.day, rank), rank, key=lambda one: one.rank or BEHIND)
    ids = [place and place[0] for place in texts.find(project_id, list(by_text))]
    there = keywords.find_many([one for one in ids if one])
    pasts = history.of_many([one.id for one in there if one])
    known = {one.id: (one, {rank.day for rank in past}) for one, past in zip(filter(None, there), pasts, strict=True)}
    put = kept = 0
    for keyword_id, days in zip(ids, by_text.values(), strict=True):
        if keyword_id not in known:  # removed meanwhile
            continue
        keyword, had = known[keyword_id]
        fresh = [rank for day, rank in sorted(days.items()) if day not in had]
        outcomes.record_past(keyword, ((rank, None) for rank in fresh))
        put, kept = put + len(fresh), kept + len(days) - len(fresh)
    return put, kept
