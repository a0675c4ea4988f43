"""What follows an outcome that was stored: RQ's own follow-up, callbacks and failure hooks. None of it can change the outcome.

The consumer hands follow-ups to threads of their own. User code may hang there as long as it likes: no lease waits for it.
"""

import logging
import queue
import threading
from collections.abc import Callable

import clock
from errors import TrawlError
from state.engine import leases
from state.store import connection
from topics.alerts import stand_in
from topics.operations import maintenance, stops
from worker import outcomes
from worker.rq import follow_up

log = logging.getLogger("trawl.outcome")

#: A follow-up that takes longer (s) counts as hanging: the next one gets another thread.
HANG_S = 30.0

#: So many threads of an executor may hang at a time. If more do, its follow-ups wait.
MAX_HANGING = 8

Work = Callable[[], object]
Run = Callable[[Work], object]

#: Does what follows a stored outcome. True: RQ's own follow-up (dependents, repeats, rate limits) is still to be run.
Follow = Callable[[leases.Settlement, bool], object]


def dispatch(settlement: leases.Settlement, worker: str, *, for_rq: bool, records: Run, user_code: Run) -> None:
    """Hand on what follows a stored outcome. `for_rq`: RQ's own follow-up is still to be run (see leases.ExchangeResult).

    `records` runs work on RQ's records and `user_code` runs callbacks and hooks, now or later.
    """
    if for_rq:
        records(lambda: safely(lambda: follow_up.follow_up(settlement.job), settlement.job.id))
    if follow_up.has_callback(settlement):
        user_code(lambda: safely(lambda: follow_up.call_back(settlement), settlement.job.id))
    if outcomes.has_hooks(settlement):
        user_code(lambda: outcomes.call_hooks(settlement, worker))


def follow_now(settlement: leases.Settlement, for_rq: bool, worker: str = "") -> None:
    """Do what follows a stored outcome at once, in this thread."""
    dispatch(settlement, worker, for_rq=for_rq, records=_run_now, user_code=_run_now)


def _run_now(work: Work) -> None:
    work()


def safely(work: Work, job_id: str | None = None) -> None:
    """Run work, and log whatever it raises. If Redis is away, RQ's follow-up is done later (follow_up.catch_up)."""
    try:
        with connection.errors_translated():
            work()
    except TrawlError as exc:
        log.warning("%s", exc, extra={"job": job_id})
    except Exception:  # a broken record, or a callback that failed: the outcome stands
        log.exception("What should follow a job broke", extra={"job": job_id})


class SerialExecutor:
    """Runs pieces of work one after the other in a thread. While one hangs, another thread goes on with the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inbox: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._began: dict[int, float] = {}  # thread → when it began its piece of work
        self._threads = 0

    def put(self, work: Work) -> None:
        """Run this soon."""
        self._inbox.put(work)
        self.start_threads()

    def start_threads(self) -> None:
        """Start a thread if there is none, or if all hang while work waits. To be called now and then."""
        now = clock.monotonic()
        with self._lock:
            hanging = sum(now - began > HANG_S for began in self._began.values())
            if self._inbox.empty() or self._threads > min(hanging, MAX_HANGING):
                return
            self._threads += 1
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def is_idle(self) -> bool:
        """Whether everything was done."""
        return self._inbox.empty() and not self._began

    def _run(self) -> None:
        me = threading.get_ident()
        while True:
            with self._lock:
                self._began.pop(me, None)
                try:
                    work = self._inbox.get_nowait()
                except queue.Empty:
                    self._threads -= 1
                    return
                self._began[me] = clock.monotonic()
            try:
                work()
            except Exception:
                log.exception("A piece of work broke")


class FollowUps:
    """What follows the outcomes of one worker. One executor works on RQ's records, the other one runs user code."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.records, self.user_code = SerialExecutor("records"), SerialExecutor("hooks")
        self._stops, self._alerts = stops.Watch(), stand_in.StandIn()

    def follow(self, settlement: leases.Settlement, for_rq: bool) -> None:
        """Do what follows a stored outcome, soon and in another thread. Nothing follows most jobs that finished."""
        if settlement.outcome == "finished" and not (for_rq or follow_up.has_callback(settlement)):
            return
        dispatch(settlement, self.worker, for_rq=for_rq, records=self.records.put, user_code=self.user_code.put)

    def catch_up(self) -> None:
        """Do RQ's follow-ups that dead processes left, and go on where a thread hangs. To be called now and then."""
        self.records.put(follow_up.catch_up)
        self.user_code.start_threads()

    def log_stops(self) -> None:
        """Log what stops all work, and look for alerts where nobody else does. To be called once a minute."""
        self.records.put(lambda: safely(self._stops.say))
        self._alerts.look()

    def pack_history(self) -> None:
        """Pack the history of jobs, should nobody else do it. To be called once a minute."""
        self.records.put(lambda: safely(maintenance.pack_long_history))

    def is_idle(self) -> bool:
        """Whether everything was done."""
        return self.records.is_idle() and self.user_code.is_idle()

    def finish(self, within_s: float) -> None:
        """Wait until everything was done, but no longer than `within_s`."""
        until = clock.monotonic() + within_s
        while not self.is_idle() and clock.monotonic() < until:
            clock.wait(0.02)
