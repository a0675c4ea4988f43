"""One blocking read of the stream of events, and of what is news for a moment only: for a process that tells many.

Starts and progress of jobs stand in a stream of their own (`trawl:events:live`), and only while somebody follows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import clock
from errors import StoreUnreachable
from state.engine import events
from state.engine import keys as own_keys
from state.engine.changes import Change
from state.store import connection, keys

#: Entries of each stream in one read.
COUNT = 500

#: A mark says for so long (s) that somebody follows; it is set again after FOLLOW_S.
FOLLOW_S, MARK_S = events.FOLLOW_S, 3 * events.FOLLOW_S

#: Seconds of silence after which the reader looks whether the stream began anew.
QUIET_S = 10.0


#: What comes first of a job in the same millisecond: the two streams number their entries by themselves.
ORDER = {"submitted": 0, "started": 1, "progress": 2}
LAST = 3


class News(NamedTuple):
    """A change that was read. `id` resumes after it; '' = nothing does. `progress`: JSON, where that is the change."""

    change: Change
    id: str = ""
    progress: str = ""


class Reader:
    """Reads on from one position: `read`, then `advance`. After an error it goes on where it was. Raises StoreUnreachable."""

    def __init__(self) -> None:
        self.position, self._live = _newest(), _newest(own_keys.LIVE)
        self._next = self.position, self._live
        self._heard_at = clock.monotonic()

    def read(self, block_ms: int) -> list[News]:
        """What came since the position, oldest first; [] where nothing came within `block_ms`."""
        client, wanted = connection.client(), {keys.EVENTS: self.position, own_keys.LIVE: self._live}
        with _translated():
            found = client.xread(wanted, count=COUNT, block=_within_reply_time(client, block_ms)) or []
        told: list[tuple[tuple[int, int, int], list[News]]] = []
        self._next = self.position, self._live
        for stream, entries in _streams(found):
            is_live, last = stream == own_keys.LIVE.encode(), entries[-1][0].decode()
            told += [_placed(name.decode(), _news(name, fields, is_live)) for name, fields in entries]
            self._next = (self._next[0], last) if is_live else (last, self._next[1])
        if told:
            self._heard_at = clock.monotonic()
        told.sort(key=lambda entry: entry[0])
        return [one for _, news in told for one in news]

    def advance(self) -> None:
        """What was read is done with."""
        self.position, self._live = self._next

    def lost(self) -> bool:
        """Whether changes after the position may be gone: the stream was cut there, or began anew. It goes on from now."""
        first, last = oldest(), _newest()
        if events.place(last) < events.place(self.position):
            self.position, self._live = self._next = last, _newest(own_keys.LIVE)
            return True
        return bool(first) and self.position != "0" and events.place(first) > events.place(self.position)

    def is_quiet(self) -> bool:
        """Whether nothing came for so long that `lost` is worth asking; True once in a while."""
        if clock.monotonic() - self._heard_at < QUIET_S:
            return False
        self._heard_at = clock.monotonic()
        return True


def follow() -> None:
    """Say that somebody follows: also what is not kept is written for a minute."""
    with _translated():
        connection.client().set(keys.FOLLOWED, "1", ex=MARK_S)


def between(after: tuple[int, int, int], until: str, count: int = COUNT) -> list[News]:
    """The next changes that were kept, after a position and up to entry `until`. Reads only."""
    first = f"{after[0]}-{after[1]}"
    with _translated():
        found = connection.client().xrange(keys.EVENTS, min=first, max=until, count=count)
    return [news for name, fields in found for news in _news(name, fields, False) if news.change.position > after]


def oldest() -> str:
    """The first entry of the stream; '' where there is none."""
    with _translated():
        found = connection.client().xrange(keys.EVENTS, count=1)
    return found[0][0].decode() if found else ""


def position_of(text: str) -> tuple[int, int, int] | None:
    """The position that an id of News names; None for what is none."""
    words = text.split("-")
    if len(words) != 3 or not all(word.isascii() and word.isdigit() and len(word) < 20 for word in words):
        return None
    ms, number, row = map(int, words)
    return ms, number, row


def _placed(name: str, news: list[News]) -> tuple[tuple[int, int, int], list[News]]:
    ms, number = events.place(name)
    return (ms, min((ORDER.get(one.change.outcome, LAST) for one in news), default=LAST), number), news


def _news(name: bytes, fields: dict[bytes, bytes], is_live: bool) -> list[News]:
    progress = fields.get(b"p", b"").decode(errors="replace")
    return [
        News(change, "" if is_live else "-".join(map(str, change.position)), progress)
        for change in events.changes_of(name, fields)
    ]


def _within_reply_time(client: connection.Redis, block_ms: int) -> int:
    """No wait is longer than half of what a reply may take: else a quiet server were taken for a dead one."""
    options = getattr(client.connection_pool, "connection_kwargs", {})
    limit_s = options.get("reply_timeout_s") or options.get("socket_timeout")
    return max(1, min(block_ms, int(500 * limit_s))) if limit_s else block_ms


def _streams(found: Any) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:
    """The reply of XREAD, in the form of either protocol."""
    if isinstance(found, dict):
        return [(stream, entries[0]) for stream, entries in found.items()]
    return [(stream, entries) for stream, entries in found]


def _newest(stream: str = keys.EVENTS) -> str:
    """The last entry of a stream: each numbers its own, so that the number of one says nothing of the other."""
    with _translated():
        return events.newest(stream)


@contextmanager
def _translated() -> Iterator[None]:
    """As connection.errors_translated; a broken key counts as a store that cannot be read."""
    try:
        with connection.errors_translated():
            yield
    except connection.ResponseError as exc:
        raise StoreUnreachable(f"The stream of events ({keys.EVENTS}) cannot be read: {exc}") from exc
