"""The days of a keyword as an export writes them, and two histories merged. Layout as stored: state/tracking/history.py.

A day is a row: `["2026-11-01", "ranked", 5, 20, 0]`, that is the day, its state, the rank (of an unknown the reason), the results
scanned, and which of the keyword's `pages` it speaks of: its number from 0, null = none, "dropped" = it is no longer kept. Marks
follow where there are any: "cited", "sandbox", "approximate".
"""

import functools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import models
from state.tracking import history, serp_summaries
from state.tracking.serp_summaries import Summary

Row = list[Any]

STATES = (models.RankState.UNKNOWN.value, models.RankState.RANKED.value, models.RankState.NOT_FOUND.value)
MARKS = {32: "cited", 64: "sandbox", 128: "approximate"}
BITS = {name: bit for bit, name in MARKS.items()}

#: Pages that a history can number.
MOST_PAGES = history.DROPPED


def rows(ranks: bytes) -> list[Row]:
    """The rows of a stored history, oldest first."""
    whole = len(ranks) - len(ranks) % history.WIDTH
    return [[_day(number), *_said(*facts)] for number, *facts in history.RECORD.iter_unpack(ranks[:whole])]


@functools.lru_cache(1 << 14)
def _day(number: int) -> str:
    return (history.EPOCH + timedelta(number)).isoformat()


@functools.lru_cache(1 << 16)
def _said(bits: int, value: int, scanned: int, page: int) -> tuple[Any, ...]:
    """What a record says beside its day."""
    state = STATES[bits & 3] if bits & 3 < len(STATES) else STATES[0]
    said: int | str = value
    if bits & 3 == 0:
        said = history.REASONS[value] if value < len(history.REASONS) else history.REASONS[0]
    where: int | str | None = "dropped" if page == history.DROPPED else None if page == history.NO_PAGE else page
    return state, said, scanned, where, *(name for bit, name in MARKS.items() if bits & bit)


def packed(days: Sequence[Row], pages: int) -> bytes:
    """The stored form of rows, whatever their order; of two of a day the last counts. Raises ValueError for what is no row."""
    records = {_number(day): _facts(*said) for day, *said in days}
    last = max((row[4] for row in days if type(row[4]) is int), default=-1)
    if last >= pages:
        raise ValueError(f"days: a day names page {last}, and there are {pages}")
    return b"".join(day + records[day] for day in sorted(records))


@functools.lru_cache(1 << 14)
def _number(day: str) -> bytes:
    number = (date.fromisoformat(day) - history.EPOCH).days
    if not 0 <= number < 1 << 16:
        raise ValueError(f"days: {day} is out of bounds: the first day is {history.EPOCH}")
    return number.to_bytes(2, "big")


@functools.lru_cache(1 << 16, typed=True)
def _facts(state: str, said: int | str, scanned: int, page: int | str | None, *marks: str) -> bytes:
    """The last four bytes of a record. Raises ValueError and KeyError for what is none."""
    bits = STATES.index(state) | sum({BITS[mark] for mark in marks})
    value = history.REASONS.index(str(said)) if state == STATES[0] else said
    where = history.DROPPED if page == "dropped" else history.NO_PAGE if page is None else page
    for one, most in ((value, 255), (scanned, 255), (where, history.NO_PAGE if page in ("dropped", None) else MOST_PAGES - 1)):
        if type(one) is not int or not 0 <= one <= most:
            raise ValueError(f"days: {one!r:.40} must be a whole number from 0 to {most}")
    return bytes((bits, value, scanned, where))  # type: ignore[arg-type]  # they are whole numbers


def merged(ours: tuple[bytes, list[str]], theirs: tuple[bytes, list[str]], *, theirs_win: bool) -> tuple[bytes, list[str]]:
    """Two histories (ranks, pages) as one: every day of both. Of a day that both have, a known rank wins over an unknown one."""
    if not theirs[0]:
        return ours
    pages = list(ours[1])
    places = {page: at for at, page in reversed(list(enumerate(pages)))}
    records = _by_day(ours[0])
    for day, record in _by_day(theirs[0]).items():
        before = records.get(day)
        known, was_known = bool(record[2] & 3), before is not None and bool(before[2] & 3)
        if before is not None and (was_known, not theirs_win) > (known, False):
            continue
        records[day] = _numbered(record, theirs[1], pages, places)
    return b"".join(records[day] for day in sorted(records)), pages


def _by_day(ranks: bytes) -> dict[bytes, bytes]:
    records = (ranks[at : at + history.WIDTH] for at in range(0, len(ranks) - history.WIDTH + 1, history.WIDTH))
    return {record[:2]: record for record in records}


def _numbered(record: bytes, theirs: Sequence[str], pages: list[str], places: dict[str, int]) -> bytes:
    """Their record with the number that its page has among ours; a page for which there is no room is dropped."""
    if record[5] >= history.DROPPED or record[5] >= len(theirs):
        return record
    page = theirs[record[5]]
    if page not in places and len(pages) < MOST_PAGES:
        places[page] = len(pages)
        pages.append(page)
    return record[:5] + bytes((places.get(page, history.DROPPED),))


def seen_rows(serps: bytes) -> list[dict[str, Any]]:
    """What checks saw, newest first."""
    return [_seen(one) for one in serp_summaries.unpack(serps)]


def _seen(one: Summary) -> dict[str, Any]:
    facts = {"day": one.day.isoformat(), "scanned": one.scanned, "hosts": [list(pair) for pair in one.hosts]}
    facts |= {"ours": [list(pair) for pair in one.ours], "features": sorted(one.features)}
    marks = {name: True for name in ("cited", "sandbox", "sourced") if getattr(one, name)}
    return facts | marks


def seen_packed(given: Sequence[dict[str, Any]]) -> bytes:
    """The stored form of what checks saw. Raises ValueError, TypeError or KeyError for what is none."""
    return serp_summaries.pack(_summary(one) for one in given)


def _summary(one: dict[str, Any]) -> Summary:
    pairs = {name: tuple((str(text), int(rank)) for text, rank in one[name]) for name in ("hosts", "ours")}
    if any(not 1 <= rank <= 255 for found in pairs.values() for _, rank in found):
        raise ValueError(f"seen: ranks of {one['day']} must be from 1 to 255")
    marks = {name: bool(one.get(name)) for name in ("cited", "sandbox", "sourced")}
    number = (day := date.fromisoformat(one["day"])) - history.EPOCH
    if not 0 <= number.days < 1 << 16:
        raise ValueError(f"seen: {day} is out of bounds")
    return Summary(day, pairs["hosts"], frozenset(one["features"]), pairs["ours"], int(one["scanned"]), **marks)


def seen_merged(ours: bytes, theirs: bytes, *, theirs_win: bool) -> bytes:
    """What checks saw, of both, one a day."""
    first, second = (theirs, ours) if theirs_win else (ours, theirs)
    days = {one.day: one for one in (*serp_summaries.unpack(second), *serp_summaries.unpack(first))}
    return serp_summaries.pack(days.values())
