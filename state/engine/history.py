"""The history of jobs that ended: what RQ forgets after minutes is kept for HISTORY_DAYS, at most HISTORY_MAX jobs.

The newest stand in the stream of events, as the scripts wrote them. `pack` moves older ones into segments (segments.py), some
2,000 jobs each. A page is read from the newest job backwards, and skips segments that hold nothing of what is sought. Reading
changes nothing.
"""

import itertools
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import chunks
import config
from state.engine import changes, segment_index, segments, shortening
from state.engine.changes import Change
from state.engine.segment_index import Entry, Position, Segment
from state.engine.segments import Query
from state.store import connection, constants, keys, scripts

#: Jobs of one segment, at least. One of 2,000 takes 50 KB, and half a millisecond to unpack.
SEGMENT = 2000

#: Changes stay in the stream so long (s) at least: who follows it may lag.
KEEP_S = 60

#: Entries of the stream read in one round trip, and changes and segments read for one page.
ENTRIES, MOST_ROWS, MOST_SEGMENTS = 200, 50_000, 40

#: Where nothing was found in them, more are read in the next round trip, up to so many entries, and segments.
MOST_ENTRIES, MOST_AT_ONCE = 3200, 16

#: A longer stream is packed by a worker, should no scheduler have it done (entries); not more often than this (s).
LONG, PACK_EVERY_S = 10_000, 60

#: Segments written at most by one call of `pack`.
MOST_PACKED = 1000

#: Segments that one command forgets.
SEGMENTS_AT_ONCE = 20

#: The server's clock may have been set back by so much: entries are in order, their times nearly.
CLOCK_STEP_MS = 600_000

DAY_S = 86_400

