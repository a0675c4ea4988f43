"""The jobs a process holds under leases: where there is room, whose time is up, which leases were lost, what was learnt of each.

Some jobs may wait a moment before they begin: a thread or a place on the loop would else idle until the courier comes again. Only
while jobs are short, and never for long: what has not begun after a second goes back to its queue.
"""

import logging
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import clock
from errors import ArgumentError, DataError, JobCancelled, JobTimeout, LeaseLost, TimedOut, TrawlError
from state.engine import execution_records, jobs, leases, quarantined
from state.store import connection
from worker import execution as executions
from worker import job_log, outcomes
from worker.batching import Pace
from worker.pool import Pool
from worker.settling import Settling
from worker.watchdog import Pulse

log = logging.getLogger("trawl.worker")

#: From the end of a job's time until it is written off (s).
GRACE_S = 5.0

#: How long a job runs (s) before RQ's tools are given a record of its execution; its status and registry say so from the start.
SHOW_AFTER_S = 0.5

#: Jobs that are prefetched unless --prefetch says how many, as a share of the threads or places; how long they may wait (s).
AHEAD = 0.5
AHEAD_S = 1.0

#: After some waited longer: so long (s) none waits, and where the loop is blocked none is taken.
PAUSE_S = 10.0


@dataclass(slots=True)
class Held:
    """`running`: tasks by the name of their lease. `settling`: what ended and is not stored yet.

    The courier's thread and the guard's both take tasks out of `running`: a task belongs to the one that took it out.
    """

    pool: Pool
    pace: Pace
    max_jobs: int = 0  # how many it may run in all; 0 = any number
    prefetch: int | None = None  # jobs taken ahead of a free thread, and as many for the loop; None = half its size
    pulse: Pulse = field(default_factory=Pulse)
    running: dict[str, executions.Task] = field(default_factory=dict)
    settling: Settling = field(default_factory=lambda: Settling("", lambda settlement, for_rq: None))
    ended: int = 0
    stuck: int = 0
    abandoned: int = 0
    coroutines: Sequence[str] = ()  # paths of the jobs that are `async def`
    _moving: threading.Lock = field(default_factory=threading.Lock)  # the guard moves tasks from `running` to `unsettled`
    _logged_s: float = field(default_factory=job_log.wanted)
    _nothing_ahead_until: float = 0.0
    _loop_is_blocked: bool = False

    def start(self, job: leases.Leased) -> None:
        """Run a job that was taken; one that is none of ours is quarantined and refused."""
        try:
            call = executions.read(job)
        except (DataError, ArgumentError) as exc:
            self.unsettled.append(outcomes.of_error(job, "refused", exc))
            quarantine(job, str(exc))
            return
        if job.fields.get(b"cancel"):  # before it began, or before it came back
            self.unsettled.append(outcomes.of_error(job, call.path, JobCancelled("it was cancelled before it began")))
            return
        task = executions.Task(job, call)
        if not self._logged_s:
            job_log.received(task)
        self.running[job.lease] = task
        self.pulse.expect(task.deadline)
        self.pool.submit(task)

    @property
    def unsettled(self) -> list[leases.Settlement]:
        """What ended and is not stored yet."""
        return self.settling.unsettled

    def collect(self) -> bool:
        """Take over what ended; says whether anything did."""
        done, any_ended = self.pool.done, bool(self.pool.done)
        if any_ended:
            self._logged_s = job_log.wanted()
        boot_s = _boot_s() if any_ended else None  # None: what ends from here on asks for itself
        while done:
            task = done.popleft()
            if self.running.pop(task.job.lease, None) is None:
                continue
            self.ended += 1
            took_s = max(0.0, task.ended - task.began)
            self.pace.ended(took_s)
            if task.error is None:
                if took_s >= self._logged_s:
                    job_log.completed(task)
            elif task.error.is_a(LeaseLost):
                log.warning("Lost lease: the job saw it and stopped itself", extra={"job": task.job.id})
                continue
            self.unsettled.append(_with_start(outcomes.of(task), task, boot_s))
        return any_ended

    def room(self, more: bool = False) -> tuple[int, int]:
        """How many more jobs it can take: on threads, on the loop; some ahead where `more` wait than all can run at once."""
        on_loop = sum(task.on_loop for task in list(self.running.values())) if self.coroutines else 0
        ahead = more and self.pace.is_quick and clock.monotonic() >= self._nothing_ahead_until
        threads = max(0, min(_places(self, self.pool.size, ahead) - (len(self.running) - on_loop), self.left()))
        if not self.coroutines or (self._loop_is_blocked and clock.monotonic() < self._nothing_ahead_until):
            return threads, 0
        return threads, max(0, min(_places(self, self.pool.coroutines, ahead) - on_loop, self.left() - threads))

    def left(self) -> int:
        """How many more jobs it may take before it is replaced."""
        return (self.max_jobs or 1 << 40) - self.ended - len(self.running)

    def renew(self) -> None:
        """Renew all leases; a job that lost its lease, or was cancelled, is told."""
        names = [*self.running, *(ended.job.lease for ended in self.unsettled)]  # what ended in an outage is still ours
        if not names:
            return
        renewal = leases.renew(names)
        for lease in renewal.lost:
            task = self.running.pop(lease, None)
            if task:
                log.warning("Lost lease: the job is another worker's now", extra={"job": task.job.id})
                task.lost = True
                self.pool.interrupt(task, LeaseLost)
        for lease in renewal.asked_to_stop:
            if task := self.running.get(lease):
                task.stop_asked = True

    def is_busy(self) -> bool:
        """Whether anything runs, or ended and is not stored yet."""
        with self._moving:
            return bool(self.running or self.pool.done or self.unsettled)

    def watch(self) -> None:
        """Hold the running tasks against their time limits, and the waiting ones against theirs."""
        now = clock.monotonic()
        waits_long = False
        for lease, task in list(self.running.items()):
            if task.ended:  # in its time: the courier collects it, however late it comes
                continue
            if task.began == math.inf:
                waits_long = waits_long or now > task.handed_over + AHEAD_S
            elif now > task.deadline + GRACE_S:
                _write_off(self, lease, task)
            elif now > task.deadline and task.interrupted_by is None:
                self.pool.interrupt(task, JobTimeout)
        if waits_long:
            self._nothing_ahead_until = now + PAUSE_S
            self._loop_is_blocked = bool(self.pool.places.waiting) and self.pool.places.any_free()
            self.withdraw()

    def withdraw(self) -> None:
        """Put back what waits for its beginning, in its order."""
        with self._moving:
            waiting = [task for task in self.pool.withdraw() if self.running.pop(task.job.lease, None) is not None]
            self.unsettled.extend(leases.Settlement(task.job, "again") for task in waiting)
        if waiting:
            self.pool.strike()

    def give_back(self) -> None:
        """Put what still runs back into its queue, nothing spent; whatever it does from now on is refused."""
        with self._moving:
            log.warning("Put unfinished jobs back", extra={"count": len(self.running)})
            for lease in list(self.running):
                task = self.running.pop(lease, None)
                if task is not None:
                    self.abandoned += 1
                    self.unsettled.append(leases.Settlement(task.job, "again"))
        self.pool.strike()

    def stop_job(self, job_id: str) -> None:
        """Ask a running job to stop: it ends at its next call of progress()."""
        for task in list(self.running.values()):  # called from RQ's thread, while the courier goes on
            if task.job.id == job_id:
                task.stop_asked = task.stopped_by_command = True

    def first_deadline(self) -> float:
        """When the first of the running jobs has to be over, by the monotonic clock; 0 where none runs."""
        return min((task.deadline for task in list(self.running.values())), default=0.0)


