"""Leases: a worker holds a job for seconds at a time, and whoever notices that a lease ran out takes the job back.

A lease is named `job:execution`. Only its holder may settle the job; a late worker's outcome is refused. RQ's own records
(started registry, results, worker) are written in the same scripts, so RQ's tools see every job; its record of the execution
follows for a job that runs longer than a moment (`show`): most have ended by then, and it costs as much as all the rest.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import clock
from state.engine import jobs, limits
from state.store import connection, keys, scripts

LEASE_MS = 15_000
PROBE_MS = 1000

#: Deaths of its own process after which a job is given up as poisoned.
POISON_DEATHS = 3

#: Rescues after which it is given up as well. Many more: who kills a whole worker or machine is seldom the job that runs in it.
POISON_RESCUES = 10


class Leased(NamedTuple):
    """A job that is ours to run. `fields` is the job's hash as it was when it was taken.

    `prefetched`: no place was free for it. It is leased, and its record does not say yet that it was started.
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

    `outcome`: finished, failed, stopped, canceled, retry (after `ttl` ms) or again (at once, nothing spent). `ttl`: seconds RQ
    keeps job and result (-1 for ever). `result` and `error` as RQ's result stream holds them. `fields`: set on the job besides.
    `started_at` (as RQ writes it) where the record of a prefetched job does not say yet that it was started.
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


@dataclass(frozen=True, slots=True)
class Rescue:
    """What a rescue did: jobs put back, and leases of poisoned jobs, which the caller must settle as failed: (lease, queue)."""

    put_back: list[str]
    poisoned: list[tuple[str, str]]


class Portions(NamedTuple):
    """How queues share one taking: which of them is looked at first (by its place), and for each how many of the threads, and
    of the coroutines, are first of all for its jobs.
    """

    first: int
    threads: Sequence[int]
    coroutines: Sequence[int]

    def __str__(self) -> str:
        both = zip(self.threads, self.coroutines, strict=True)
        return f"{self.first + 1} " + " ".join([f"{threads}/{coroutines}" for threads, coroutines in both])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker could run now. The same `request` number of the same `conversation` sent again gives the same jobs again.

    `ahead`: so many of the threads, and of the coroutines, are not free yet; jobs for those are prefetched. `shares`: how
    queues share what is taken; None = they are worked off in order.
    """

    request: int
    queues: Sequence[str]
    threads: int
    coroutines: int = 0
    coroutine_functions: Sequence[str] = ()
    conversation: str = ""  # a letter, where a worker takes jobs in more than one way at a time
    lease_ms: int = LEASE_MS
    ahead: tuple[int, int] = (0, 0)
    shares: Portions | None = None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange did: for each settlement 1 = settled, 2 = settled and RQ's machinery must follow it up (dependents,
    repeats, rate limits), 0 = its lease was lost and nothing was changed; the jobs taken, in order of the queues; whether the
    queues hold more; whether the look at them was not finished, and the next one is due at once; whether the more are not only
    such as wait for a place of their kind (`plenty`).
    """

    counted: list[int]
    taken: list[Leased]
    more: bool
    unfinished: bool = False
    plenty: bool = False


def exchange(worker: str, settled: Sequence[Settlement], wanted: Wanted | None) -> Exchanged:
    """Settle and take in one round trip."""
    calls = [_settle_call(worker, settled)] if settled else []
    calls += [lease_call(worker, wanted)] if wanted else []
    replies: list[Any] = scripts.run_together(calls) if calls else []
    return exchanged(replies[0] if settled else [], replies[-1] if wanted else (0, []))


def exchanged(counted: Sequence[int], reply: Sequence[Any]) -> Exchanged:
    """What settle and lease replied."""
    more, hidden, *rows = reply
    if hidden:
        limits.reveal([job.decode() for job in hidden])
    return Exchanged(list(counted), [_leased(row) for row in rows], bool(more), more == 2, more in (1, 2))


def lease_call(worker: str, wanted: Wanted, *, later: bool = False) -> scripts.Call:
    """The script that takes jobs, for somebody who sends it in a way of his own; `later`: it will not run at once."""
    memo = keys.last_request(f"{worker}.{wanted.conversation}" if wanted.conversation else worker)
    where = [keys.LEASES, memo, keys.RQ_SUSPENDED, keys.QUARANTINE, keys.LIMITS, keys.KINDS]
    iso = "" if later else jobs.rq_time(clock.now())
    args: list[scripts.Argument] = [clock.script_now_ms(), wanted.threads, wanted.lease_ms, worker, iso]
    request = f"{wanted.conversation}{wanted.request}"
    args += [request, keys.RQ, wanted.coroutines, keys.RUNS, *wanted.ahead, str(wanted.shares or ""), *wanted.coroutine_functions]
    return "engine/lease", [*where, *map(keys.queue, wanted.queues)], args


def renew(leases: Sequence[str]) -> Renewal:
    """Renew these leases, in one call."""
    _, lost, asked = scripts.run("engine/renew", [keys.LEASES], [clock.script_now_ms(), LEASE_MS, keys.RQ_JOB, *leases])
    return Renewal([lease.decode() for lease in lost], [lease.decode() for lease in asked])