NEWEST: Position = (1 << 62, 0, 0)


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs that ended, the newest first. `cursor` leads to the next page; '' = there is none."""

    jobs: list[Change]
    cursor: str


class Look:
    """A look at the newest events and at what the segments hold, for several readings of one moment; taken when it is needed."""

    def __init__(self, below: Position = NEWEST) -> None:
        self.below = below

    @cached_property
    def taken(self) -> tuple[list[Entry], Sequence[Segment]]:
        """Events and segments."""
        return segment_index.look(_start(self.below), ENTRIES)


class _Reading:
    """One page being read: what was found, how far the reading is, and how much it may still read."""

    def __init__(self, query: Query, limit: int, look: Look) -> None:
        self.query, self.limit, self.below, self.look = query, limit, look.below, look
        self.jobs: list[Change] = []
        self.rows, self.segments = MOST_ROWS, MOST_SEGMENTS
        self.is_past_look = False

    def add(self, one: Change) -> bool:
        """Take a job that is sought; whether the page is full."""
        if one.position < self.below:
            self.jobs.append(one)
            self.below = one.position
        return len(self.jobs) >= self.limit


def page(query: Query, limit: int = 100, cursor: str = "", look: Look | None = None) -> Page:
    """The next page of jobs that ended. It may hold fewer than `limit` and yet have a cursor: the work for a page is bounded.

    `look`: of the first page of another reading of this moment.
    """
    reading = _Reading(query, limit, look if look and not cursor else Look(_position(cursor)))
    full = _read_events(reading) or _read_segments(reading)
    return Page(reading.jobs, "-".join(map(str, reading.below)) if full else "")


def find(job_id: str, look: Look | None = None) -> Change | None:
    """The last end of a job, as far as the history goes; None where it holds none."""
    cursor, query = "", Query(job_id=job_id)
    while True:
        found = page(query, 1, cursor, look)
        if found.jobs or not found.cursor:
            return found.jobs[0] if found.jobs else None
        cursor = found.cursor


def pack(keep_s: float = KEEP_S) -> int:
    """Move jobs that ended from the stream of events into segments; returns how many. Safe to run at any time, by many."""
    until = f"{int((connection.now().timestamp() - keep_s) * 1000)}"
    packed = 0
    for _ in range(MOST_PACKED):
        jobs, first, last = _oldest(until)
        if not last or not _move(jobs, first, last):
            break
        packed += len(jobs)
    return packed


def is_long() -> bool:
    """Whether the stream is so long that somebody has to pack it, and nobody did in the last minute: then the caller does.

    One command where it is short.
    """
    client = connection.client()
    return client.xlen(keys.EVENTS) > LONG and bool(client.set(keys.PACKING, 1, ex=PACK_EVERY_S, nx=True))


def is_full() -> bool:
    """Whether the stream is about to drop changes that nobody has packed."""
    length: int = connection.client().xlen(keys.EVENTS)
    return length > 0.9 * int(constants.MOST_EVENTS)


def trim(days: float, most: int) -> int:
    """Forget jobs that ended so long ago, and the oldest above so many; returns how many of the packed ones."""
    client, oldest_ms = connection.client(), int((connection.now().timestamp() - days * DAY_S) * 1000)
    held, gone = 0, []
    for segment in segment_index.after("+"):
        held += segment.summary["n"]
        if segment.summary["to"] < oldest_ms or held - segment.summary["n"] >= most:
            gone.append(segment)
    for part in chunks.of(gone, SEGMENTS_AT_ONCE):
        client.unlink(*(keys.segment(one.name) for one in part))
    if gone:
        shortening.forget_before(keys.HISTORY, _after(gone[0].entry))
    shortening.forget_before(keys.EVENTS, str(oldest_ms))
    return sum(one.summary["n"] for one in gone)


def _read_events(reading: _Reading) -> bool:
    """Read the stream of events backwards; whether the page is full, or has taken enough work."""
    needles = [f"\t{value}" for _, value in reading.query.exact]
    for entry, at_ms, rows in _events(reading):
        if reading.rows <= 0:
            reading.below = min(reading.below, (*entry, 1 << 30))
            return True
        reading.rows -= 1 + rows.count("\n")
        if at_ms < reading.query.since_ms - CLOCK_STEP_MS:
            return False
        if at_ms < reading.query.since_ms or not all(needle in rows for needle in needles):
            continue
        for place, row in reversed(list(enumerate(rows.split("\n")))):
            one = changes.read((*entry, place), at_ms, row) if row else None
            if one and reading.query.takes(one) and reading.add(one):
                return True
    return False


def _events(reading: _Reading) -> Iterator[tuple[tuple[int, int], int, str]]:
    """Entries of the stream, the newest first: id, time (ms), rows."""
    found, count = reading.look.taken[0], ENTRIES
    while True:
        for name, fields in found:
            ms, _, number = name.decode().partition("-")
            at = fields.get(b"t", b"")
            yield (int(ms), int(number)), int(at) if at.isdigit() else int(ms), fields.get(b"r", b"").decode(errors="replace")
        if len(found) < count:
            return
        count, reading.is_past_look = min(MOST_ENTRIES, 2 * count), True
        found = segment_index.entries(keys.EVENTS, f"({found[-1][0].decode()}", count)


def _start(below: Position) -> str:
    return "+" if below == NEWEST else f"{below[0]}-{below[1]}"


def _read_segments(reading: _Reading) -> bool:
    """Read segments backwards; whether the page is full, or has taken enough work."""
    for segment, data in _candidates(reading):
        if not reading.segments:
            return True
        for one in _jobs_of(data, reading.query):
            if reading.add(one):
                return True
        reading.segments -= 1
        reading.below = min(reading.below, segment.first)
    return False


def _candidates(reading: _Reading) -> Iterator[tuple[Segment, bytes]]:
    """Segments that may hold what is sought, with their jobs. The more were read in vain, the more come in a round trip."""
    below, query = reading.below, reading.query
    # what was packed since the look, and is not in the events that were read later, is in a newer segment
    newest = segment_index.newest_first() if reading.is_past_look else segment_index.all_of(reading.look.taken[1])
    found = segment_index.that_may_hold(newest, below, query)
    count = 2 if reading.look.below == NEWEST else MOST_AT_ONCE  # who comes back read in vain
    while batch := list(itertools.islice(found, count)):
        kept = connection.client().mget([keys.segment(one.name) for one in batch])
        yield from ((one, data or b"") for one, data in zip(batch, kept, strict=True))
        count = min(MOST_AT_ONCE, 4 * count)


def _jobs_of(data: bytes, query: Query) -> Iterator[Change]:
    """The jobs of a segment that are sought, read as they are taken; none where it is gone, or somebody broke it."""
    with suppress(zlib.error, ValueError):
        if data:
            yield from segments.decode(data, query)


def _oldest(until: str) -> tuple[list[Change], str, str]:
    """The oldest jobs of the stream that make a segment, and its first and last entry; '' where they are too few yet."""
    jobs: list[Change] = []
    first, last, start, seen = "", "", "-", 0
    while True:
        found = connection.client().xrange(keys.EVENTS, min=start, max=until, count=ENTRIES)
        for name, fields in found:
            last, seen = name.decode(), seen + 1
            first = first or last
            jobs += _ended(last, fields)
            if len(jobs) >= SEGMENT or seen >= 10 * SEGMENT:
                return jobs, first, last
        if len(found) < ENTRIES:
            return [], "", ""
        start = f"({last}"


def _ended(name: str, fields: dict[bytes, bytes]) -> Iterator[Change]:
    ms, _, number = name.partition("-")
    at = fields.get(b"t", b"")
    at_ms = int(at) if at.isdigit() else int(ms)
    for place, row in enumerate(fields.get(b"r", b"").decode(errors="replace").split("\n")):
        one = changes.read((int(ms), int(number), place), at_ms, row) if row else None
        if one and one.outcome in changes.ENDED:
            yield one


def _move(jobs: list[Change], first: str, last: str) -> bool:
    summary, bloom, data = segments.encode(jobs) if jobs else (b"", b"", b"")
    done = _pack(
        events=keys.EVENTS,
        index=keys.HISTORY,
        segment=keys.segment(last),
        first=first,
        after=_after(last),
        entry=last if jobs else "",
        summary=summary,
        bloom=bloom,
        data=data,
        keep_s=max(60, round(config.settings().history_days * DAY_S)),
    )
    return done == 1


@scripts.script("engine/pack_history")
def _pack(
    *,
    events: str,
    index: str,
    segment: str,
    first: str,
    after: str,
    entry: str,
    summary: bytes,
    bloom: bytes,
    data: bytes,
    keep_s: int,
) -> int:
    raise scripts.InLua


def _after(entry: str) -> str:
    ms, _, number = entry.partition("-")
    return f"{ms}-{int(number) + 1}"


def _position(cursor: str) -> Position:
    ms, number, place = cursor.split("-") if cursor else map(str, NEWEST)
    return int(ms), int(number), int(place)
