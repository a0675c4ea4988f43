"""The one conversation of a worker process with Redis: settle what ended and take what can run, in one round trip.

Each turn: collect ended tasks, exchange them for new jobs, do what is due (renew leases, put back lost jobs, move delayed ones,
say that we live), then wait until a task ends, a submit wakes us or something is due. Redis being away ends nothing: what ended
is kept and settled later, if its lease still holds.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import clock
import queues
from errors import TrawlError
from state import connection, jobs, leases
from worker import afterwards, memory, outcomes
from worker.chores import Chores
from worker.held import Held
from worker.pace import Pace
from worker.pool import Pool
from worker.standby import Standby

log = logging.getLogger("trawl.worker")

LOOK_S = 1.0  # looks for jobs that nobody announced, and for delayed ones that are due
RENEW_S = 5.0
RESCUE_S = 4.0
SHOW_S = 15.0
CATCH_UP_S = 60.0
WATCH_S = 0.2  # how often running tasks are held against their time limits
OUTAGE_CAP_S = 2.0
SOON_S = 1.0  # until the first renewal of a job that a wake-up brought
YIELD_S = 0.00001  # lets go of the interpreter: the thread that got a job begins before we do anything else


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
    outgrown: bool = False
    held: Held = field(init=False)
    _request: int = 0
    _hungry: bool = True  # a look at the queues may find jobs that we can run
    _more: bool = False  # at the last look they held more than we could run,
    _plenty: bool = False  # and not only such as wait for a place of their kind
    _outage_s: float = 0.0
    _stop_by: float = 0.0
    _chores: Chores = field(init=False)
    standby: Standby = field(init=False)
    lines: afterwards.Lines = field(init=False)

    def __post_init__(self) -> None:
        self.held = Held(self.pool, Pace(), self.limits.max_jobs)
        self.lines = afterwards.Lines(self.worker)
        self.standby = Standby(self.worker)
        self._chores = _chores_of(self)

    def run(self) -> None:
        """Take and settle jobs until stopped and nothing runs any more; what outlasts the grace is put back."""
        self.held.look_for_coroutines()
        connection.reserve()
        while True:
            self.held.linger(self._more)
            if self.held.collect() and self._more:
                self._hungry = True
            self._try(self._turn)
            if self._is_over():
                return
            self._try(self._wait)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            with connection.errors_translated():
                step()
        except (TrawlError, connection.ResponseError) as exc:
            self._back_off(exc)

    def _back_off(self, exc: Exception) -> None:
        """Redis is away, full or broken: keep what ended, and try again a little later each time."""
        self._outage_s = min(OUTAGE_CAP_S, max(0.1, self._outage_s * 2))
        self._hungry = True
        self._chores.set("renew", 0)  # first of all when Redis is back
        self._chores.set("rescue", RESCUE_S)  # everybody renews before anybody looks for lost ones
        self.standby.disarm()
        log.warning("%s Trying again in %.1f s.", exc, self._outage_s)

    # --- a turn ---

    def _turn(self) -> None:
        self._chores.do()
        if not self.standby.fits(*self._room()):
            self.standby.disarm()
        for job in self.standby.recall():
            self._take(job)
        wanted, room = None, self._room(self._plenty) if self._hungry else (0, 0)
        if sum(room):
            wanted = leases.Wanted(self._request + 1, self.order(), *room, self.held.coroutines)
        if wanted or self.held.unsettled:
            self._exchange(wanted)
        self._outage_s = 0.0

    def _exchange(self, wanted: leases.Wanted | None) -> None:
        sent = self.held.unsettled[:500]
        done = leases.exchange(self.worker, sent, wanted)
        self.held.pace.exchanged()
        del self.held.unsettled[: len(sent)]
        for settlement, count in zip(sent, done.counted, strict=True):
            if not count:
                log.warning("Outcome refused: lost lease", extra={"job": settlement.job.id, "outcome": settlement.outcome})
            else:
                self.lines.follow(settlement, count == 2)
        if wanted:
            self._request, self._plenty = wanted.request, done.plenty
            self._more, self._hungry = done.more, done.unfinished or (done.more and bool(done.taken))
            for job in done.taken:
                self.held.start(job)

    def _take(self, job: leases.Leased) -> None:
        """Start a job that a wake-up brought, or put it back where the room it was for is gone."""
        if sum(self._room()):
            self.held.start(job)
        else:
            self.held.unsettled.append(leases.Settlement(job, "again"))

    # --- what is due ---

    def look(self) -> None:
        """See whether anything waits, delayed jobs included."""
        if jobs.any_wait(*queues.QUEUES):
            jobs.promote(*queues.QUEUES)
            self._hungry = True

    def rescue(self) -> None:
        """Take back what others lost."""
        if rescue_lost(self.worker, self.lines.follow):
            self._hungry = True

    def watch(self) -> None:
        """Hold everything against its time limit."""
        if self.stopping:
            self.held.withdraw()
            self._stop_by = self._stop_by or clock.monotonic() + self.limits.grace_s
            if clock.monotonic() > self._stop_by and self.held.running:
                self.held.give_back()
        self.held.watch()

    def tell(self) -> None:
        """Show RQ's tools what runs, and see how large the process is."""
        self.show([task.job.id for task in self.held.running.values()])
        if memory.rss_mb() > (self.limits.max_rss_mb or 1 << 40) and not self.outgrown:
            log.warning("This process uses more than %d MB: it ends after its jobs and is replaced", self.limits.max_rss_mb)
            self.outgrown = True

    # --- waiting and ending ---

    def _wait(self) -> None:
        if not self._outage_s and (self.pool.done or (self._hungry and sum(self._room(self._plenty)))):
            return
        ear, room = None, self._room()
        if sum(room) and not (self._outage_s or self.limits.burst):
            ear = self.standby.arm(self.order(), *room, self.held.coroutines)
        due = self._outage_s or self._chores.wait_s()
        if self.pool.listen(ear, min(due, WATCH_S) if self.held.running else due):
            woken, brought = self.standby.answer()
            self._hungry = woken and brought.more
            for job in brought.taken:
                self._take(job)
                self._chores.set("renew", SOON_S)
                clock.wait(YIELD_S)

    def _room(self, more: bool = False) -> tuple[int, int]:
        return (0, 0) if self._ends() else self.held.room(more)

    def _ends(self) -> bool:
        return bool(self.stopping or self.held.stuck or self.outgrown or self.held.left() <= 0)

    def _is_over(self) -> bool:
        if self.held.running or self.pool.done or self.held.unsettled:
            return False
        return self._ends() or (self.limits.burst and not self._hungry and not self._more)


def _chores_of(courier: Courier) -> Chores:
    return Chores(
        {
            "look": (LOOK_S, courier.look),
            "executions": (LOOK_S, lambda: courier.held.show(courier.worker)),
            "renew": (RENEW_S, courier.held.renew),
            "watch": (WATCH_S, courier.watch),
            "rescue": (RESCUE_S, courier.rescue),
            "show": (SHOW_S, courier.tell),
            "catch up": (CATCH_UP_S, courier.lines.catch_up),
        }
    )


def rescue_lost(worker: str, follow: afterwards.Follow | None = None, dead_worker: str = "") -> int:
    """Take back jobs whose lease ran out, or that `dead_worker` held; give up the poisoned ones. Says how many came back."""
    rescue = leases.rescue(dead_worker)
    if rescue.put_back:
        log.warning("Put jobs of a dead worker back", extra={"count": len(rescue.put_back), "jobs": rescue.put_back[:10]})
    for lease, queue in rescue.poisoned:
        settlement = outcomes.of_rescues(leases.find(lease, queue))
        count = leases.exchange(worker, [settlement], None).counted[0]
        if count:
            (follow or afterwards.follow_now)(settlement, count == 2)
    return len(rescue.put_back)
