"""The one conversation of a worker process with Redis: settle what ended and take what can run, in one round trip.

Each turn: collect ended tasks, exchange them for new jobs, do what is due (renew leases, put back lost jobs, move delayed ones,
say that we live), then wait until a task ends, a submit wakes us or something is due. Redis being away ends nothing: what ended
is kept and settled later, if its lease still holds.
"""

import logging
import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import uniform

import clock
import queues
from errors import ArgumentError, DataError, JobTimeout, LeaseLost, Poisoned, TimedOut, TrawlError
from state import connection, jobs, leases, wakes
from worker import afterwards, memory, outcomes, rq_machinery
from worker import task as tasks
from worker.pace import Pace
from worker.pool import Pool
from worker.pulse import Pulse

log = logging.getLogger("trawl.worker")

LOOK_S = 1.0  # an idle worker looks for jobs that nobody announced
RENEW_S = 5.0
RESCUE_S = 6.0
PROMOTE_S = 2.0
SHOW_S = 15.0
CATCH_UP_S = 60.0
WATCH_S = 0.2  # how often running tasks are held against their time limits
GRACE_S = 5.0  # from the end of a job's time until it is written off
OUTAGE_CAP_S = 2.0


@dataclass(slots=True)
class Limits:
    """When a process ends by itself: after so many jobs or MB, or with `burst` when the queues are empty."""

    burst: bool = False
    max_jobs: int = 0
    max_rss_mb: int = 0
    grace_s: float = 25.0  # what jobs in hand get when the process should end, before they are put back


