"""One reader of Redis a process, for all its open streams and waiting requests.

    hub().wait(job_id, timeout_s)                    whether a job, batch or crawl has ended within that time
    with hub().subscribe(takes) as events: ...       events as they come (web/subscription.py)

The reader is a thread that lives while somebody waits. It blocks in one XREAD, on one connection. Where Redis goes away it tries
again, and goes on where it was; who waits looks anew then. `stop` ends all waits and streams: for the end of the server.
"""

import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import clock
from errors import SystemFault
from state.engine import event_reader
from state.engine.changes import Change
from web import endings, pasts, stopping
from web.subscription import Subscription

log = logging.getLogger("trawl.web")

#: One read of Redis lasts so long (ms) where nothing comes; the reader ends when nobody waited for so many reads.
BLOCK_MS, IDLE_READS = 1000, 20

#: Seconds between two tries while Redis is away: the first, and the longest.
RETRY_S, MOST_RETRY_S = 0.2, 2.0

#: Who waits for an end looks so often (s) at the record, whatever the reader says.
RECHECK_S = 30.0

#: A stream is told that nothing came after so long (s).
QUIET_S = 5.0


class Hub:
    """The streams and waiters of this process, and the reader that serves them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._streams: set[Subscription] = set()
        self._waiters: dict[str, set[threading.Event]] = defaultdict(set)
        self._reader: event_reader.Reader | None = None
        self._stopped = threading.Event()
        self._followed_at = -float(event_reader.FOLLOW_S)

    @property
    def is_stopped(self) -> bool:
        """Whether the server ends."""
        return self._stopped.is_set()

    def wait(self, job_id: str, timeout_s: float) -> bool:
        """Whether a job, batch or crawl is over within `timeout_s`; also True for an id without a record.

        An end before the call counts. Returns False early where the server stops. Raises StoreUnreachable at once where Redis is
        away now; an outage later is waited for.
        """
        ends_at = clock.monotonic() + timeout_s
        with self._waiting(job_id) as woken:
            is_over = endings.is_over(job_id)
            while not is_over and not self.is_stopped and (left_s := ends_at - clock.monotonic()) > 0:
                woken.wait(min(left_s, RECHECK_S))
                woken.clear()
                with suppress(SystemFault):
                    is_over = endings.is_over(job_id)
            return is_over

    def subscribe(self, takes: Callable[[Change], bool], *, after: str = "", quiet_s: float = 0.0) -> Subscription:
        """Events that `takes` takes, from now on; with `after`, the id of an event, those after it before.

        A stream that is too slow, or whose past is gone, gets the event `lost` and goes on. Raises StoreUnreachable.
        """
        stream = Subscription(takes, self._leave, quiet_s or QUIET_S)
        self._follow()
        with self._guard:
            position = self._begin().position
            self._streams.add(stream)
        stream.since = pasts.id_of(position)
        if self.is_stopped:
            stream.end()
        if after:
            stream.before = pasts.told(stream, after, position)
        return stream

    def stop(self) -> None:
        """End all waits and streams, and refuse new ones. Safe to call in a handler of a signal's thread, and again."""
        self._stopped.set()
        with self._guard:
            streams, waiters = list(self._streams), [one for some in self._waiters.values() for one in some]
        for stream in streams:
            stream.end()
        for woken in waiters:
            woken.set()

    def counts(self) -> tuple[int, int]:
        """Streams that are open, and requests that wait for an end."""
        return len(self._streams), sum(map(len, self._waiters.values()))

    @contextmanager
    def _waiting(self, job_id: str) -> Iterator[threading.Event]:
        woken = threading.Event()
        with self._guard:
            self._begin()
            self._waiters[job_id].add(woken)
        try:
            yield woken
        finally:
            with self._guard:
                self._waiters[job_id].discard(woken)
                if not self._waiters[job_id]:
                    del self._waiters[job_id]

    def _leave(self, stream: Subscription) -> None:
        with self._guard:
            self._streams.discard(stream)

    def _begin(self) -> event_reader.Reader:
        """The reader, which runs. With the guard held: so nobody misses what comes after its position."""
        if self._reader is None:
            self._reader = event_reader.Reader()
            threading.Thread(target=self._run, args=(self._reader,), name="hub", daemon=True).start()
        return self._reader

    def _run(self, reader: event_reader.Reader) -> None:
        idle, retry_s = 0, 0.0
        while not self.is_stopped:
            try:
                if retry_s:
                    self._look_again(reader)
                retry_s = 0.0
                self._read(reader)
            except Exception as exc:  # whatever it is: a reader that ended would leave all streams and waits in silence
                retry_s = min(MOST_RETRY_S, 2 * retry_s or RETRY_S)
                log.info("No events for now, the next try comes in %g s: %s", retry_s, exc)
                self._stopped.wait(retry_s)
            with self._guard:
                idle = 0 if self._streams or self._waiters else idle + 1
                if idle > IDLE_READS:
                    self._reader = None
                    return

    def _read(self, reader: event_reader.Reader) -> None:
        if self._streams:
            self._follow()
        news = reader.read(BLOCK_MS)
        if not news and reader.is_quiet() and reader.lost():
            self._lose()
        with self._guard:
            reader.advance()
            streams = list(self._streams)
            woken = [one for told in news for one in self._waiters.get(told.change.job_id, ())]
        for told in news:
            for stream in streams:
                stream.put(told)
        for one in woken:
            one.set()

    def _look_again(self, reader: event_reader.Reader) -> None:
        """After an outage: streams learn whether they lost anything, and waiters look at the records."""
        if reader.lost():
            self._lose()
        with self._guard:
            woken = [one for some in self._waiters.values() for one in some]
        for one in woken:
            one.set()

    def _lose(self) -> None:
        with self._guard:
            streams = list(self._streams)
        for stream in streams:
            stream.lose()

    def _follow(self) -> None:
        if clock.monotonic() >= self._followed_at + event_reader.FOLLOW_S:
            event_reader.follow()
            self._followed_at = clock.monotonic()


_hub: Hub | None = None
_making = threading.Lock()


def hub() -> Hub:
    """The hub of this process."""
    global _hub
    with _making:
        if _hub is None:
            _hub = Hub()
            stopping.call(_hub.stop)
        return _hub


def _forget() -> None:
    """In a child after a fork there is no reader, and nobody waits."""
    global _hub, _making
    _hub, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)
