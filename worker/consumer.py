"""The consumer of a worker process: it leases jobs, starts them and settles them. All of its talk with Redis is here.

One turn of its loop:

1. collect the executions that ended;
2. run the timers that are due: renew leases, poll the queues, rescue lost jobs, send a heartbeat;
3. exchange: settle the outcomes and lease new jobs, in one round trip;
4. wait until an execution ends, a wake-up arrives or a timer is due.

An outage of Redis ends no job. Outcomes are kept, and settled later if their lease still holds. Duties that need no Redis, such
as time limits, belong to the guard (worker/guard.py).
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import uniform

import clock
import queues
from engine.timers import SPREAD, Timers
from errors import TrawlError
from state.engine import jobs, leases
from state.store import connection
from worker import in_flight, outcomes
from worker.batching import SettleBatching
from worker.blocking_fetch import BlockingFetch
from worker.follow_ups import FollowUps
from worker.guard import LAST_WORDS_S, Guard
from worker.in_flight import InFlight
from worker.leasing import Leasing
from worker.polling import POLL_S, Polling
from worker.pool import Pool
from worker.rescue import pass_wakeup_on, rescue_lost
from worker.settling import Settling
from worker.shares import Shares
from worker.stand_still import StandStill

log = logging.getLogger("trawl.worker")

RENEW_S = 5.0
RESCUE_S = 4.0
HEARTBEAT_S = 15.0
CATCH_UP_S, STOPS_S = 60.0, 60.0

#: Longest pause between two tries while Redis is away.
OUTAGE_CAP_S = 2.0

#: Seconds until the first renewal of a job that came with a wake-up: its first lease is short.
FIRST_RENEWAL_S = 1.0

#: Seconds that the hooks and callbacks of the last jobs get at the end.
FINISH_S = 5.0

#: This wait releases the interpreter lock: the thread of a job begins before the consumer goes on.
YIELD_S = 0.00001


@dataclass(slots=True)
class Policy:
    """When a process ends by itself (after so many jobs or MB, or with `burst` when the queues are empty), and how."""

    burst: bool = False
    max_jobs: int = 0
    max_rss_mb: int = 0
    prefetch: int | None = None  # jobs leased ahead of a free thread or coroutine; None = half as many as there are
    grace_s: float = 25.0  # what running jobs get when the process should end, before they are requeued


@dataclass(slots=True)
class Consumer:
    """`run` blocks until the process should end. `guard.stop` asks for the end, and is safe in a signal handler."""

    worker: str
    order: Callable[[], Sequence[str]]  # names of the queues, the first one first
    pool: Pool
    policy: Policy
    heartbeat: Callable[[Sequence[str]], None]  # takes the ids of the running jobs
    shares: Shares | None = None  # how the queues share the threads and coroutines; None = strictly in order
    exit_now: Callable[[], object] | None = None  # ends the process when Redis does not answer in the time that is left
    recycling: bool = False  # the process leases no more jobs, ends after those it has, and is replaced
    in_flight: InFlight = field(init=False)
    leasing: Leasing = field(init=False)
    polling: Polling = field(default_factory=Polling)
    blocking_fetch: BlockingFetch = field(init=False)
    follow_ups: FollowUps = field(init=False)
    guard: Guard = field(init=False)
    _stand_still: StandStill = field(default_factory=StandStill)
    _timers: Timers = field(init=False)
    _has_said_so: bool = False  # its record was to say that it is draining
    _outage_s: float = 0.0  # current pause between two tries; 0 = Redis answers

    def __post_init__(self) -> None:
        self.follow_ups = FollowUps(self.worker)
        settling = Settling(self.worker, self.follow_ups.follow)
        self.in_flight = InFlight(self.pool, SettleBatching(), self.policy.max_jobs, self.policy.prefetch, settling=settling)
        self.leasing = Leasing(self.order, self.in_flight, self.shares)
        self.blocking_fetch = BlockingFetch(self.worker)
        self.polling.others = [name for name in queues.QUEUES if name not in self.order()]
        self._timers = _timers_of(self)
        policy = self.policy
        self.guard = Guard(self.in_flight, policy.grace_s, policy.max_rss_mb, self.pool.wake_up, self.exit_now)

    @property
    def is_draining(self) -> bool:
        """Whether the process takes no more jobs, and ends after those it has."""
        return self.guard.stopping or self.recycling

    def run(self) -> None:
        """Lease, run and settle jobs until the process should end and nothing is in flight."""
        self.in_flight.coroutines = queues.coroutine_functions()
        connection.reserve()
        self.guard.start()
        while True:
            self._collect()
            self._try(self._turn)
            if self._is_over():
                break
            self._try(self._wait)
        if self.blocking_fetch.is_pending:  # it was asked to end after the last turn: nobody would read what that fetch leases
            self._try(self._turn)
        self._try(pass_wakeup_on)
        self.guard.finish(FINISH_S + LAST_WORDS_S)

    def _collect(self) -> None:
        """Collect the executions that ended. Under load, linger first: one exchange then settles many outcomes."""
        has_backlog = self.leasing.has_backlog
        if has_backlog and self.in_flight.running:  # without a backlog, a free thread could begin a new job sooner
            self.in_flight.batching.linger()
        if self.in_flight.collect() and has_backlog:
            self.leasing.is_due = True
        if self.polling.note_running(len(self.in_flight.running)):
            self._timers.hasten(poll=POLL_S, heartbeat=HEARTBEAT_S)

    def _turn(self) -> None:
        """Run the timers that are due, then settle and lease in one exchange."""
        if self._stand_still.noticed():
            log.warning("This process stood still, or Redis did: leases are renewed before any is taken back")
            self._renew_first()
        self._stand_still.expect(0)
        self._timers.run_due()
        _check_blocking_fetch(self)
        request = self.leasing.request(*self._room(self.leasing.may_prefetch)) if self.leasing.is_due else None
        if request or self.in_flight.unsettled:
            self._exchange(request)
        self._outage_s = 0.0

    def _exchange(self, request: leases.LeaseRequest | None) -> None:
        requeues = outcomes.REQUEUED in [settlement.outcome for settlement in self.in_flight.unsettled]
        done = self.in_flight.settling.exchange(request)
        self.in_flight.batching.exchanged()
        if request:
            self.leasing.answered(request, done)
            started = [self.in_flight.start(job) for job in done.taken]
            self.leasing.began(request, started, *self._room(self.leasing.may_prefetch))
            self.polling.took(done.plenty)
        self.leasing.is_due = self.leasing.is_due or requeues  # this process may lease a requeued job again

    def _wait(self) -> None:
        """Wait for the end of an execution, a wake-up or the next timer; not at all while there is something to do."""
        if not self._outage_s and self._has_work():
            return
        fd = _start_blocking_fetch(self) if sum(self._room()) and not (self._outage_s or self.policy.burst) else None
        wait_s = self._outage_s or min(self._timers.wait_s(), self.blocking_fetch.rest_s)
        self._stand_still.expect(wait_s)
        if self.pool.wait(fd, wait_s):
            _read_blocking_fetch(self)

    def _has_work(self) -> bool:
        """Whether another turn has something to do at once."""
        if self.pool.done or self.in_flight.unsettled:
            return True
        return self.leasing.is_due and sum(self._room(self.leasing.may_prefetch)) > 0

    def _room(self, may_prefetch: bool = False) -> tuple[int, int]:
        return (0, 0) if self._is_ending() else self.in_flight.room(may_prefetch)

    def _is_ending(self) -> bool:
        held = self.in_flight
        if not self.recycling and (held.stuck or self.guard.outgrown or self.guard.draining or held.jobs_until_recycle() <= 0):
            self.recycling = True
            if not self.guard.stopping:
                held.watchdog.announce_exit(unused=not (held.ended or held.stuck or held.running))
        if self.is_draining and not self._has_said_so:
            self._has_said_so = True
            self._timers.schedule("heartbeat", 0)  # people see at once that it takes no more
        return self.is_draining

    def _is_over(self) -> bool:
        if self.in_flight.is_busy():
            return False
        return self._is_ending() or (self.policy.burst and not (self.leasing.is_due or self.leasing.has_backlog))

    def _try(self, step: Callable[[], None]) -> None:
        try:
            with connection.errors_translated():
                step()
        except (TrawlError, connection.ResponseError) as exc:
            self._back_off(exc)

    def _back_off(self, exc: Exception) -> None:
        """Redis is away, full or broken: keep what ended, and try again a little later each time."""
        self._outage_s = min(OUTAGE_CAP_S, max(0.1, self._outage_s * 2))
        self.leasing.is_due = True
        self._renew_first()
        self.blocking_fetch.abandon()
        log.warning("%s Trying again in %.1f s.", exc, self._outage_s)

    def _renew_first(self) -> None:
        """Renew before anything else. All workers renew before any of them looks for lost leases."""
        self._timers.schedule("renew", 0)
        self._timers.schedule("rescue", RESCUE_S)


def _timers_of(consumer: Consumer) -> Timers:
    return Timers(
        {
            "renew": (RENEW_S, lambda: _renew(consumer)),
            "poll": (POLL_S, lambda: _poll(consumer)),
            "executions": (POLL_S, lambda: in_flight.record_executions(consumer.in_flight, consumer.worker)),
            "rescue": (RESCUE_S, lambda: _rescue(consumer)),
            "heartbeat": (HEARTBEAT_S, lambda: _send_heartbeat(consumer)),
            "catch up": (CATCH_UP_S, lambda: _catch_up(consumer)),
            "stops": (consumer.polling.at_rest_s(STOPS_S), consumer.follow_ups.log_stops),
            "history": (consumer.polling.at_rest_s(STOPS_S), consumer.follow_ups.pack_history),
        }
    )


def _poll(consumer: Consumer) -> None:
    """Look whether any job waits; promote delayed jobs that are due."""
    consumer.leasing.is_due = consumer.polling.poll(sum(consumer._room())) or consumer.leasing.is_due
    consumer._timers.schedule("poll", consumer.polling.next_poll_s)


def _renew(consumer: Consumer) -> None:
    consumer.in_flight.renew()
    consumer._stand_still.renewed()


def _rescue(consumer: Consumer) -> None:
    """Rescue jobs of dead workers, but none of this one; without room for them here, wake the other workers."""
    if consumer._stand_still.is_overdue(RENEW_S):
        _renew(consumer)
    if not consumer.polling.is_quiet and rescue_lost(consumer.worker, consumer.follow_ups.follow):
        consumer.leasing.is_due = consumer.polling.found_unannounced = True
        if not sum(consumer._room()):
            jobs.wake_others()


def _send_heartbeat(consumer: Consumer) -> None:
    """Write for RQ's tools that this worker lives, and which jobs it runs."""
    consumer.heartbeat([execution.job.id for execution in list(consumer.in_flight.running.values())])
    consumer._timers.schedule("heartbeat", consumer.polling.heartbeat_in_s(HEARTBEAT_S) * uniform(*SPREAD))


