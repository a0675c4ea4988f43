"""The in-flight jobs of a worker process: its free capacity, the deadlines of its jobs, the renewal of their leases.

Some jobs are prefetched: they are leased before a thread or coroutine is free for them, so that none idles until the next
exchange. This happens only while jobs are short. A prefetched job that has not begun after a second is requeued.
"""

import logging
import math
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import clock
from errors import ArgumentError, DataError, JobCancelled, JobTimeout, LeaseLost, PutBack, TimedOut
from state.engine import execution_records, jobs, leases, settlements
from worker import attempt_notes, cancelled, job_log, outcomes, raised, refusals
from worker import execution as executions
from worker.batching import SettleBatching
from worker.execution import Execution
from worker.pool import Pool
from worker.running import Running
from worker.settling import Settling
from worker.watchdog import Watchdog

log = logging.getLogger("trawl.worker")

#: Seconds between the deadline of a job and its write-off.
GRACE_S = 5.0

#: Prefetched jobs as a share of the threads or coroutines, unless --prefetch gives a number.
PREFETCH_SHARE = 0.5

#: Longest wait (s) of a prefetched job for its thread or coroutine.
PREFETCH_S = 1.0

#: After a prefetched job had to wait longer, none is prefetched for so long (s). A blocked event loop then gets no job at all.
PREFETCH_PAUSE_S = 10.0


