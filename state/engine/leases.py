"""Leases: a worker holds a job for seconds at a time, and whoever notices that a lease ran out takes the job back.

A lease is named `job:execution`. Only its holder may settle the job; a late worker's outcome is refused. RQ's own records
(started registry, results, worker) are written in the same scripts, so RQ's tools see every job; its record of the execution
follows for a job that runs longer than a moment (`show`): most have ended by then, and it costs as much as all the rest.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import clock
import config
from state.engine import jobs, limits
from state.store import connection, keys, scripts

LEASE_MS = 15_000
PROBE_MS = 1000

#: Deaths of its own process after which a job is given up as poisoned.
POISON_DEATHS = 3


class Leased(NamedTuple):
    """A job that is ours to run. `fields` is the job's hash as it was when it was taken.

    `prefetched`: no thread or coroutine was free for it. The job is leased, and its record does not say yet that it was started.
    """

    id: str
    execution: str
    queue: str
    fields: dict[bytes, bytes]
    prefetched: bool = False

    @property
    def lease(self) -> str:
        """The name of the lease."""
        return f"{self.id}:{self.execution}"


class Settlement(NamedTuple):
    """How a job ended.

    `outcome`: finished, failed, stopped, canceled, retry (after `ttl` ms), parked (likewise, nothing spent; `error` is the
    reason) or again (at once, nothing spent). `ttl`: seconds RQ keeps job and result (-1 for ever). `result` and `error` are as
    RQ's result stream holds them. `fields` are set on the job besides. `started_at` (as RQ writes it) is given where the record
    of a prefetched job does not say yet that it was started.
    """

    job: Leased
    outcome: str
    ttl: int = 500
    result: str = ""
    error: str = ""
    fields: str = ""
    started_at: str = ""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a renewal learnt: leases that were lost, and those whose job was asked to stop."""

    lost: list[str]
    asked_to_stop: list[str]


class Portions(NamedTuple):
    """How queues share one lease request: which queue is looked at first (its index), and for each queue how many of the threads,
    and of the coroutines, are first of all for its jobs.
    """

    first: int
    threads: Sequence[int]
    coroutines: Sequence[int]

    def __str__(self) -> str:
        both = zip(self.threads, self.coroutines, strict=True)
        return f"{self.first + 1} " + " ".join([f"{threads}/{coroutines}" for threads, coroutines in both])


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """What a worker could run now. The same `request` number of the same `channel`, sent again, gives the same jobs again.

    `ahead`: so many of the threads, and of the coroutines, are not free yet; jobs for those are prefetched. `shares`: how
    queues share the places; None = they are served in order.
    """

    request: int
    queues: Sequence[str]
    threads: int
    coroutines: int = 0
    coroutine_functions: Sequence[str] = ()
    channel: str = ""  # a letter, where a worker requests leases in more than one way at a time
    lease_ms: int = LEASE_MS
    ahead: tuple[int, int] = (0, 0)
    shares: Portions | None = None


class Settled(StrEnum):
    """What became of a settlement."""

    LOST = "lost"  # its lease was lost: nothing was changed
    SETTLED = "settled"
    FOLLOW_UP = "follow_up"  # settled, and RQ's machinery must follow it up: dependents, repeats, rate limits


class Backlog(StrEnum):
    """What a look at the queues left in them."""

    EMPTY = "empty"
    BLOCKED = "blocked"  # only blocked jobs wait
    MORE = "more"  # at least one waiting job is not blocked by a concurrency limit
    UNFINISHED = "unfinished"  # the look was not finished: the next one is due at once


_SETTLED = {one.value.encode(): one for one in Settled}
_BACKLOG = {one.value.encode(): one for one in Backlog}


@dataclass(frozen=True, slots=True)
class ExchangeResult:
    """What an exchange did: what became of each settlement, the jobs taken in order of the queues, what the queues still hold."""

    settled: list[Settled]
    taken: list[Leased]
    backlog: Backlog = Backlog.EMPTY

    @property
    def more(self) -> bool:
        """Whether the queues hold more, blocked jobs included."""
        return self.backlog is not Backlog.EMPTY

    @property
    def unfinished(self) -> bool:
        """Whether the next look is due at once."""
        return self.backlog is Backlog.UNFINISHED

    @property
    def plenty(self) -> bool:
        """Whether at least one waiting job is not blocked by a concurrency limit."""
        return self.backlog in (Backlog.MORE, Backlog.UNFINISHED)


def exchange(worker: str, settlements: Sequence[Settlement], request: LeaseRequest | None) -> ExchangeResult:
    """Settle and take in one round trip."""
    calls = [_settle_call(worker, settlements)] if settlements else []
    calls += [lease_call(worker, request)] if request else []
    replies: list[Any] = scripts.run_together(calls) if calls else []
    return exchange_result(replies[0] if settlements else [], replies[-1] if request else None)


