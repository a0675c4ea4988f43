"""How a rank moved: only ever between two ranks that are known, so that a failed check is no drop."""

from collections.abc import Sequence
from datetime import date, timedelta

import models
from state.tracking.history import Brief

#: An earlier rank counts for a day if it is at most so many days older: checks may come weekly.
SLACK_DAYS = 7


def on(ranks: Sequence[models.Rank], day: date, slack_days: int = SLACK_DAYS) -> models.Rank | None:
    """The rank that held on a day: the newest known one of that day or a few days before. `ranks` are oldest first."""
    for rank in reversed(ranks):
        if rank.day <= day and rank.state is not models.RankState.UNKNOWN:
            return rank if day - rank.day <= timedelta(days=slack_days) else None
    return None


def change(ranks: Sequence[models.Rank], days: int) -> int | None:
    """Places won (above 0) or lost since so many days before the last check; None unless both ranks are ranked.

    >>> ranked = models.RankState.RANKED
    >>> past = [models.Rank(date(2026, 1, 2), ranked, 10, rank=9), models.Rank(date(2026, 1, 9), ranked, 10, rank=4)]
    >>> change(past, 7), change(past, 30)
    (5, None)
    """
    if not ranks or not ranks[-1].rank:
        return None
    before = on(ranks[:-1], ranks[-1].day - timedelta(days=days))
    return before.rank - ranks[-1].rank if before and before.rank else None


def of_briefs(ranks: Sequence[Brief], days: int) -> int | None:
    """The same of ranks in brief."""
    if not ranks or not ranks[-1].rank:
        return None
    until = ranks[-1].number - days
    for one in reversed(ranks[:-1]):
        if one.number <= until and one.state is not models.RankState.UNKNOWN:
            return one.rank - ranks[-1].rank if one.rank and until - one.number <= SLACK_DAYS else None
    return None
