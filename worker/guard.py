"""The duties of a worker process that need no Redis: time limits of its jobs, the grace at SIGTERM, its own end.

They have a thread of their own: the courier may wait for a reply of Redis for as long as that takes, and no time limit waits
with it.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import clock
import logs
from worker import memory
from worker.in_flight import Held

log = logging.getLogger("trawl.worker")

WATCH_S = 0.2  # between two looks at the running jobs
SIZE_S = 5.0  # between two looks at the memory

#: Seconds that Redis gets at the end to store what is left, once nothing runs any more or the grace is over.
LAST_WORDS_S = 3.0


@dataclass(slots=True)
class Guard:
    """Looks at `held` until `finish`. `wake` wakes the courier; `end` ends this process at once (None: nothing may)."""

    in_flight: Held
    grace_s: float
    max_rss_mb: int
    wake: Callable[[], object]
    end: Callable[[], object] | None = None
    stopping: bool = False
    outgrown: bool = False
    _told: bool = False  # the courier knows that it should end
    _stop_by: float = 0.0
    _quiet_since: float = 0.0
    _end_by: float = 0.0  # of the end itself, once the courier has returned
    _size_at: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Look from now on, in a thread."""
        self._over.clear()
        threading.Thread(target=self._run, name="guard", daemon=True).start()

    def finish(self, within_s: float) -> None:
        """The courier has returned: what follows may take so long. Without an `end`, no look follows."""
        self._end_by = clock.monotonic() + within_s
        if self.end is None:
            self._over.set()

    def stop(self) -> None:
        """The process was asked to end: the grace begins. Safe in a signal handler."""
        self._stop_by = self._stop_by or clock.monotonic() + self.grace_s
        self.stopping = True

    def _run(self) -> None:
        while not self._over.wait(WATCH_S):
            try:
                self.look()
            except Exception:  # e.g. no thread can be started: the next look may do better, and others' limits count on it
                log.exception("A look at the running jobs failed")

    def look(self) -> None:
        """One look at everything."""
        if self._end_by:
            self._end_after(self._end_by)
            return
        logs.speak_again()
        if self.stopping:
            self._see_the_end()
        self.in_flight.watch()
        self._see_the_size()

    def _see_the_end(self) -> None:
        now, begins = clock.monotonic(), not self._told
        self._told = True
        self.stop()
        self.in_flight.withdraw()
        if now > self._stop_by and self.in_flight.running:
            self.in_flight.give_back()
        self._quiet_since = 0.0 if self.in_flight.is_busy() else self._quiet_since or now
        self._end_after(min(self._stop_by, self._quiet_since or self._stop_by) + LAST_WORDS_S)
        if begins or self._quiet_since == now:
            self.wake()

    def _end_after(self, moment: float) -> None:
        if self.end is not None and clock.monotonic() > moment:
            left = len(self.in_flight.unsettled)
            log.warning("Redis does not answer: this process ends without it. Leases that are left run out", extra={"left": left})
            self.end()

    def _see_the_size(self) -> None:
        now = clock.monotonic()
        if not self.max_rss_mb or self.outgrown or now < self._size_at:
            return
        self._size_at = now + SIZE_S
        if memory.rss_mb() > self.max_rss_mb:
            log.warning("This process uses more than %d MB: it ends after its jobs and is replaced", self.max_rss_mb)
            self.outgrown = True
            self.wake()
