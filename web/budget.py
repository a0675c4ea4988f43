"""Who may hold a thread of the web process, and how many: the rest stays free for short requests.

with budget.stream(): …      an open event stream: at most half of the threads
with budget.waiting(): …     a request that waits for its job: at most a quarter
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import config
from web.errors import Problem

RETRY_AFTER_S = 5


class Share:
    """Threads of one purpose. `used` is for the metrics."""

    def __init__(self, of_all: float, says: str) -> None:
        self.of_all, self.says, self.used = of_all, says, 0
        self._lock = threading.Lock()

    @property
    def most(self) -> int:
        """How many threads it may hold."""
        return max(1, int(config.settings().web_threads * self.of_all))

    def take(self) -> None:
        """Take one. Raises Problem 503 with Retry-After where none is left."""
        with self._lock:
            if self.used >= self.most:
                detail = f"All {self.most} {self.says}; try again in {RETRY_AFTER_S} s, or raise WEB_THREADS."
                raise Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)}, code="busy")
            self.used += 1

    def give_back(self) -> None:
        """End a `take`."""
        with self._lock:
            self.used -= 1


STREAMS = Share(0.5, "event streams are open")
WAITING = Share(0.25, "places of requests that wait for their job are taken; ask without waiting, and poll the job")


@contextmanager
def stream() -> Iterator[None]:
    """Hold the thread of an event stream. A streamed reply takes its share when it begins, before its first byte."""
    STREAMS.take()
    try:
        yield
    finally:
        STREAMS.give_back()


@contextmanager
def waiting() -> Iterator[None]:
    """Hold the thread of a request that waits."""
    WAITING.take()
    try:
        yield
    finally:
        WAITING.give_back()
