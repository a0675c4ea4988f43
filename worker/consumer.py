"""The one conversation of a worker process with Redis: settle what ended and take what can run, in one round trip.

Each turn: collect ended tasks, exchange them for new jobs, do what is due (renew leases, put back lost jobs, move delayed ones,
say that we live), then wait until a task ends, a submit wakes us or something is due. Redis being away ends nothing: what ended
is kept and settled later, if its lease still holds. What needs no Redis is the guard's (worker/guard.py).
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import uniform

import clock
import queues
from engine.timers import SPREAD, Chores
from errors import TrawlError
from state.engine import jobs, leases, rescues
from state.store import connection
from worker import follow_ups, in_flight, outcomes, settling
from worker.batching import Pace
from worker.blocking_fetch import Standby
from worker.guard import LAST_WORDS_S, Guard
from worker.in_flight import Held
from worker.polling import LOOK_S, Polling
from worker.pool import Pool
from worker.settling import Settling
from worker.shares import Shares

log = logging.getLogger("trawl.worker")

RENEW_S = 5.0
RESCUE_S = 4.0
SHOW_S = 15.0  # after a process began to work
CATCH_UP_S, STOPS_S = 60.0, 60.0
OUTAGE_CAP_S = 2.0
SOON_S = 1.0  # until the first renewal of a job that a wake-up brought
FINISH_S = 5.0  # what hooks and callbacks of the last jobs get at the end
YIELD_S = 0.00001  # lets go of the interpreter: the thread that got a job begins before we do anything else


@dataclass(slots=True)
class Limits:
    """When a process ends by itself: after so many jobs or MB, or with `burst` when the queues are empty."""

    burst: bool = False
    max_jobs: int = 0
    max_rss_mb: int = 0
    prefetch: int | None = None  # jobs taken ahead of a free thread or place; None = half as many as there are
    grace_s: float = 25.0  # what jobs in hand get when the process should end, before they are put back


@dataclass(slots=True)
class Courier:
    """`run` blocks until the process should end; `stop` asks for that from a signal handler."""

    worker: str
    order: Callable[[], Sequence[str]]  # queues, first ones first
    pool: Pool
    limits: Limits
    show: Callable[[Sequence[str]], None]
    shares: Shares | None = None  # how queues share the places; None = strictly in order
    end: Callable[[], object] | None = None  # ends the process, where Redis does not answer in the time that is left
    leaving: bool = False  # it takes no more jobs, ends after those it has, and is replaced
    in_flight: Held = field(init=False)
    _request: int = 0
    _hungry: bool = True  # a look at the queues may find jobs that we can run
    _more: bool = False  # at the last look they held more than we could run,
    _plenty: bool = False  # and not only such as wait for a place of their kind
    _outage_s: float = 0.0
    polling: Polling = field(default_factory=Polling)
    _chores: Chores = field(init=False)
    standby: Standby = field(init=False)
    lines: follow_ups.Lines = field(init=False)
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.lines = follow_ups.Lines(self.worker)
        settling = Settling(self.worker, self.lines.follow)
        self.in_flight = Held(self.pool, Pace(), self.limits.max_jobs, self.limits.prefetch, settling=settling)
        self.standby = Standby(self.worker)
        self.polling.others = [name for name in queues.QUEUES if name not in self.order()]
        self._chores = _chores_of(self)
        self.guard = Guard(self.in_flight, self.limits.grace_s, self.limits.max_rss_mb, self.pool.strike, self.end)

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self.guard.stopping

    @stopping.setter
    def stopping(self, value: bool) -> None:
        self.guard.stopping = value

    def run(self) -> None:
        """Take and settle jobs until stopped and nothing runs any more; what outlasts the grace is put back."""
        self.in_flight.coroutines = queues.coroutine_functions()
        connection.reserve()
        self.guard.start()
        while True:
            if self._more and self.in_flight.running:  # nobody could begin anything sooner
                self.in_flight.pace.linger()
            if self.in_flight.collect() and self._more:
                self._hungry = True
            if self.polling.turns(len(self.in_flight.running)):
                self._chores.hasten(look=LOOK_S, show=SHOW_S)
            self._try(self._turn)
            if self._is_over():
                self._try(hand_on)
                self.guard.finish(FINISH_S + LAST_WORDS_S)
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

    def _turn(self) -> None:
        self._chores.do()
        if not self.standby.fits(*self._room()) or (self._hungry and self.limits.prefetch == 0):
            self.standby.disarm()
        for job in self.standby.recall():
            self._take(job)
        wanted, room = None, self._room(self._plenty) if self._hungry else (0, 0)
        if sum(room):
            ahead, shares = in_flight.ahead_of(self.in_flight, *room), self.shares.of(*room) if self.shares else None
            wanted = leases.LeaseRequest(
                self._request + 1, self.order(), *room, self.in_flight.coroutines, ahead=ahead, shares=shares
            )
        if wanted or self.in_flight.unsettled:
            self._exchange(wanted)
        self._outage_s = 0.0

    def _exchange(self, wanted: leases.LeaseRequest | None) -> None:
        puts_back = any(one.outcome == "again" for one in list(self.in_flight.unsettled))
        done = self.in_flight.settling.exchange(wanted)
        self.in_flight.pace.exchanged()
        if wanted:
            self._request, self._plenty = wanted.request, done.plenty
            self._more, self._hungry = done.more, done.unfinished or (done.more and bool(done.taken))
            for job in done.taken:
                self.in_flight.start(job)
            if self.shares:
                self.shares.took(len(done.taken))
            self.polling.took(done.plenty)
        self._hungry = self._hungry or puts_back  # it may be ours again

    def _take(self, job: leases.Leased) -> None:
        """Start a job that a wake-up brought, or put it back where the room it was for is gone."""
        if sum(self._room()):
            self.in_flight.start(job)
        else:
            self.in_flight.unsettled.append(leases.Settlement(job, "again"))

    def look(self) -> None:
        """See whether anything waits, delayed jobs included."""
        self._hungry = self.polling.look() or self._hungry
        self._chores.set("look", self.polling.next_look_s * uniform(*SPREAD))

    def _wait(self) -> None:
        if not self._outage_s and (
            self.pool.done or self.in_flight.unsettled or (self._hungry and sum(self._room(self._plenty)))
        ):
            return
        ear, room = None, self._room()
        if sum(room) and not (self._outage_s or self.limits.burst):
            ear = self.standby.arm(self.order(), *room, self.in_flight.coroutines)
            self._chores.hasten(look=LOOK_S if ear is None else math.inf)  # None: nobody can wake us
        if self.pool.listen(ear, self._outage_s or self._chores.wait_s()):
            woken, brought = self.standby.answer()
            self._hungry = woken and brought.more
            if woken and not brought.taken:
                self._chores.hasten(look=0)  # a delayed job was announced, or somebody was faster
            for job in brought.taken:
                self._take(job)
                self._chores.set("renew", SOON_S)
                clock.wait(YIELD_S)

    def _room(self, more: bool = False) -> tuple[int, int]:
        return (0, 0) if self._ends() else self.in_flight.room(more)

    def _ends(self) -> bool:
        if not self.leaving and (self.in_flight.stuck or self.guard.outgrown or self.in_flight.left() <= 0):
            self.leaving = True
            if not self.stopping:
                self.in_flight.pulse.go(unused=not (self.in_flight.ended or self.in_flight.stuck or self.in_flight.running))
        return self.stopping or self.leaving

    def _is_over(self) -> bool:
        if self.in_flight.is_busy():
            return False
        return self._ends() or (self.limits.burst and not self._hungry and not self._more)


def _chores_of(courier: Courier) -> Chores:
    return Chores(
        {
            "renew": (RENEW_S, courier.in_flight.renew),
            "look": (LOOK_S, courier.look),
            "executions": (LOOK_S, lambda: in_flight.show(courier.in_flight, courier.worker)),
            "rescue": (RESCUE_S, lambda: _rescue(courier)),
            "show": (SHOW_S, lambda: _tell(courier)),
            "catch up": (CATCH_UP_S, lambda: _catch_up(courier)),
            "stops": (courier.polling.at_rest_s(STOPS_S), courier.lines.say_stops),
        }
    )


def _rescue(courier: Courier) -> None:
    """Take back what others lost."""
    if not courier.polling.is_quiet and rescue_lost(courier.worker, courier.lines.follow):
        courier._hungry = courier.polling.found_unannounced = True
        if not sum(courier._room()):
            jobs.wake_others()


def _tell(courier: Courier) -> None:
    """Show RQ's tools what runs."""
    courier.show([task.job.id for task in list(courier.in_flight.running.values())])
    courier._chores.set("show", courier.polling.show_in_s(SHOW_S) * uniform(*SPREAD))