def show(held: Held, worker: str) -> None:
    """Give RQ's tools the executions of the jobs that have run for a moment."""
    now, at = clock.monotonic(), clock.now().timestamp()
    young = {
        lease: at - (now - task.began)
        for lease, task in list(held.running.items())
        if not task.shown and now - task.began >= SHOW_AFTER_S
    }
    if young:
        execution_records.write_records(worker, young)
        for lease in young:
            if task := held.running.get(lease):
                task.shown = True


def _places(held: Held, size: int, ahead: bool) -> int:
    return size + (round(size * AHEAD) if held.prefetch is None else held.prefetch) * ahead


def ahead_of(held: Held, threads: int, coroutines: int) -> tuple[int, int]:
    """For how many of so many more jobs no thread, and no place on the loop, is free yet."""
    on_loop = sum(task.on_loop for task in list(held.running.values())) if held.coroutines else 0
    free = max(0, held.pool.size - (len(held.running) - on_loop)), max(0, held.pool.coroutines - on_loop)
    return max(0, threads - free[0]), max(0, coroutines - free[1])


def _with_start(settlement: leases.Settlement, task: executions.Task, boot_s: float | None = None) -> leases.Settlement:
    """A job that was prefetched, and ended before its record said that it was started, says so with its outcome."""
    if not task.job.prefetched or task.shown or settlement.outcome == "again":
        return settlement
    began_s = min(task.began, task.ended or clock.monotonic())  # one that was ended while it waited never began
    began = datetime.fromtimestamp((_boot_s() if boot_s is None else boot_s) + began_s, UTC)
    return leases.Settlement(*settlement[:-1], jobs.rq_time(began))


def _boot_s() -> float:
    """When the monotonic clock was 0, in seconds since 1970. A job must not seem to have ended before it began."""
    monotonic_s = clock.monotonic()
    return clock.now().timestamp() - monotonic_s


def _write_off(held: Held, lease: str, task: executions.Task) -> None:
    """A C call or a socket holds its thread: the job is over, the thread is lost, this process ends after its other jobs."""
    error = TimedOut(f"did not end within {task.call.timeout_s:g} s + {GRACE_S:g} s; its thread was written off")
    with held._moving:
        if held.running.pop(lease, None) is None:  # it ended just now
            return
        held.stuck += 1
        held.unsettled.append(_with_start(outcomes.of_error(task.job, task.call.path, error), task))
    held.pool.write_off(task)
    held.pool.strike()


def quarantine(job: leases.Leased, reason: str) -> None:
    """Keep a record of what is no job of ours; that it cannot be kept holds up no other job."""
    try:
        with connection.errors_translated():
            quarantined.put(job, reason)
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc, extra={"job": job.id, "refused": reason})
