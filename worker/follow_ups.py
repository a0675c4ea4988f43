"""What follows an outcome that was stored: RQ's machinery, callbacks and failure hooks. None of it can change the outcome.

The courier hands it to threads of its own: foreign code may hang as long as it likes, no lease waits for it.
"""

import logging
import queue
import threading
from collections.abc import Callable

import clock
from errors import TrawlError
from state.engine import leases
from state.store import connection
from topics.operations import stops
from worker import outcomes
from worker.rq import follow_up, webhooks

log = logging.getLogger("trawl.outcome")

#: Seconds after which a piece of work counts as hanging: the next one gets another thread.
HANG_S = 30.0

#: Threads that may hang at a time; with more, what follows waits.
MOST_HANGING = 8

Work = Callable[[], object]
Do = Callable[[Work], object]

#: Does what follows a stored outcome; True: RQ's machinery waits for it.
Follow = Callable[[leases.Settlement, bool], object]


def do(settlement: leases.Settlement, worker: str, *, for_rq: bool, records: Do, foreign: Do) -> None:
    """Do what follows a settlement that was stored; `for_rq`: RQ's machinery waits for it (see leases.ExchangeResult).

    `records` and `foreign` run what they are given, now or later: our own work on RQ's records, and other people's code.
    """
    if for_rq:
        records(lambda: safely(lambda: follow_up.follow_up(settlement.job), settlement.job.id))
    if follow_up.has_callback(settlement):
        foreign(lambda: safely(lambda: follow_up.call_back(settlement), settlement.job.id))
    if webhooks.has_any(settlement):
        foreign(lambda: safely(lambda: webhooks.send(settlement), settlement.job.id))
    if outcomes.is_told(settlement):
        foreign(lambda: outcomes.tell(settlement, worker))


def follow_now(settlement: leases.Settlement, for_rq: bool, worker: str = "") -> None:
    """The same at once, in this thread."""
    do(settlement, worker, for_rq=for_rq, records=_now, foreign=_now)


def _now(work: Work) -> None:
    work()


def safely(work: Work, job_id: str | None = None) -> None:
    """Run work; whatever it raises is logged. With Redis away, records are followed up later (rq_machinery.catch_up)."""
    try:
        with connection.errors_translated():
            work()
    except TrawlError as exc:
        log.warning("%s", exc, extra={"job": job_id})
    except Exception:  # a record somebody broke, a callback of somebody's: the outcome stands
        log.exception("What should follow a job broke", extra={"job": job_id})


class Line:
    """A thread that runs pieces of work one after the other; while one hangs, another thread goes on with the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inbox: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._since: dict[int, float] = {}  # thread → when it began with what it does
        self._threads = 0

    def put(self, work: Work) -> None:
        """Run this soon."""
        self._inbox.put(work)
        self.look()

    def look(self) -> None:
        """Start a thread where there is none, or where all hang while work waits; to be called now and then."""
        now = clock.monotonic()
        with self._lock:
            hanging = sum(now - since > HANG_S for since in self._since.values())
            if self._inbox.empty() or self._threads > min(hanging, MOST_HANGING):
                return
            self._threads += 1
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def is_idle(self) -> bool:
        """Whether everything was done."""
        return self._inbox.empty() and not self._since

    def _run(self) -> None:
        me = threading.get_ident()
        while True:
            with self._lock:
                self._since.pop(me, None)
                try:
                    work = self._inbox.get_nowait()
                except queue.Empty:
                    self._threads -= 1
                    return
                self._since[me] = clock.monotonic()
            try:
                work()
            except Exception:
                log.exception("A piece of work broke")


class Lines:
    """What follows the outcomes of one worker, in threads of its own: one line for RQ's records, one for other people's code."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.records, self.foreign = Line("records"), Line("hooks")
        self._stops = stops.Watch()

    def follow(self, settlement: leases.Settlement, for_rq: bool) -> None:
        """Have done what follows a stored outcome: soon, it may take long."""
        do(settlement, self.worker, for_rq=for_rq, records=self.records.put, foreign=self.foreign.put)

    def catch_up(self) -> None:
        """Follow up what nobody did in its time, and go on where a thread hangs; to be called now and then."""
        self.records.put(follow_up.catch_up)
        self.foreign.look()

    def say_stops(self) -> None:
        """Say what stops all work; to be called once a minute."""
        self.records.put(lambda: safely(self._stops.say))

    def is_idle(self) -> bool:
        """Whether everything was done."""
        return self.records.is_idle() and self.foreign.is_idle()

    def finish(self, within_s: float) -> None:
        """Wait until all was done, but not for ever."""
        until = clock.monotonic() + within_s
        while not self.is_idle() and clock.monotonic() < until:
            clock.wait(0.02)
