"""Rank history: one record of 6 bytes a day and keyword, oldest first, and the pages the records speak of.

    bytes 0-1  day, counted from 2020-01-01 (big endian)
    byte  2    bits 0-1: 0 unknown, 1 ranked, 2 not found · bit 5: cited · bit 6: sandbox · bit 7: approximate
    byte  3    rank (1-255), or for an unknown the number of its reason in REASONS
    byte  4    organic results scanned (at most 255)
    byte  5    index in the keyword's list of pages; 255 = none; 254 = dropped

A year of daily checks takes 2.2 KB. A known rank of a day is never replaced by an unknown of the same day (lua/record.lua).

The list of pages holds each address once, with the title it had last: a title with the date in it takes no room. It holds 254.
A new one then takes the place of the one whose last rank is the oldest; the ranks of that one stay, and say that it was dropped.
"""

import functools
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import models
from state.store import connection, keys

EPOCH = date(2020, 1, 1)
WIDTH = 6
RECORD = struct.Struct(">HBBBB")
NO_PAGE = 255
DROPPED = 254

#: Reasons of an unknown, in the order of their numbers: append only.
REASONS = (
    "unknown",
    "captcha",
    "js_required",
    "consent",
    "parse_failure",
    "network",
    "blocked",
    "data",
    "budget",
    "config",
    "system",
    "wrong_query",
    "suspect",
    "suspect_discarded",
)

_STATES = (models.RankState.UNKNOWN, models.RankState.RANKED, models.RankState.NOT_FOUND)


def pack(rank: models.Rank) -> bytes:
    """The record of `rank`; its page index is filled in by the script that stores it."""
    state = _STATES.index(rank.state) | (32 if rank.cited else 0) | (64 if rank.sandbox else 0)
    state |= 128 if rank.approximate else 0
    reason = REASONS.index(rank.reason) if rank.reason in REASONS else 0
    value = rank.rank or 0 if rank.state is models.RankState.RANKED else reason
    return (rank.day - EPOCH).days.to_bytes(2, "big") + bytes((state, min(value, 255), min(rank.scanned, 255), NO_PAGE))


def page_of(rank: models.Rank) -> str:
    """What `pack`'s record points at: URL and title of the hit, "" where there is none."""
    title = (rank.title or "")[:200]
    return f"{rank.url or ''}\t{title}" if rank.state is models.RankState.RANKED and (rank.url or title) else ""


def unpack(history: bytes, pages: Sequence[bytes] = ()) -> list[models.Rank]:
    """The ranks of a stored history, oldest first."""
    return [_unpack_one(history[at : at + WIDTH], pages) for at in range(0, len(history) - WIDTH + 1, WIDTH)]


def of(keyword_id: str) -> list[models.Rank]:
    """The rank history of one keyword, oldest first; [] where it was never checked."""
    return of_many([keyword_id])[0]


def of_many(keyword_ids: Sequence[str]) -> list[list[models.Rank]]:
    """The rank histories of several keywords in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.get(keys.ranks(keyword_id))
            pipe.lrange(keys.pages(keyword_id), 0, -1)
        replies = pipe.execute()
    return [unpack(replies[at] or b"", replies[at + 1]) for at in range(0, len(replies), 2)]


def latest_of_many(keyword_ids: Sequence[str], number: int) -> list[list[models.Rank]]:
    """The last `number` ranks of several keywords, oldest first; of their pages only the last one's. Two round trips.

    For lists: a keyword of ten years costs what one of ten days does.
    """
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.getrange(keys.ranks(keyword_id), -WIDTH * number, -1)
        records = pipe.execute()
        for keyword_id, record in zip(keyword_ids, records, strict=True):
            pipe.lindex(keys.pages(keyword_id), record[-1] if record else NO_PAGE)
        pages = pipe.execute()
    found = [unpack(record) for record in records]
    for ranks, page in zip(found, pages, strict=True):
        if page and ranks[-1].rank:
            url, _, title = page.decode().partition("\t")
            ranks[-1] = replace(ranks[-1], url=url or None, title=title or None)
    return found


class Brief(NamedTuple):
    """A rank without its page, as it is stored: for counts over many. `number`: its day, counted from EPOCH."""

    number: int
    bits: int
    value: int
    scanned: int
    page: int

    @property
    def state(self) -> models.RankState:
        """Its state."""
        return _STATES[self.bits & 3]

    @property
    def rank(self) -> int | None:
        """The rank, where it is ranked."""
        return self.value if self.bits & 3 == 1 else None

    @property
    def reason(self) -> str | None:
        """Why it is unknown, where it is."""
        return REASONS[self.value] if self.bits & 3 == 0 else None


def briefs_of_many(keyword_ids: Sequence[str], number: int) -> list[list[Brief]]:
    """The last `number` ranks of several keywords in brief, oldest first, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.getrange(keys.ranks(keyword_id), -WIDTH * number, -1)
        records = pipe.execute()
    return [list(map(Brief._make, RECORD.iter_unpack(one[len(one) % WIDTH :]))) for one in records]


def own_pages_of_many(keyword_ids: Sequence[str], number: int) -> list[tuple[list[Brief], dict[int, str]]]:
    """The last `number` ranks of several keywords in brief, and the addresses they speak of by `Brief.page`. Two round trips."""
    found = briefs_of_many(keyword_ids, number)
    wanted = [sorted({one.page for one in ranks if one.rank and one.page < DROPPED}) for ranks in found]
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id, indexes in zip(keyword_ids, wanted, strict=True):
            for index in indexes:
                pipe.lindex(keys.pages(keyword_id), index)
        pages = iter(pipe.execute())
    urls = [{index: (next(pages) or b"").decode().partition("\t")[0] for index in indexes} for indexes in wanted]
    return [(ranks, {index: url for index, url in one.items() if url}) for ranks, one in zip(found, urls, strict=True)]


def number_of(day: date) -> int:
    """A day as records count it."""
    return (day - EPOCH).days


@functools.lru_cache(4096)
def day_of(number: int) -> date:
    """The day that records count so."""
    return EPOCH + timedelta(days=number)


def _unpack_one(record: bytes, pages: Sequence[bytes]) -> models.Rank:
    state = _STATES[record[2] & 3]
    ranked, unknown = state is models.RankState.RANKED, state is models.RankState.UNKNOWN
    url, title = "", ""
    if ranked and record[5] < len(pages):
        url, _, title = pages[record[5]].decode().partition("\t")
    return models.Rank(
        day=day_of(int.from_bytes(record[:2], "big")),
        state=state,
        scanned=record[4],
        rank=record[3] if ranked else None,
        approximate=bool(record[2] & 128),
        url=url or None,
        title=title or None,
        reason=REASONS[record[3]] if unknown else None,
        sandbox=bool(record[2] & 64),
        cited=bool(record[2] & 32),
        page_dropped=ranked and record[5] == DROPPED,
    )
