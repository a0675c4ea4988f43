"""Ranks of past days in the files of rank trackers: the columns that hold them, and what their cells say.

A rank is never guessed: an average, a day that may be read in two ways and a word of another tool for "not there" are no rank.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

import errors
import models
from parsing import cells, date_text, marks
from parsing.names import folded

#: Field and the names of its column, the surest first; as the trackers and our own export write them (2026-11).
NAMES = {
    "day": ("day", "date", "datum", "fecha", "data", "дата", "日付", "日期", "check date", "checked", "ranked on"),
    "rank": ("rank", "position", "pos", "ranking", "google rank", "google position", "rang", "posición", "posizione", "posição",
             "позиция", "позиції", "順位", "排名"),
    "found_url": ("url", "ranking url", "found url", "url found", "landing page url", "page", "ranked url", "link"),
    "title": ("title", "page title"),
    "state": ("state",),
    "scanned": ("scanned",),
    "sandbox": ("sandbox",),
    "approximate": ("approximate",),
    "cited": ("cited",),
}  # fmt: skip
WHOLE = re.compile(r"#?\s*(\d{1,4})(?:[.,]0+)?")
BEYOND = re.compile(
    r"(?:>|over|not in(?: the)?(?: top| first)?|not found in the first|out of)\s*(\d{2,3})\+?(?: scanned)?|(\d{2,3})\+"
)
TWO_WAYS = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2\d{2,4}\b")
# A column of its own for each day: `2025-03-02`, `*.example.com/*_20250302`, `google.com (USA), 2025-3-2`.
OF_A_DAY = re.compile(r"(?:.*[\s,;:_(*/])?(20\d\d)([-/.]?)([01]?\d)\2([0-3]?\d)\)?\s*")
DAY_MARK = "@"  # before the day, in the name of the field of such a column
COMPACT = re.compile(r"\s*(20\d\d)(\d\d)(\d\d)\s*")
NO_RANK = frozenset({"0", "not ranked", "not ranking", "unranked", "not found", "no rank", "nr", "otr", "null", "false"})
MOST = 255


def columns(names: Sequence[str]) -> dict[str, int]:
    """Field → number of its column; `@2025-03-02` is the rank of a day that has its own column.

    Raises ArgumentError where no column holds a day, or the rank of one.
    """
    known = [folded(name) for name in names]
    found: dict[str, int] = {}
    for field, spellings in NAMES.items():
        at = next((known.index(one) for one in map(folded, spellings) if one in known), None)
        if at is not None and at not in found.values():
            found[field] = at
    if "day" not in found and (wide := _of_days(names)):
        return wide
    if missing := [field for field in ("day", "rank") if field not in found]:
        raise errors.ArgumentError(
            f"there is no column for the {missing[0]}: ranks of past days need one named day and one named rank, or one for each "
            "day, named like 2026-03-02"
        )
    return found


def _of_days(names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, name in enumerate(names):
        if match := OF_A_DAY.fullmatch(name):
            with suppress(ValueError):
                found.setdefault(f"{DAY_MARK}{date(int(match[1]), int(match[3]), int(match[4]))}", at)
    return found


def ranks_of(row: Mapping[str, str]) -> list[models.Rank]:
    """The ranks of a line: one, or one for each day that has a column. Raises ArgumentError as `rank_of`."""
    days = [name for name in row if name.startswith(DAY_MARK)]
    rows = [{"day": name.removeprefix(DAY_MARK), "rank": row[name]} for name in days] if days else [row]
    return [rank for rank in map(rank_of, rows) if rank]


def rank_of(row: Mapping[str, str]) -> models.Rank | None:
    """The rank of a line; None where it says that nothing is known. Raises ArgumentError for a cell that could mean two things.

    >>> str(rank_of({"day": "2025-03-02", "rank": "4"})), str(rank_of({"day": "2025-03-02", "rank": ">100"}))
    ('ranked 4', 'not found in the first 100 scanned')
    >>> rank_of({"day": "2025-03-02", "rank": "-"}) is None
    True
    """
    if cells.is_empty(row.get("day", "")) and cells.is_empty(row.get("rank", "")):
        return None
    bare = _bare(row)
    text = " ".join(row.get("rank", "").casefold().split())
    if row.get("state") == models.RankState.NOT_FOUND.value and not text:
        return bare
    if (match := WHOLE.fullmatch(text)) and int(match[1]):
        return _ranked(bare, int(match[1]), row)
    if match := BEYOND.fullmatch(text):
        return replace(bare, scanned=min(int(match[1] or match[2]), MOST))
    if cells.is_empty(text) or text in NO_RANK:
        return None
    raise errors.ArgumentError(f"the rank {text!r:.40} is no whole number")


def _bare(row: Mapping[str, str]) -> models.Rank:
    """A line without its rank."""
    scanned = row.get("scanned", "")
    return models.Rank(
        _day(row.get("day", "")),
        models.RankState.NOT_FOUND,
        min(int(scanned), MOST) if scanned.isdecimal() else 0,
        sandbox=row.get("sandbox", "").casefold() == "true",
        approximate=row.get("approximate", "").casefold() == "true",
        cited=row.get("cited", "").casefold() == "true",
    )


def _ranked(bare: models.Rank, rank: int, row: Mapping[str, str]) -> models.Rank:
    if rank > MOST:
        raise errors.ArgumentError(f"the rank {rank} is beyond {MOST}, the highest that is kept")
    url = row.get("found_url", "")
    url = marks.without(url) if url.startswith(("http://", "https://")) and len(url) <= cells.MAX_URL_CHARS else ""
    scanned = max(bare.scanned, rank)
    title = row.get("title", "") or None
    return replace(bare, state=models.RankState.RANKED, rank=rank, scanned=scanned, url=url or None, title=title)


@functools.lru_cache(1 << 12)  # a file has few days, and many lines of each
def _day(text: str) -> date:
    if (match := TWO_WAYS.match(text)) and int(match[1]) <= 12 and int(match[3]) <= 12 and match[1] != match[3]:
        raise errors.ArgumentError(f"the day {text!r:.40} can be read in two ways: write it like 2026-03-02")
    found = next(date_text.find(COMPACT.sub(r"\1-\2-\3", text)), None)
    if found is None:
        raise errors.ArgumentError(f"the day {text!r:.40} cannot be read: write it like 2026-03-02")
    return found.day