@dataclass(slots=True)
class InFlight:
    """`running`: executions by the name of their lease. `settling`: outcomes that are not stored yet.

    Both the consumer's and the guard's thread take executions out of `running`. Whichever thread takes one out owns its outcome.
    """

    pool: Pool
    batching: SettleBatching
    max_jobs: int = 0  # how many jobs the process may run in all; 0 = any number
    prefetch: int | None = None  # jobs leased ahead of a free thread, and as many for coroutines; None = half of either
    watchdog: Watchdog = field(default_factory=Watchdog)
    running: Running = field(default_factory=Running)
    settling: Settling = field(default_factory=lambda: Settling("", lambda settlement, for_rq: None))
    ended: int = 0
    stuck: int = 0  # threads that were written off
    abandoned: int = 0  # executions that went on after their job was requeued
    coroutines: Sequence[str] = ()  # paths of the jobs that are `async def`
    _moving: threading.Lock = field(default_factory=threading.Lock)  # the guard moves executions from `running` to `unsettled`
    _log_from_s: float = field(default_factory=job_log.threshold_s)
    _no_prefetch_until: float = 0.0
    _loop_is_blocked: bool = False

    def start(self, job: leases.Leased) -> Execution | None:
        """Run a leased job. A name in the queue that is no job is quarantined and refused: None."""
        try:
            call = executions.read(job)
        except (DataError, ArgumentError) as exc:
            self.unsettled.append(refusals.settled(job, exc))
            refusals.quarantine(job, exc)
            return None
        if job.fields.get(b"cancel"):  # before it began, or before it came back
            self.unsettled.append(outcomes.of_error(job, call.path, JobCancelled("it was cancelled before it began")))
            return None
        execution = Execution(job, call)
        if not self._log_from_s:
            job_log.received(execution)
        self.running.add(execution)
        self.watchdog.expect(execution.deadline)
        self.pool.submit(execution)
        return execution

    @property
    def unsettled(self) -> list[leases.Settlement]:
        """Outcomes that are not stored yet."""
        return self.settling.unsettled

    def collect(self) -> bool:
        """Turn the executions that ended into outcomes. Returns whether any had ended."""
        done, any_ended = self.pool.done, bool(self.pool.done)
        if any_ended:
            self._log_from_s = job_log.threshold_s()
        boot_s = _boot_s() if any_ended else None  # read once for all of them
        while done:
            execution = done.popleft()
            if self.running.take_out(execution.job.lease) is None:
                continue
            self.ended += 1
            took_s = max(0.0, execution.ended - execution.began)
            self.batching.ended(took_s)
            if execution.error is None:
                if took_s >= self._log_from_s:
                    job_log.completed(execution)
            elif execution.error.is_a(LeaseLost):
                log.warning("Lost lease: the job saw it and stopped itself", extra={"job": execution.job.id})
                continue
            self.unsettled.append(_with_start(attempt_notes.added(outcomes.of(execution), execution), execution, boot_s))
        return any_ended

    def room(self, may_prefetch: bool = False) -> tuple[int, int]:
        """How many more jobs the process can take: for threads, for coroutines. Prefetched jobs count where they are allowed."""
        on_loop = len(self.running.on_loop)
        prefetches = may_prefetch and self.batching.is_quick and clock.monotonic() >= self._no_prefetch_until
        until_recycle = self.jobs_until_recycle()
        threads = max(0, min(_capacity(self, self.pool.size, prefetches) - (len(self.running) - on_loop), until_recycle))
        if not self.coroutines or (self._loop_is_blocked and clock.monotonic() < self._no_prefetch_until):
            return threads, 0
        return threads, max(0, min(_capacity(self, self.pool.coroutines, prefetches) - on_loop, until_recycle - threads))

    def jobs_until_recycle(self) -> int:
        """How many more jobs the process may take before it is replaced; any number while nobody would replace it."""
        most = sys.maxsize if self.watchdog.is_to_stay else self.max_jobs
        return (most or sys.maxsize) - self.ended - len(self.running)

    def renew(self) -> None:
        """Renew all leases. A job that lost its lease is interrupted; one that was cancelled gets some seconds to end."""
        names = [*self.running, *(settlement.job.lease for settlement in self.unsettled)]  # an outage may keep outcomes here
        if not names:
            return
        renewal = attempt_notes.renewed(names, self.running)
        for lease in renewal.lost:
            if execution := self.running.take_out(lease):
                log.warning("Lost lease: the job is another worker's now", extra={"job": execution.job.id})
                execution.lost = True
                self.pool.interrupt(execution, LeaseLost)
        for lease in names:
            if execution := self.running.get(lease):
                execution.proven_until = renewal.proven_until
                execution.stop_asked |= lease in renewal.asked_to_stop

    def is_busy(self) -> bool:
        """Whether any job runs, or has an outcome that is not stored yet."""
        with self._moving:
            return bool(self.running or self.pool.done or self.unsettled)

    def enforce_deadlines(self) -> None:
        """Interrupt executions that are over their time or were cancelled. Requeue prefetched jobs that waited too long."""
        now = clock.monotonic()
        waits_long = False
        for lease, execution in self.running.copy().items():
            if execution.ended:  # within its time limit, however late the consumer collects it
                continue
            if execution.began == math.inf:
                waits_long = waits_long or now > execution.submitted + PREFETCH_S
            elif now > execution.deadline + GRACE_S:
                _write_off(self, lease, execution, _timed_out(execution))
            elif now > execution.deadline and execution.interrupted_by is None:
                self.pool.interrupt(execution, JobTimeout)
            elif execution.stop_asked and cancelled.press(self.pool, execution, now):
                _write_off(
                    self, lease, execution, JobCancelled(f"job {execution.job.id} was cancelled; it did not end by itself")
                )
        if waits_long:
            self._no_prefetch_until = now + PREFETCH_PAUSE_S
            self._loop_is_blocked = bool(self.pool.coroutine_pool.waiting) and self.pool.coroutine_pool.has_room()
            self.requeue_waiting()

    def requeue_waiting(self) -> None:
        """Requeue prefetched jobs that have not begun, in their order."""
        with self._moving:
            waiting = [each for each in self.pool.withdraw() if self.running.take_out(each.job.lease) is not None]
            self.unsettled.extend(outcomes.requeued(execution.job) for execution in waiting)
        if waiting:
            self.pool.wake_up()

    def requeue_running(self) -> None:
        """Requeue what still runs, nothing spent. Later outcomes of these executions are refused."""
        with self._moving:
            log.warning("Requeued unfinished jobs", extra={"count": len(self.running)})
            for lease in list(self.running):
                execution = self.running.take_out(lease)
                if execution is not None:
                    self.abandoned += 1
                    self.unsettled.append(attempt_notes.added(outcomes.requeued(execution.job), execution))
        self.pool.wake_up()

    def first_deadline(self) -> float:
        """The earliest deadline of the running jobs, by the monotonic clock; 0 if none runs."""
        return min((execution.deadline for execution in list(self.running.values())), default=0.0)


