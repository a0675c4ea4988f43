"""Which keywords of a project are wanted: by what is known of them, by their last rank, and by how it moved."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import models
from errors import ArgumentError
from parsing import target_pages
from state.tracking import serp_summaries
from topics.tracking import days

#: How a rank can have moved, only ever between two that are known. `entered_N`, `left_N`: the first N places.
TOPS = (3, 10, 20)
MOVED = ("up", "down", "new", "lost", *(f"entered_{top}" for top in TOPS), *(f"left_{top}" for top in TOPS))

#: What a result page can show beside results.
FEATURES = tuple(name for name in serp_summaries.FEATURES if name != "general")

#: The longest time (days) over which a move is looked at: histories are read so far only.
MOST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day it is in a project's zone, and for how many days (`slack`) a rank of it holds."""

    today: date
    slack: int

    @classmethod
    def of(cls, project: models.Project) -> "Calendar":
        """As overviews count: a rank holds until the next check is late."""
        return cls(days.today(project), math.ceil(project.every_h / 24) + 1)

    def held(self, past: Sequence[models.Rank], ago: int) -> models.Rank | None:
        """The rank that held so many days ago, an unknown one too; None = not checked lately. `past` is oldest first."""
        day = self.today - timedelta(days=ago)
        last = next((rank for rank in reversed(past) if rank.day <= day), None)
        return last if last and (day - last.day).days <= self.slack else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which keywords; None and '' = all. `best` and `worst` bound the last rank: with one of them only ranked keywords fit."""

    archived: bool | None = False
    tag: str = ""
    contains: str = ""
    state: str = ""  # of the last rank: ranked, not_found or unknown
    best: int | None = None
    worst: int | None = None
    failing: bool | None = None
    wrong_page: bool | None = None  # it ranks with another page than its target page
    moved: str = ""  # one of MOVED, between `days` days ago and today
    days: int = 7
    reason: str = ""  # of an unknown last rank, e.g. captcha
    url: str = ""  # part of the address that ranks
    feature: str = ""  # of the last result page, e.g. ai_overview

    def __post_init__(self) -> None:
        if self.state and self.state not in set(models.RankState):
            raise ArgumentError(f"--state {self.state!r:.40} must be one of {', '.join(models.RankState)}")
        if self.moved and self.moved not in MOVED:
            raise ArgumentError(f"--moved {self.moved!r:.40} must be one of {', '.join(MOVED)}")
        if self.feature and self.feature not in FEATURES:
            raise ArgumentError(f"--feature {self.feature!r:.40} must be one of {', '.join(FEATURES)}")
        if not 1 <= self.days <= MOST_DAYS:
            raise ArgumentError(f"--days {self.days} must be from 1 to {MOST_DAYS}")

    @property
    def is_all(self) -> bool:
        """Whether every keyword of its lists is wanted."""
        return self == Wanted(self.archived, days=self.days)

    def keyword_fits(self, keyword: models.Keyword) -> bool:
        """Whether a keyword is wanted, as far as it says itself."""
        return (
            (self.archived is None or keyword.archived is self.archived)
            and (not self.tag or self.tag.strip().casefold() in (tag.casefold() for tag in keyword.tags))
            and (not self.contains or self.contains.casefold() in keyword.text.casefold())
            and (self.failing is None or bool(keyword.failures) is self.failing)
        )

    def ranks_fit(self, keyword: models.Keyword, past: Sequence[models.Rank], calendar: Calendar) -> bool:
        """The same of its last ranks, oldest first."""
        rank = past[-1] if past else None
        return self._rank_fits(keyword, rank) and (not self.moved or self._move_fits(past, calendar))

    def _rank_fits(self, keyword: models.Keyword, rank: models.Rank | None) -> bool:
        state, place = rank.state if rank else models.RankState.UNKNOWN, rank.rank if rank else None
        return (
            (not self.state or state == self.state)
            and (self.best is None or (place is not None and place >= self.best))
            and (self.worst is None or (place is not None and place <= self.worst))
            and (self.wrong_page is None or is_wrong_page(keyword, rank) is self.wrong_page)
            and (not self.reason or (rank is not None and rank.reason == self.reason))
            and (not self.url or (rank is not None and self.url.casefold() in (rank.url or "").casefold()))
        )

    def _move_fits(self, past: Sequence[models.Rank], calendar: Calendar) -> bool:
        before, after = calendar.held(past, self.days), calendar.held(past, 0)
        if not before or not after or models.RankState.UNKNOWN in (before.state, after.state):
            return False
        return self.moved in moves(before.rank, after.rank)


def moves(before: int | None, after: int | None) -> set[str]:
    """All that two known ranks say; None = not found.

    >>> sorted(moves(12, 9)), sorted(moves(None, 2)), moves(None, None)
    (['entered_10', 'up'], ['entered_10', 'entered_20', 'entered_3', 'new'], set())
    """
    low, high = before or math.inf, after or math.inf
    found = {f"entered_{top}" for top in TOPS if high <= top < low} | {f"left_{top}" for top in TOPS if low <= top < high}
    if before and after:
        found |= {"up"} if after < before else {"down"} if after > before else set()
    elif before or after:
        found.add("new" if after else "lost")
    return found


def is_wrong_page(keyword: models.Keyword, rank: models.Rank | None) -> bool:
    """Whether a keyword ranks with another page than the one that is meant to."""
    if not keyword.target_url or not rank or not rank.url:
        return False
    return not target_pages.is_page(rank.url, keyword.target_url)
