"""The jobs a process holds under leases: where there is room, whose time is up, which leases were lost, what was learnt of each.

Some jobs may wait a moment before they begin: a thread or a place on the loop would else idle until the courier comes again. Only
while jobs are short, and never for long: what has not begun after a second goes back to its queue.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import clock
import queues
from errors import ArgumentError, DataError, JobTimeout, LeaseLost, TimedOut, TrawlError
from state import connection, leases
from worker import joblog, outcomes
from worker import task as tasks
from worker.pace import Pace
from worker.pool import Pool
from worker.pulse import Pulse
from worker.settling import Settling

log = logging.getLogger("trawl.worker")

#: From the end of a job's time until it is written off (s).
GRACE_S = 5.0

#: How long a job runs (s) before RQ's tools are given a record of its execution; its status and registry say so from the start.
SHOW_AFTER_S = 0.5

#: Jobs that may wait for a thread or a place, as a share of them, and for how long (s).
AHEAD = 0.5
AHEAD_S = 1.0

#: After some waited longer: so long (s) none waits, and where the loop is blocked none is taken.
PAUSE_S = 10.0


@dataclass(slots=True)
class Held:
    """`running`: tasks by the name of their lease. `settling`: what ended and is not stored yet."""

    pool: Pool
    pace: Pace
    max_jobs: int = 0  # how many it may run in all; 0 = any number
    pulse: Pulse = field(default_factory=Pulse)
    running: dict[str, tasks.Task] = field(default_factory=dict)
    settling: Settling = field(default_factory=lambda: Settling("", lambda settlement, for_rq: None))
    ended: int = 0
    stuck: int = 0
    abandoned: int = 0
    coroutines: Sequence[str] = ()  # paths of the jobs that are `async def`
    _nothing_ahead_until: float = 0.0
    _loop_is_blocked: bool = False

    def start(self, job: leases.Leased) -> None:
        """Run a job that was taken; one that is none of ours is quarantined and refused."""
        try:
            call = tasks.read(job)
        except (DataError, ArgumentError) as exc:
            self.unsettled.append(outcomes.of_error(job, "refused", exc))
            quarantine(job, str(exc))
            return
        task = tasks.Task(job, call)
        joblog.received(task)
        self.running[job.lease] = task
        self.pulse.expect(task.deadline)
        self.pool.submit(task)

    @property
    def unsettled(self) -> list[leases.Settlement]:
        """What ended and is not stored yet."""
        return self.settling.unsettled

    def linger(self, more: bool) -> None:
        """Wait for a few jobs to end together; only where more wait than can run, so that nobody could begin sooner."""
        if more and self.running:
            self.pace.linger()

    def collect(self) -> bool:
        """Take over what ended; says whether anything did."""
        done, any_ended = self.pool.done, bool(self.pool.done)
        while done:
            task = done.popleft()
            if self.running.pop(task.job.lease, None) is None:
                continue
            self.ended += 1
            self.pace.ended(max(0.0, task.ended - task.began))
            if task.error is not None and task.error.is_a(LeaseLost):
                log.warning("Lost lease: the job saw it and stopped itself", extra={"job": task.job.id})
            else:
                self.unsettled.append(outcomes.of(task))
        return any_ended

    def room(self, more: bool = False) -> tuple[int, int]:
        """How many more jobs it can take: on threads, on the loop; some ahead where `more` wait than all can run at once."""
        on_loop = sum(task.on_loop for task in self.running.values()) if self.coroutines else 0
        threads = max(0, min(self._places(self.pool.size, more) - (len(self.running) - on_loop), self.left()))
        if not self.coroutines or (self._loop_is_blocked and clock.monotonic() < self._nothing_ahead_until):
            return threads, 0
        return threads, max(0, min(self._places(self.pool.coroutines, more) - on_loop, self.left() - threads))

    def _places(self, size: int, more: bool) -> int:
        ahead = more and self.pace.is_quick and clock.monotonic() >= self._nothing_ahead_until
        return size + (round(size * AHEAD) if ahead else 0)

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
            if lease in self.running:
                self.running[lease].stop_asked = True

    def show(self, worker: str) -> None:
        """Give RQ's tools the executions of the jobs that have run for a moment."""
        now, at = clock.monotonic(), clock.now().timestamp()
        young = {
            lease: at - (now - task.began)
            for lease, task in self.running.items()
            if not task.shown and now - task.began >= SHOW_AFTER_S
        }
        if young:
            leases.show(worker, young)
            for lease in young:
                self.running[lease].shown = True

    def watch(self) -> None:
        """Hold the running tasks against their time limits, and the waiting ones against theirs."""
        now = clock.monotonic()
        waits_long = False
        for lease, task in list(self.running.items()):
            if task.began == math.inf:
                waits_long = waits_long or now > task.handed_over + AHEAD_S
            elif now > task.deadline + GRACE_S:
                self._write_off(lease, task)
            elif now > task.deadline and task.interrupted_by is None:
                self.pool.interrupt(task, JobTimeout)
        if waits_long:
            self._nothing_ahead_until = now + PAUSE_S
            self._loop_is_blocked = bool(self.pool.places.waiting) and self.pool.places.any_free()
            self.withdraw()

    def withdraw(self) -> None:
        """Put back what waits for its beginning, in its order."""
        for task in self.pool.withdraw():
            if self.running.pop(task.job.lease, None) is not None:
                self.unsettled.append(leases.Settlement(task.job, "again"))

    def give_back(self) -> None:
        """Put what still runs back into its queue, nothing spent; whatever it does from now on is refused."""
        log.warning("Put unfinished jobs back", extra={"count": len(self.running)})
        self.abandoned = len(self.running)
        self.unsettled.extend(leases.Settlement(task.job, "again") for task in self.running.values())
        self.running.clear()

    def stop_job(self, job_id: str) -> None:
        """Ask a running job to stop: it ends at its next call of progress()."""
        for task in list(self.running.values()):  # called from RQ's thread, while the courier goes on
            if task.job.id == job_id:
                task.stop_asked = task.stopped_by_command = True

    def look_for_coroutines(self) -> None:
        """Learn which jobs run on the loop."""
        self.coroutines = queues.coroutine_functions()

    def first_deadline(self) -> float:
        """When the first of the running jobs has to be over, by the monotonic clock; 0 where none runs."""
        return min((task.deadline for task in list(self.running.values())), default=0.0)

    def _write_off(self, lease: str, task: tasks.Task) -> None:
        """A C call or a socket holds its thread: the job is over, the thread is lost, this process ends after its other jobs."""
        del self.running[lease]
        self.stuck += 1
        self.pool.write_off(task)
        error = TimedOut(f"did not end within {task.call.timeout_s:g} s + {GRACE_S:g} s; its thread was written off")
        self.unsettled.append(outcomes.of_error(task.job, task.call.path, error))


def quarantine(job: leases.Leased, reason: str) -> None:
    """Keep a record of what is no job of ours; that it cannot be kept holds up no other job."""
    try:
        with connection.errors_translated():
            leases.quarantine(job, reason)
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc, extra={"job": job.id, "refused": reason})