def put_back(in_flight: InFlight) -> None:
    """Interrupt what still runs at the end of the grace: it ends, and is requeued then."""
    for execution in in_flight.running.copy().values():
        if execution.interrupted_by is None:
            in_flight.pool.interrupt(execution, PutBack)


def record_executions(in_flight: InFlight, worker: str) -> None:
    """Write RQ's records of the executions that have run for a moment; most end sooner and never need one."""
    now, now_s = clock.monotonic(), clock.now().timestamp()
    unrecorded = {
        lease: now_s - (now - execution.began)
        for lease, execution in in_flight.running.copy().items()
        if not (execution.recorded or execution.ended) and now - execution.began >= settlements.RECORD_AFTER_S
    }
    if unrecorded:
        for lease in unrecorded:
            if execution := in_flight.running.get(lease):
                execution.may_be_recorded = True
        execution_records.write_records(worker, unrecorded)
        for lease in unrecorded:
            if execution := in_flight.running.get(lease):
                execution.recorded = True


def _capacity(in_flight: InFlight, size: int, prefetches: bool) -> int:
    if not prefetches:
        return size
    return size + (round(size * PREFETCH_SHARE) if in_flight.prefetch is None else in_flight.prefetch)


def ahead_of(in_flight: InFlight, threads: int, coroutines: int) -> tuple[int, int]:
    """How many of so many more jobs would be prefetched: for threads, for coroutines."""
    on_loop = len(in_flight.running.on_loop)
    free_threads = max(0, in_flight.pool.size - (len(in_flight.running) - on_loop))
    free_coroutines = max(0, in_flight.pool.coroutines - on_loop)
    return max(0, threads - free_threads), max(0, coroutines - free_coroutines)


def _with_start(settlement: leases.Settlement, execution: Execution, boot_s: float | None = None) -> leases.Settlement:
    """Add the start time to the outcome of a prefetched job: its record does not say yet that it was started."""
    if not execution.job.prefetched or execution.may_be_recorded or settlement.outcome == outcomes.REQUEUED:
        return settlement
    began_s = min(execution.began, execution.ended or clock.monotonic())  # an execution that never began has an infinite start
    began = datetime.fromtimestamp((_boot_s() if boot_s is None else boot_s) + began_s, UTC)
    return leases.Settlement(*settlement[:6], jobs.rq_time(began), *settlement[7:])


def _boot_s() -> float:
    """Seconds since 1970 at zero of the monotonic clock. With it, no job seems to have ended before it began."""
    monotonic_s = clock.monotonic()
    return clock.now().timestamp() - monotonic_s


def _timed_out(execution: Execution) -> TimedOut:
    return TimedOut(f"did not end within {execution.call.timeout_s:g} s + {GRACE_S:g} s; its thread was written off")


def _write_off(in_flight: InFlight, lease: str, execution: Execution, error: BaseException) -> None:
    """End a job whose thread cannot be interrupted (a C call, a socket). The process ends after its other jobs."""
    with in_flight._moving:
        if in_flight.running.take_out(lease) is None:  # it ended just now
            return
        in_flight.stuck += 1
        settlement = outcomes.of_error(execution.job, execution.call.path, error)
        settlement = attempt_notes.added(settlement, execution, raised.read(error))
        in_flight.unsettled.append(_with_start(settlement, execution))
    in_flight.pool.write_off(execution)
    in_flight.pool.wake_up()