@dataclass(slots=True)
class Courier:
    """`run` blocks until the process should end; `stop` asks for that from a signal handler."""

    worker: str
    order: Callable[[], Sequence[str]]  # queues of the next look, first ones first
    pool: Pool
    limits: Limits
    show: Callable[[Sequence[str]], None]
    stopping: bool = False
    stuck: int = 0
    abandoned: int = 0
    outgrown: bool = False
    ended: int = 0
    running: dict[str, tasks.Task] = field(default_factory=dict)
    pulse: Pulse = field(default_factory=Pulse)
    pace: Pace = field(default_factory=Pace)
    _unsettled: list[leases.Settlement] = field(default_factory=list)
    _request: int = 0
    _hungry: bool = True  # a look at the queues may find jobs that we can run
    _more: bool = False  # at the last look they held more than we could run
    _outage_s: float = 0.0
    _stop_by: float = 0.0
    _due: dict[str, float] = field(default_factory=dict)
    _alarm: wakes.Alarm = field(default_factory=wakes.Alarm)
    _coroutines: list[str] = field(default_factory=list)
    _records: afterwards.Line = field(default_factory=lambda: afterwards.Line("records"))
    _foreign: afterwards.Line = field(default_factory=lambda: afterwards.Line("hooks"))

    def run(self) -> None:
        """Take and settle jobs until stopped and nothing runs any more; what outlasts the grace is put back."""
        self._coroutines = queues.coroutine_functions()
        while True:
            self.pace.linger(bool(self.running))
            self._collect()
            try:
                with connection.errors_translated():
                    self._turn()
                self._outage_s = 0.0
            except (TrawlError, connection.ResponseError) as exc:
                self._back_off(exc)
            if self._is_over():
                return
            try:
                with connection.errors_translated():
                    self._wait()
            except TrawlError as exc:
                self._back_off(exc)

    def _back_off(self, exc: Exception) -> None:
        """Redis is away, full or broken: keep what ended, and try again a little later each time."""
        self._outage_s = min(OUTAGE_CAP_S, max(0.1, self._outage_s * 2))
        self._hungry = True
        self._due["renew"] = 0.0  # first of all when Redis is back: else we would call our own jobs lost
        self._alarm.forget()
        log.warning("%s Trying again in %.1f s.", exc, self._outage_s)

    def _give_back(self) -> None:
        """Put what still runs back into its queue, nothing spent; whatever it does from now on is refused."""
        log.warning("Put unfinished jobs back", extra={"count": len(self.running)})
        self.abandoned = len(self.running)
        self._unsettled += [leases.Settlement(task.job, "again") for task in self.running.values()]
        self.running.clear()

    def stop_job(self, job_id: str) -> None:
        """Ask a running job to stop: it ends at its next call of progress()."""
        for task in self.running.values():
            if task.job.id == job_id:
                task.stop_asked = task.stopped_by_command = True

    def follow(self, settlement: leases.Settlement, for_rq: bool) -> None:
        """Have done what follows a stored outcome: not here, it may take long."""
        afterwards.do(settlement, self.worker, for_rq=for_rq, records=self._records.put, foreign=self._foreign.put)

    def finish(self, within_s: float) -> None:
        """Wait until what follows the last outcomes was done, but not for ever."""
        until = clock.monotonic() + within_s
        while not (self._records.is_idle() and self._foreign.is_idle()) and clock.monotonic() < until:
            clock.wait(0.02)

    # --- a turn ---

    def _collect(self) -> None:
        done = self.pool.done
        self._hungry = self._hungry or (self._more and bool(done))
        while done:
            task = done.popleft()
            if self.running.pop(task.job.lease, None) is not None:
                self.ended += 1
                self.pace.ended(clock.monotonic() - task.started)
                if isinstance(task.error, LeaseLost):
                    log.warning("Lost lease: the job saw it and stopped itself", extra={"job": task.job.id})
                else:
                    self._unsettled.append(outcomes.of(task))

    def _turn(self) -> None:
        self._do_what_is_due(clock.monotonic())
        threads, coroutines = self._free()
        wanted = None
        if self._hungry and threads + coroutines > 0 and not self._ends():
            wanted = leases.Wanted(self._request + 1, self.order(), threads, coroutines, self._coroutines)
        if wanted or self._unsettled:
            self._exchange(wanted)

    def _exchange(self, wanted: leases.Wanted | None) -> None:
        sent = self._unsettled[:500]
        done = leases.exchange(self.worker, sent, wanted)
        self.pace.exchanged()
        self._unsettled = self._unsettled[len(sent) :]
        for settlement, count in zip(sent, done.counted, strict=True):
            if not count:
                log.warning("Outcome refused: lost lease", extra={"job": settlement.job.id, "outcome": settlement.outcome})
            else:
                self.follow(settlement, count == 2)
        if wanted:
            self._request = wanted.request
            self._more, self._hungry = done.more, done.more and bool(done.taken)
            for job in done.taken:
                self._start(job)

    def _start(self, job: leases.Leased) -> None:
        try:
            call = tasks.read(job)
        except (DataError, ArgumentError) as exc:
            leases.quarantine(job, str(exc))
            self._unsettled.append(outcomes.of_error(job, "refused", exc))
            return
        task = tasks.Task(job, call)
        self.running[job.lease] = task
        self.pulse.expect(task.deadline)
        self.pool.submit(task)

    def _free(self) -> tuple[int, int]:
        if not self._coroutines:
            return max(0, self.pool.size - len(self.running)), 0
        on_loop = sum(task.on_loop for task in self.running.values())
        return max(0, self.pool.size - (len(self.running) - on_loop)), max(0, self.pool.coroutines - on_loop)

    # --- what is due ---

    def _do_what_is_due(self, now: float) -> None:
        chores = (
            ("look", LOOK_S, self._look),
            ("renew", RENEW_S, self._renew),
            ("watch", WATCH_S, self._watch),
            ("rescue", RESCUE_S, self._rescue),
            ("promote", PROMOTE_S, lambda: jobs.promote(*queues.QUEUES)),
            ("show", SHOW_S, self._show),
            ("catch up", CATCH_UP_S, self._catch_up),
        )
        for name, every_s, chore in chores:
            if now >= self._due.get(name, 0.0):
                self._due[name] = now + every_s * uniform(0.9, 1.1)
                chore()

    def _look(self) -> None:
        self._hungry = True

    def _renew(self) -> None:
        held = [*self.running, *(ended.job.lease for ended in self._unsettled)]  # what ended in an outage is still ours
        if not held:
            return
        renewal = leases.renew(held)
        for lease in renewal.lost:
            task = self.running.pop(lease, None)
            if task:
                log.warning("Lost lease: the job is another worker's now", extra={"job": task.job.id})
                task.lost = True
                self.pool.interrupt(task, LeaseLost)
        for lease in renewal.asked_to_stop:
            if lease in self.running:
                self.running[lease].stop_asked = True

    def _watch(self) -> None:
        now = clock.monotonic()
        if self.stopping:
            self._stop_by = self._stop_by or now + self.limits.grace_s
            if now > self._stop_by and self.running:
                self._give_back()
        for lease, task in list(self.running.items()):
            if now > task.deadline + GRACE_S:
                self._write_off(lease, task)
            elif now > task.deadline and task.interrupted_by is None:
                self.pool.interrupt(task, JobTimeout)

    def _write_off(self, lease: str, task: tasks.Task) -> None:
        """A C call or a socket holds its thread: the job is over, the thread is lost, this process ends after its other jobs."""
        del self.running[lease]
        task.written_off = True
        self.stuck += 1
        self.pool.replace_thread()
        error = TimedOut(f"did not end within {task.call.timeout_s:g} s + {GRACE_S:g} s; its thread was written off")
        self._unsettled.append(outcomes.of_error(task.job, task.call.path, error))

    def _rescue(self) -> None:
        rescue_lost(self.worker, self.follow)

    def _catch_up(self) -> None:
        self._records.put(rq_machinery.catch_up)
        self._foreign.look()

    def _show(self) -> None:
        self.show([task.job.id for task in self.running.values()])
        limit = self.limits.max_rss_mb
        if limit and memory.rss_mb() > limit and not self.outgrown:
            log.warning("This process uses more than %d MB: it ends after its jobs and is replaced", limit)
            self.outgrown = True

    # --- waiting and ending ---

    def _wait(self) -> None:
        threads, coroutines = self._free()
        can_take = threads + coroutines > 0 and not self._ends()
        if not self._outage_s and (self.pool.done or (self._hungry and can_take)):
            return
        ears = [self.pool.bell]
        if can_take and not self._outage_s and not self.limits.burst:
            ears.append(self._alarm.set())
        self.pool.listening = True
        if self.pool.done:  # it ended before we listened
            ears = []
        due = self._outage_s or max(0.0, min(self._due.values()) - clock.monotonic())
        heard = select.select(ears, [], [], min(due, WATCH_S if self.running else due))[0] if ears else []
        self.pool.listening = False
        if self.pool.bell in heard:
            self.pool.hush()
        if len(heard) > (self.pool.bell in heard) and self._alarm.rang():
            self._hungry = True
            if not can_take:
                self._alarm.pass_on()

    def _ends(self) -> bool:
        enough = self.limits.max_jobs and self.ended + len(self.running) >= self.limits.max_jobs
        return bool(self.stopping or self.stuck or self.outgrown or enough)

    def _is_over(self) -> bool:
        if self.running or self.pool.done or self._unsettled:
            return False
        return self._ends() or (self.limits.burst and not self._hungry and not self._more)


def rescue_lost(worker: str, follow: afterwards.Follow | None = None, dead_worker: str = "") -> int:
    """Take back jobs whose lease ran out, or that `dead_worker` held; give up the poisoned ones. Says how many came back."""
    rescue = leases.rescue(dead_worker)
    if rescue.put_back:
        log.warning("Put jobs of a dead worker back", extra={"count": len(rescue.put_back), "jobs": rescue.put_back[:10]})
    for lease, queue in rescue.poisoned:
        job = leases.find(lease, queue)
        reason = Poisoned(f"it took its process down {leases.POISON_DEATHS} times; see the log of the workers at those times")
        settlement = outcomes.of_error(job, job.fields.get(b"description", b"").decode(errors="replace"), reason)
        count = leases.exchange(worker, [settlement], None).counted[0]
        if count:
            (follow or afterwards.follow_now)(settlement, count == 2)
    return len(rescue.put_back)