def exchange_result(settled: Sequence[bytes], reply: Sequence[Any] | None) -> ExchangeResult:
    """What settle and lease replied; `reply` None = no lease request was answered."""
    left, unresolved, *rows = reply or (b"empty", [])
    if unresolved:
        limits.resolve_kinds([job.decode() for job in unresolved])
    return ExchangeResult([_SETTLED[word] for word in settled], [_leased(row) for row in rows], _BACKLOG[left])


def lease_call(worker: str, request: LeaseRequest, *, later: bool = False) -> scripts.Call:
    """The script that takes jobs, for a caller who sends it in a way of its own; `later`: it will not run at once."""
    return _lease.call(
        leases=keys.LEASES,
        last_request=keys.last_request(f"{worker}.{request.channel}" if request.channel else worker),
        suspended=keys.RQ_SUSPENDED,
        quarantined=keys.QUARANTINE,
        limits=keys.LIMITS,
        kinds=keys.KINDS,
        queues=[keys.queue(name) for name in request.queues],
        now_ms=clock.script_now_ms(),
        now="" if later else jobs.rq_time(clock.now()),
        worker=worker,
        request=f"{request.channel}{request.request}",
        lease_ms=request.lease_ms,
        rq=keys.RQ,
        runs=keys.RUNS,
        slots=keys.SLOTS,
        setting_kind=limits.SERP,
        setting_limit=config.settings().serp_concurrency,
        threads=request.threads,
        coroutines=request.coroutines,
        threads_ahead=request.ahead[0],
        coroutines_ahead=request.ahead[1],
        shares=str(request.shares or ""),
        functions=request.coroutine_functions,
    )


@scripts.script("engine/lease")
def _lease(
    *,
    leases: str,
    last_request: str,
    suspended: str,
    quarantined: str,
    limits: str,
    kinds: str,
    queues: Sequence[str],
    now_ms: str,
    now: str,
    worker: str,
    request: str,
    lease_ms: int,
    rq: str,
    runs: str,
    slots: str,
    setting_kind: str,
    setting_limit: int,
    threads: int,
    coroutines: int,
    threads_ahead: int,
    coroutines_ahead: int,
    shares: str,
    functions: Sequence[str],
) -> list[Any]:
    raise scripts.InLua


def renew(leases: Sequence[str]) -> Renewal:
    """Renew these leases, in one call."""
    _, lost, asked = _renew(leases=keys.LEASES, now_ms=clock.script_now_ms(), lease_ms=LEASE_MS, jobs=keys.RQ_JOB, renewed=leases)
    return Renewal([lease.decode() for lease in lost], [lease.decode() for lease in asked])


@scripts.script("engine/renew")
def _renew(
    *, leases: str, now_ms: str, lease_ms: int, jobs: str, renewed: Sequence[str]
) -> tuple[bytes, list[bytes], list[bytes]]:
    raise scripts.InLua


def token() -> str:
    """A name part that is used once."""
    return secrets.token_hex(4)


def find(lease: str, queue: str) -> Leased:
    """A leased job by the name of its lease, read anew."""
    job_id, _, execution = lease.rpartition(":")
    return Leased(job_id, execution, queue, connection.client().hgetall(keys.job(job_id)))


def probe() -> None:
    """Write a little, as whoever settles would. Raises what the server says to any write."""
    connection.client().set(keys.PROBE, "1", px=PROBE_MS)


def _settle_call(worker: str, settlements: Sequence[Settlement]) -> scripts.Call:
    settled: list[scripts.Argument] = []
    for one in settlements:
        settled += (*one.job[:3], *one[1:], one.job.fields.get(b"parked_since", ""))
    return _settle.call(
        leases=keys.LEASES,
        worker_record=keys.RQ_WORKER + worker,
        queues=keys.RQ_QUEUES,
        wakeups=keys.WAKE,
        followups=keys.FOLLOWUPS,
        limits=keys.LIMITS,
        kinds=keys.KINDS,
        namespaces=keys.CLAIM_NAMESPACES,
        parked=keys.PARKED,
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        worker=worker,
        rq=keys.RQ,
        keep_canceled_s=keys.FAILURE_TTL_S,
        jobs=settled,
    )


@scripts.script("engine/settle")
def _settle(
    *,
    leases: str,
    worker_record: str,
    queues: str,
    wakeups: str,
    followups: str,
    limits: str,
    kinds: str,
    namespaces: str,
    parked: str,
    now_ms: str,
    now: str,
    worker: str,
    rq: str,
    keep_canceled_s: int,
    jobs: Sequence[scripts.Argument],
) -> list[bytes]:
    raise scripts.InLua


def _leased(row: list[Any]) -> Leased:
    job, execution, queue, fields, state = row
    record = dict(zip(fields[::2], fields[1::2], strict=True))
    return Leased(job.decode(), execution.decode(), queue.decode(), record, state == b"prefetched")