def _catch_up(consumer: Consumer) -> None:
    if not consumer.polling.is_quiet:
        consumer.follow_ups.catch_up()


# --- the blocking fetch: how jobs arrive at an idle worker ---


def _start_blocking_fetch(consumer: Consumer) -> int | None:
    fd = consumer.blocking_fetch.start(consumer.order(), *consumer._room(), consumer.in_flight.coroutines)
    consumer._timers.hasten(poll=POLL_S if fd is None else math.inf)  # None: no wake-up can arrive
    return fd


def _read_blocking_fetch(consumer: Consumer) -> None:
    woken, fetched = consumer.blocking_fetch.read()
    consumer.leasing.is_due = woken and fetched.more
    if woken and not fetched.taken:  # a delayed job was announced, another worker was faster, or this one is too full for the job
        consumer._timers.hasten(poll=0)
        if fetched.more and not all(consumer._room()[: 1 + bool(consumer.in_flight.coroutines)]):
            consumer.blocking_fetch.rest()
    for job in fetched.taken:
        _begin_or_requeue(consumer, job)
        consumer._timers.schedule("renew", FIRST_RENEWAL_S)
        clock.wait(YIELD_S)


def _check_blocking_fetch(consumer: Consumer) -> None:
    """Abandon the blocking fetch where its jobs would find no room; begin or requeue the jobs that it leased unread."""
    fetch = consumer.blocking_fetch
    if not fetch.fits(*consumer._room()) or (consumer.leasing.is_due and consumer.policy.prefetch == 0):
        fetch.abandon()
    for job in fetch.recover():
        _begin_or_requeue(consumer, job)


def _begin_or_requeue(consumer: Consumer, job: leases.Leased) -> None:
    """Start a job that the blocking fetch leased; requeue it if its thread or coroutine is taken by now."""
    if sum(consumer._room()):
        consumer.in_flight.start(job)
    else:
        consumer.in_flight.unsettled.append(outcomes.requeued(job))
