"""What one open stream is told: a bounded queue between the one reader of the process and the thread of the stream."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import NamedTuple

import clock
from state.engine.changes import Change
from state.engine.event_reader import News

#: News that wait for a slow reader; with more it has lost some, and is told so.
MOST_WAITING = 1000


class Event(NamedTuple):
    """What a stream is told. `name`: the outcome of `change`, or lost (events are missing), quiet (nothing came for a while).

    `id`: what resumes after it; '' where nothing does. `progress`: JSON, of an event of that name.
    """

    name: str
    id: str = ""
    change: Change | None = None
    progress: str = ""


LOST, QUIET = Event("lost"), Event("quiet")


class Subscription:
    """An iterator of events that ends when the hub stops. Use it in a `with` block: then it is given back."""

    def __init__(self, takes: Callable[[Change], bool], leave: Callable[["Subscription"], None], quiet_s: float) -> None:
        self._takes, self._leave, self._quiet_s = takes, leave, quiet_s
        self._waiting: deque[Event] = deque()
        self._woken = threading.Condition()
        self._is_over = self._has_lost = False
        self.since = ""  # the id of an event that would stand where the stream begins
        self.before: Iterator[Event] = iter(())  # what is told first: events that came before the stream was opened

    def put(self, news: News) -> None:
        """Tell it one change, if it takes that; never waits. For the reader."""
        if not self._takes(news.change):
            return
        with self._woken:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.clear()
                self._has_lost = True
            self._waiting.append(event_of(news))
            self._woken.notify()

    def lose(self) -> None:
        """Tell it that events are missing."""
        with self._woken:
            self._has_lost = True
            self._woken.notify()

    def end(self) -> None:
        """Nothing more comes."""
        with self._woken:
            self._is_over = True
            self._woken.notify()

    def takes(self, news: News) -> bool:
        """Whether it wants this one."""
        return self._takes(news.change)

    def __iter__(self) -> Iterator[Event]:
        yield from self.before
        while (event := self._next()) is not None:
            yield event

    def _next(self) -> Event | None:
        """The next event; QUIET where none came in time; None at the end."""
        ends_at = clock.monotonic() + self._quiet_s
        with self._woken:
            while not self._waiting and not self._has_lost and not self._is_over:
                left_s = ends_at - clock.monotonic()
                if left_s <= 0 or not self._woken.wait(left_s):
                    break
            if self._is_over:
                return None
            if self._has_lost:
                self._has_lost = False
                return LOST
            return self._waiting.popleft() if self._waiting else QUIET

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave(self)


def event_of(news: News) -> Event:
    """A change as a stream is told it."""
    return Event(news.change.outcome, news.id, news.change, news.progress)