def hand_on() -> None:
    """A process that ends may be the only one that was told of delayed jobs: another one hears of them."""
    if jobs.any_delayed(*queues.QUEUES):
        jobs.wake_others(1)


def _catch_up(courier: Courier) -> None:
    if not courier.polling.is_quiet:
        courier.lines.catch_up()


def rescue_lost(worker: str, follow: follow_ups.Follow | None = None, dead_worker: str = "", *, stood_still: bool = False) -> int:
    """Take back jobs whose lease ran out, or that `dead_worker` held; give up the poisoned ones. Says how many came back.

    `stood_still`: one of the jobs of that worker, on this machine, held all its threads. Those that were not over their time
    spend nothing.
    """
    late = rescues.over_their_time(dead_worker) if stood_still else []
    rescue = rescues.rescue(dead_worker, late) if late else rescues.rescue(dead_worker)
    if rescue.put_back:
        log.warning("Put jobs of a dead worker back", extra={"count": len(rescue.put_back), "jobs": rescue.put_back[:10]})
    for lease, queue in rescue.poisoned:
        try:
            settlement, became = settling.settle_one(worker, outcomes.of_rescues(leases.find(lease, queue)))
        except connection.ResponseError as exc:  # whatever was made of its keys, it holds up no other job
            log.error("A poisoned job cannot be given up: %s", exc, extra={"lease": lease})
            continue
        if became is not leases.Settled.LOST:
            (follow or follow_ups.follow_now)(settlement, became is leases.Settled.FOLLOW_UP)
    return len(rescue.put_back)
