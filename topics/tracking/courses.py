"""The course of a keyword over some days, as a chart draws it: a gap wherever nothing is known, never a drop."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import models
import wording
from parsing import target_pages

#: Own pages that get a line of their own: those that ranked on most days.
MOST_PAGES = 5

#: Own pages of a day: address and rank.
Own = Sequence[tuple[str, int]]


@dataclass(slots=True)
class Course:
    """Values beside `days`, None = a gap. `not_found`: how many results were looked at without finding us.

    `pages`: the ranks of our own pages by address, where more than one ranked.
    """

    first: date
    last: date
    days: list[date] = field(default_factory=list)
    ranks: list[int | None] = field(default_factory=list)
    not_found: list[int | None] = field(default_factory=list)
    pages: dict[str, list[int | None]] = field(default_factory=dict)
    lost: int = 0  # days on which we were not found
    unknown: int = 0  # days of which we do not know

    @property
    def says(self) -> str:
        """The same in a sentence."""
        ranked, deep = [rank for rank in self.ranks if rank], max((one for one in self.not_found if one), default=0)
        words = [f"best {min(ranked)}, last ranked {ranked[-1]}, ranked on {_days(len(ranked))}"] if ranked else ["never ranked"]
        words += [f"not found on {_days(self.lost)}" + (f" in the first {deep} scanned" if deep else "")] if self.lost else []
        words += [f"unknown on {_days(self.unknown)}"] if self.unknown else []
        return f"Rank by day from {self.first} to {self.last}: {', '.join(words)}."


def of(
    past: Sequence[models.Rank], first: date | None, last: date, every_h: float, own: Mapping[date, Own] | None = None
) -> Course:
    """The course from `first` (None = the first rank) to `last`. `past`: oldest first. `own`: all own pages of a day, if known.

    Two checks are joined where none is missing between them; a day of an unknown rank parts them.
    """
    shown = [rank for rank in past if (first or date.min) <= rank.day <= last]
    made = Course(first or (shown[0].day if shown else last), last)
    joined = joined_days(every_h)
    names: dict[str, str] = {}
    own_by_day = {rank.day: _own(rank, (own or {}).get(rank.day), names) for rank in shown}
    made.pages = {name: [] for name in _pages(own_by_day.values())}
    _add(made, made.first, None, {})
    for rank in shown:
        if made.days and (rank.day - made.days[-1]).days > joined:
            _add(made, made.days[-1] + timedelta(1), None, {})
        _add(made, rank.day, rank, own_by_day[rank.day])
    _add(made, last, None, {})
    return made


def joined_days(every_h: float) -> int:
    """Days between two checks between which none is missing."""
    return 1 if every_h <= 24 else math.ceil(every_h / 24) + 1


def with_gaps(days: Sequence[date], every_h: float) -> Iterator[tuple[date, int | None]]:
    """Each day with its number, and a day without one wherever a check is missing. `days`: oldest first."""
    for number, day in enumerate(days):
        if number and (day - days[number - 1]).days > joined_days(every_h):
            yield days[number - 1] + timedelta(1), None
        yield day, number


def _add(made: Course, day: date, rank: models.Rank | None, own: Mapping[str, int]) -> None:
    """One day; what is known of a day takes the place of its gap."""
    if made.days and made.days[-1] == day:
        if rank is None:
            return
        made.days.pop()
        for values in (made.ranks, made.not_found, *made.pages.values()):
            values.pop()
    made.days.append(day)
    made.ranks.append(rank.rank if rank else None)
    lost = rank is not None and rank.state is models.RankState.NOT_FOUND
    made.not_found.append(rank.scanned or None if rank and lost else None)
    made.lost += lost
    made.unknown += rank is not None and rank.state is models.RankState.UNKNOWN
    for name, values in made.pages.items():
        values.append(own.get(name))


def _own(rank: models.Rank, told: Own | None, names: dict[str, str]) -> dict[str, int]:
    """Own pages of a day, each at its best: as the result page had them, else the one that the rank speaks of.

    `names`: the address by which each page is called.
    """
    found: dict[str, int] = {}
    for url, place in told or ([(rank.url, rank.rank)] if rank.url and rank.rank else []):
        name = names.setdefault(target_pages.identity(url), url)
        found[name] = min(place, found.get(name, place))
    return found


def _pages(days: Iterable[Mapping[str, int]]) -> list[str]:
    """The own pages to draw: none where only one ever ranked."""
    counts = Counter(url for own in days for url in own)
    return sorted(counts, key=lambda url: (-counts[url], url))[:MOST_PAGES] if len(counts) > 1 else []


def _days(number: int) -> str:
    return wording.pluralize(number, "day")
