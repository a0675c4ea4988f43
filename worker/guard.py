"""The guard: the duties of a worker process that need no Redis. Time limits of jobs, the grace at SIGTERM, the process's own end.

The guard has a thread of its own. The consumer may wait for a reply of Redis for any time, and no time limit waits with it.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import clock
import logs
from worker import in_flight, job_lines, memory
from worker.in_flight import InFlight

log = logging.getLogger("trawl.worker")

#: Seconds between two looks at the running jobs,
CHECK_S = 0.2

#: and between two looks at the memory of the process.
MEMORY_CHECK_S = 5.0

#: Seconds that jobs get to end once they were interrupted at the end of the grace. Another worker may run them from then on.
PUT_BACK_S = 1.0

#: Seconds that Redis gets at the end to store the last outcomes, once nothing runs any more or the grace is over.
LAST_WORDS_S = 3.0


@dataclass(slots=True)
class Guard:
    """Checks `in_flight` until `finish`. `wake_consumer` wakes the consumer; `exit_now` ends this process (None: nothing may)."""

    in_flight: InFlight
    grace_s: float
    max_rss_mb: int
    wake_consumer: Callable[[], object]
    exit_now: Callable[[], object] | None = None
    stopping: bool = False  # the process was asked to end
    outgrown: bool = False  # the process uses more memory than it may
    draining: bool = False  # the process was asked to take no more jobs, and to end after those it has
    _stop_seen: bool = False
    _stop_by: float = 0.0
    _put_back_by: float = 0.0  # from then on, jobs that do not end are requeued while they run
    _quiet_since: float = 0.0
    _finish_by: float = 0.0  # set once the consumer has returned
    _next_memory_check: float = 0.0
    _finished: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Check from now on, in a thread."""
        self._finished.clear()
        threading.Thread(target=self._run, name="guard", daemon=True).start()

    def finish(self, within_s: float) -> None:
        """Note that the consumer has returned: the rest of the process's end may take so long."""
        self._finish_by = clock.monotonic() + within_s
        if self.exit_now is None:
            self._finished.set()

    def stop(self) -> None:
        """Ask the process to end: the grace begins. Safe in a signal handler."""
        self._stop_by = self._stop_by or clock.monotonic() + self.grace_s
        self.stopping = True

    def _run(self) -> None:
        while not self._finished.wait(CHECK_S):
            try:
                self.check()
            except Exception:  # e.g. no thread can be started: the next check may succeed, and time limits depend on it
                log.exception("A look at the running jobs failed")

    def check(self) -> None:
        """Do every duty once."""
        if self._finish_by:
            self._exit_after(self._finish_by)
            return
        logs.speak_again()
        job_lines.install()
        if self.stopping:
            self._supervise_stop()
        self.in_flight.enforce_deadlines()
        self._check_memory()

    def _supervise_stop(self) -> None:
        """Requeue what has not begun at once, and what still runs after the grace. Exit if Redis does not store the outcomes."""
        now, begins = clock.monotonic(), not self._stop_seen
        self._stop_seen = True
        self.stop()
        self.in_flight.requeue_waiting()
        if now > self._stop_by and self.in_flight.running:
            self._put_back(now)
        self._quiet_since = 0.0 if self.in_flight.is_busy() else self._quiet_since or now
        self._exit_after(min(self._stop_by, self._quiet_since or self._stop_by) + LAST_WORDS_S)
        if begins or self._quiet_since == now:
            self.wake_consumer()

    def _put_back(self, now: float) -> None:
        self._put_back_by = self._put_back_by or now + PUT_BACK_S
        if now > self._put_back_by:
            self.in_flight.requeue_running()
        else:
            in_flight.put_back(self.in_flight)

    def _exit_after(self, moment: float) -> None:
        if self.exit_now is not None and clock.monotonic() > moment:
            left = len(self.in_flight.unsettled)
            log.warning("Redis does not answer: this process ends without it. Leases that are left run out", extra={"left": left})
            self.exit_now()

    def _check_memory(self) -> None:
        now = clock.monotonic()
        if not self.max_rss_mb or self.outgrown or now < self._next_memory_check:
            return
        self._next_memory_check = now + MEMORY_CHECK_S
        if memory.rss_mb() > self.max_rss_mb:
            log.warning("This process uses more than %d MB: it ends after its jobs and is replaced", self.max_rss_mb)
            self.outgrown = True
            self.wake_consumer()