def show(worker: str, began: Mapping[str, float]) -> int:
    """Write RQ's records of the executions of jobs that run on: lease → when it began (s since 1970). Says how many still ran."""
    args: list[scripts.Argument] = [worker, keys.RQ]
    for lease, at in began.items():
        args += [lease, f"{at:.3f}"]
    return int(scripts.run("engine/show", [keys.LEASES], args))


def rescue(dead_worker: str = "", late: Sequence[str] = (), at_most: int = 100) -> Rescue:
    """Take back jobs whose lease ran out, or that a worker held which is known to be dead. Each is taken back once.

    `late`: where that worker stood still, the leases of those of its jobs that were over their time (see `over_their_time`); only
    they spend a rescue then.
    """
    where = [keys.LEASES, keys.LIMITS, keys.KINDS]
    args: list[scripts.Argument] = [clock.script_now_ms(), at_most, POISON_RESCUES, keys.RQ, dead_worker, *late]
    put_back, poisoned = scripts.run("engine/rescue", where, args)
    pairs = [name.decode() for name in poisoned]
    return Rescue([job.decode() for job in put_back], list(zip(pairs[::2], pairs[1::2], strict=True)))


def over_their_time(worker: str) -> list[str]:
    """Leases of a worker of this machine whose jobs run longer than they may, by this machine's clock, as when they began."""
    now = clock.now().timestamp()
    client = connection.client()
    names: list[str] = [name.decode() for name in client.zrange(keys.LEASES, 0, -1)]
    ours = [name for name in names if name.rpartition(":")[2].startswith(f"{worker}-")]
    late = []
    for name in ours:
        started_at, timeout = client.hmget(keys.job(name.rpartition(":")[0]), "started_at", "timeout")
        try:
            began = datetime.fromisoformat((started_at or b"").decode()).timestamp()
            if now > began + float(timeout or b""):
                late.append(name)
        except ValueError:  # nobody knows: it is no innocent
            late.append(name)
    return late


def lost(for_s: float) -> int:
    """Leases that ran out at least so long ago."""
    return int(connection.client().zcount(keys.LEASES, "-inf", _ms_ago(for_s)))


def rescue_old(for_s: float, at_most: int = 1000) -> list[str]:
    """Take back jobs whose lease ran out at least so long ago; says which. None is poisoned: that is left to the next rescue."""
    never = 1 << 40
    where = [keys.LEASES, keys.LIMITS, keys.KINDS]
    put_back, _ = scripts.run("engine/rescue", where, [_ms_ago(for_s), at_most, never, keys.RQ, ""])
    if put_back:
        jobs.wake_others(len(put_back))
    return [job.decode() for job in put_back]


def _ms_ago(seconds: float) -> int:
    return int((connection.now().timestamp() - seconds) * 1000)


def token() -> str:
    """A name part that is used once."""
    return secrets.token_hex(4)


def find(lease: str, queue: str) -> Leased:
    """A leased job by the name of its lease, read anew."""
    job_id, _, execution = lease.rpartition(":")
    return Leased(job_id, execution, queue, connection.client().hgetall(keys.job(job_id)))


def quarantine(job: Leased, reason: str) -> None:
    """Keep a record of what is no job of ours, and why."""
    value = json.dumps({"reason": reason, "queue": job.queue, "at_ms": round(clock.now().timestamp() * 1000)})
    connection.client().hset(keys.QUARANTINE, job.id, value)


def forget_quarantined(older_than_s: float) -> int:
    """Drop records of the quarantine that are older, or that cannot be read; says how many."""
    before_ms = connection.now().timestamp() * 1000 - older_than_s * 1000
    old = []
    for name, value in connection.client().hscan_iter(keys.QUARANTINE):
        try:
            if json.loads(value)["at_ms"] >= before_ms:
                continue
        except (ValueError, KeyError, TypeError):
            pass
        old.append(name)
    return int(connection.client().hdel(keys.QUARANTINE, *old)) if old else 0


def probe() -> None:
    """Write a little, as whoever settles would. Raises what the server says to any write."""
    connection.client().set(keys.PROBE, "1", px=PROBE_MS)


def _settle_call(worker: str, settled: Sequence[Settlement]) -> scripts.Call:
    iso, claims = jobs.rq_time(clock.now()), f"{keys.CLAIM_NAMESPACES}:"
    args: list[scripts.Argument] = [clock.script_now_ms(), worker, iso, keys.RQ, claims]
    for one in settled:
        args += (*one.job[:3], one.outcome, one.result, one.error, one.ttl, one.fields, one.started_at)
    where = [keys.LEASES, keys.RQ_WORKER + worker, keys.RQ_QUEUES, keys.WAKE, keys.AFTER, keys.LIMITS, keys.KINDS]
    return "engine/settle", where, args


def _leased(row: list[Any]) -> Leased:
    job, execution, queue, fields, prefetched = row
    assert isinstance(job, bytes) and isinstance(execution, bytes) and isinstance(queue, bytes) and isinstance(fields, list)
    record = dict(zip(fields[::2], fields[1::2], strict=True))
    return Leased(job.decode(), execution.decode(), queue.decode(), record, bool(prefetched))


def tell_progress(job: Leased, text: str) -> tuple[bool, bool]:
    """Write a job's progress (JSON) if its lease still holds; says whether it does, and whether the job was asked to stop."""
    holds, asked = scripts.run("engine/progress", [keys.LEASES, keys.job(job.id)], [job.lease, text])
    return bool(holds), bool(asked)
