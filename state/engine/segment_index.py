"""What each segment of the history holds, the newest first.

An entry of the index never changes, so a process keeps those it has read. One round trip then tells which are new, and which
were forgotten. A server that was emptied has another newest entry: what was kept counts no more.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from state.engine import segments
from state.engine.segments import Query
from state.store import connection, keys

#: Entries of a stream read in one round trip, and those of the index that are looked at first, where others are known.
ENTRIES, NEWS = 200, 4

#: Entries that are kept: some 3 KB each.
MOST_KEPT = 4000

#: What every summary says at least.
EMPTY = {"n": 0, "first": [0, 0, 0], "from": 0, "to": 0, "heads": [], "most_ms": 0, "most_attempts": 0}

Entry = tuple[bytes, dict[bytes, bytes]]
Position = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its entry in the index, its name, what it holds, and where its first job stood in the stream."""

    entry: str
    name: str
    summary: dict[str, Any]
    bloom: bytes
    first: Position


class _Kept:
    """What was read of the index of one server."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._client: Any = None
        self._head: Entry | None = None
        self._segments: list[Segment] = []

    def look(self, start: str, count: int) -> tuple[list[Entry], Sequence[Segment]]:
        """So many events from one on, and all segments that are kept after a look at what is new; mostly one round trip."""
        client = connection.client()
        with self._guard:
            head, held = (self._head, self._segments) if self._client is client else (None, [])
        events, news, oldest = _look(start, count, NEWS if head else ENTRIES)
        fresh: list[Entry] = []
        while news and head not in news:
            fresh += news
            news = entries(keys.HISTORY, f"({news[-1][0].decode()}", ENTRIES) if len(fresh) < MOST_KEPT else []
        if head in news:
            fresh += news[: news.index(head)]
        else:
            held = []
        found = [*_read(fresh), *held]
        while found and (oldest is None or _place(found[-1].entry) < oldest):
            found.pop()
        del found[MOST_KEPT:]
        with self._guard:
            self._client, self._head, self._segments = client, fresh[0] if fresh else head if held else None, found
        return events, found


_kept = _Kept()


def look(start: str, count: int) -> tuple[list[Entry], Sequence[Segment]]:
    """Entries of the stream of events from one on, the newest first, and the newest segments, as `all_of` takes them."""
    return _kept.look(start, count)


def newest_first() -> Iterator[Segment]:
    """What the segments hold now."""
    return all_of(look("+", 1)[1])


def all_of(newest: Sequence[Segment]) -> Iterator[Segment]:
    """What the segments hold; from what this process knows, as far as that goes."""
    yield from newest
    if len(newest) >= MOST_KEPT:
        yield from after(f"({newest[-1].entry}")


def that_may_hold(newest: Iterator[Segment], below: Position, query: Query) -> Iterator[Segment]:
    """Those of older segments whose summary and filter say that they may hold what is sought.

    Hundreds are asked for one job: most say no at the first bit of their filter.
    """
    probe = query.first_probe
    for one in newest:
        if probe is not None:
            place = probe % (8 * len(one.bloom))
            if not one.bloom[place >> 3] >> (place & 7) & 1:
                continue
        if one.first < below and segments.may_hold(one.summary, one.bloom, query):
            yield one


def after(start: str) -> Iterator[Segment]:
    """The same from an entry of the index on, read anew; '+' = from the newest on."""
    while True:
        found = entries(keys.HISTORY, start, ENTRIES)
        yield from _read(found)
        if len(found) < ENTRIES:
            return
        start = f"({found[-1][0].decode()}"


def entries(key: str, start: str, count: int) -> list[Entry]:
    """Entries of a stream from one on, the newest first; none of a key of another type: `status` names it."""
    try:
        found: list[Entry] = connection.client().xrevrange(key, max=start, count=count)
    except ResponseError:
        return []
    return found


def _look(start: str, events: int, count: int) -> tuple[list[Entry], list[Entry], tuple[int, int] | None]:
    """Events from one on, the newest entries of the index, and the place of the oldest; nothing of a key of another type."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.xrevrange(keys.EVENTS, max=start, count=events)
        pipe.xrevrange(keys.HISTORY, count=count)
        pipe.xrange(keys.HISTORY, count=1)
        found = pipe.execute(raise_on_error=False)
    for one in found:
        if isinstance(one, Exception) and not isinstance(one, ResponseError):
            raise one
    told, news, oldest = ([] if isinstance(one, Exception) else one for one in found)
    return told, news, _place(oldest[0][0].decode()) if oldest else None


def _place(entry: str) -> tuple[int, int]:
    ms, _, number = entry.partition("-")
    return int(ms), int(number)


def _read(found: Sequence[Entry]) -> Iterator[Segment]:
    for name, fields in found:
        with suppress(KeyError, ValueError, TypeError):  # somebody broke it: the others count
            summary = {**EMPTY, **json.loads(fields[b"s"])}
            ms, number, place = summary["first"]
            yield Segment(name.decode(), fields[b"k"].decode(), summary, fields[b"b"], (ms, number, place))
