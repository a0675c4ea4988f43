"""Leases: a worker holds a job for seconds at a time, and whoever notices that a lease ran out takes the job back.

A lease is named `job:execution`. Only its holder may settle the job; a late worker's outcome is refused. RQ's own records
(started registry, results, worker) are written in the same scripts, so RQ's tools see every job; its record of the execution
follows for a job that runs longer than a moment (`show`): most have ended by then, and it costs as much as all the rest.
"""

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import clock
import config
from state.engine import attempts, jobs, limits, settlements
from state.store import connection, keys, scripts

LEASE_MS = 15_000
PROBE_MS = 1000

#: Deaths of its own process after which a job is given up as poisoned.
POISON_DEATHS = 3


Leased = settlements.Leased
Settlement = settlements.Settlement


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a renewal learnt: leases that were lost, and those whose job was asked to stop. `proven_until`: see Leased.

    `is_logged`: the server took what the jobs have logged.
    """

    lost: list[str]
    asked_to_stop: list[str]
    proven_until: float = math.inf
    is_logged: bool = True


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


def exchange(worker: str, ended: Sequence[Settlement], request: LeaseRequest | None) -> ExchangeResult:
    """Settle and take in one round trip."""
    asked_at = clock.boottime()
    noted = [settlement for settlement in ended if settlement.note]
    calls = [attempts.call(noted)] if noted else []
    calls += [settlements.call(worker, ended)] if ended else []
    calls += [lease_call(worker, request)] if request else []
    replies: list[Any] = scripts.run_together(calls) if calls else []
    proven_until = asked_at + request.lease_ms / 1000 if request else 0.0
    return exchange_result(replies[bool(noted)] if ended else [], replies[-1] if request else None, proven_until)


def exchange_result(settled: Sequence[bytes], reply: Sequence[Any] | None, proven_until: float) -> ExchangeResult:
    """What settle and lease replied; `reply` None = no lease request was answered. `proven_until`: see Leased."""
    left, unresolved, *rows = reply or (b"empty", [])
    if unresolved:
        limits.resolve_kinds([job.decode() for job in unresolved])
    return ExchangeResult([_SETTLED[word] for word in settled], [_leased(row, proven_until) for row in rows], _BACKLOG[left])


def lease_call(worker: str, request: LeaseRequest, *, later: bool = False) -> scripts.Call:
    """The script that takes jobs, for a caller who sends it in a way of its own; `later`: it will not run at once."""
    return _lease.call(
        leases=keys.LEASES,
        last_request=keys.last_request(f"{worker}.{request.channel}" if request.channel else worker),
        queues=[keys.queue(name) for name in request.queues],
        now_ms=clock.script_now_ms(),
        now="" if later else jobs.rq_time(clock.now()),
        worker=worker,
        request=f"{request.channel}{request.request}",
        lease_ms=request.lease_ms,
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
    queues: Sequence[str],
    now_ms: str,
    now: str,
    worker: str,
    request: str,
    lease_ms: int,
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


def renew(leases: Sequence[str], logged: Mapping[str, str] | None = None) -> Renewal:
    """Renew these leases; in the same round trip keep what their jobs have logged, as JSON by lease."""
    asked_at, now_ms = clock.boottime(), clock.script_now_ms()
    calls = [_renew.call(leases=keys.LEASES, now_ms=now_ms, lease_ms=LEASE_MS, jobs=keys.RQ_JOB, renewed=leases)]
    calls += [attempts.lines_call(logged)] if logged else []
    renewal, *others = scripts.run_each(calls)
    if isinstance(renewal, Exception):
        raise renewal
    _, lost, asked = renewal
    is_logged = not any(isinstance(other, Exception) for other in others)
    proven_until = asked_at + LEASE_MS / 1000
    return Renewal([lease.decode() for lease in lost], [lease.decode() for lease in asked], proven_until, is_logged)


def renewed(taken: Sequence[Leased]) -> list[Leased]:
    """Renew the leases of these jobs before they start; without those that were lost."""
    renewal = renew([job.lease for job in taken])
    return [job._replace(proven_until=renewal.proven_until) for job in taken if job.lease not in renewal.lost]


@scripts.script("engine/renew")
def _renew(*, leases: str, now_ms: str, lease_ms: int, jobs: str, renewed: Sequence[str]) -> tuple[Any, ...]:
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


def _leased(row: list[Any], proven_until: float) -> Leased:
    job, execution, queue, fields, state = row
    parts = iter(fields)
    found = dict(zip(parts, parts, strict=True))
    return Leased(job.decode(), execution.decode(), queue.decode(), found, state == b"prefetched", proven_until)
