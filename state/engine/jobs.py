"""RQ's job records as far as we write them: putting jobs in queues, and moving delayed ones that are due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import clock
import config
from errors import Unconfirmed
from state.engine import limits
from state.store import connection, keys, scripts

#: Jobs written in one script call: a few milliseconds of the server's time.
CHUNK = 500

#: Idle workers woken together, where one found jobs that nobody announced.
WAKE_AT_ONCE = 8
#: A submit looks at what keeps its jobs from starting: each of the first ones in a row, then so many seconds after the last look.
#: A look costs a tenth of a submit, and no round trip.
LOOKS, LOOK_S = 20, 0.005


class NewJob(NamedTuple):
    """One job as it is written. `data` and `meta` are JSON; `claim` is (namespace, member) or None."""

    id: str
    queue: str
    data: str
    description: str
    timeout_s: int
    retries: int = 0
    delay_ms: int = 0
    meta: str = ""
    claim: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """The live job that holds the claim of a new one, of which nothing was written. `same_data`: letter by letter its call."""

    id: str
    same_data: bool


class Notes(NamedTuple):
    """What keeps submitted jobs from starting.

    Queues that no living worker serves, between commas; how long workers are suspended (ms; -1 = for ever, -2 = they are not);
    why fetching is halted (JSON, '' = it is not); kinds of which none may run.
    """

    unserved: str
    suspended_ms: int = -2
    halted: str = ""
    kinds: tuple[str, ...] = ()


class Looks:
    """When this process looked last, and what it saw, by queue."""

    seen: dict[str, Notes | None]

    def __init__(self) -> None:
        self.seen = {}
        self._next = 0.0

    def is_due(self, queues: set[str]) -> bool:
        """Whether this submit is to look."""
        now = clock.monotonic()
        if self._next > now + LOOKS * LOOK_S and queues <= self.seen.keys():
            return False
        self._next = max(self._next, now) + LOOK_S
        return True

    def saw(self, queues: set[str], told: bytes | list[Any]) -> None:
        """Keep what a submit to these queues saw."""
        self.seen.update(dict.fromkeys(queues, _notes(told) if told else None))


_looks = Looks()


def submit(jobs: Sequence[NewJob]) -> tuple[list[Holder | None], dict[str, Notes | None]]:
    """Write jobs and queue them; for each None, or who holds its claim. With it, by queue, what keeps its jobs from starting.

    One round trip for up to 500. Safe to send again: a job that is there is not queued twice. Raises Unconfirmed where fewer
    replicas than SUBMIT_WAIT_REPLICAS have them in time; all are written then.
    """
    settings = config.settings()
    replies: list[Holder | None] = []
    fewest = replicas = settings.submit_wait_replicas
    for at in range(0, len(jobs), CHUNK):
        chunk = jobs[at : at + CHUNK]
        calls, names = [_submit_call(chunk)], {job.queue for job in chunk}
        if _looks.is_due(names):
            calls.append(_stops_call(names))
        if replicas:
            (holders, *seen), confirmed = scripts.run_replicated(calls, replicas, round(settings.submit_wait_timeout * 1000))
            fewest = min(fewest, confirmed)
        else:
            holders, *seen = scripts.run_together(calls)
        if seen:
            _looks.saw(names, seen[0])
        replies += [Holder(name.decode().lstrip("!"), name[:1] != b"!") if name else None for name in holders]
    if fewest < replicas:
        raise Unconfirmed(
            _unconfirmed(fewest, replicas), [old.id if old else new.id for old, new in zip(replies, jobs, strict=True)]
        )
    return replies, _looks.seen


def _submit_call(jobs: Sequence[NewJob]) -> scripts.Call:
    submitted: list[scripts.Argument] = []
    for job in jobs:
        namespace, member = job.claim or ("", "")
        submitted += (job.id, job.queue, job.delay_ms, namespace, member, job.data, job.description, job.timeout_s, job.meta)
        submitted.append(job.retries or "")
    return _submit.call(
        queues=keys.RQ_QUEUES,
        namespaces=keys.CLAIM_NAMESPACES,
        wakeups=keys.WAKE,
        now_ms=clock.script_now_ms(),
        now=rq_time(clock.now()),
        jobs=keys.RQ_JOB,
        queue_keys=keys.RQ_QUEUE,
        scheduled_keys=keys.RQ_SCHEDULED,
        failure_ttl_s=keys.FAILURE_TTL_S,
        submitted=submitted,
    )


@scripts.script("engine/submit")
def _submit(
    *,
    queues: str,
    namespaces: str,
    wakeups: str,
    now_ms: str,
    now: str,
    jobs: str,
    queue_keys: str,
    scheduled_keys: str,
    failure_ttl_s: int,
    submitted: Sequence[scripts.Argument],
) -> list[Any]:
    raise scripts.InLua


def _stops_call(queues: Iterable[str]) -> scripts.Call:
    return _stops_at_submit.call(
        suspended=keys.RQ_SUSPENDED, halted=keys.HALTED, limits=keys.LIMITS, workers=keys.RQ_WORKERS, queues=list(queues)
    )


@scripts.script("engine/stops_at_submit")
def _stops_at_submit(*, suspended: str, halted: str, limits: str, workers: str, queues: Sequence[str]) -> Any:
    raise scripts.InLua


def _notes(told: bytes | list[Any]) -> Notes:
    if isinstance(told, bytes):
        return Notes(told.decode())
    unserved, suspended_ms, halted, kinds = told
    return Notes(unserved.decode(), suspended_ms, halted.decode(), tuple(kind.decode() for kind in kinds))


def _unconfirmed(fewest: int, replicas: int) -> str:
    says = (
        f"Written, but {fewest} of {replicas} replicas (SUBMIT_WAIT_REPLICAS) confirmed it in time: a fail-over now may lose it."
    )
    return f"{says} Fix: submit again with the same dedup key, which queues nothing twice; see that Redis's replicas run."


def data_of(job_id: str) -> bytes:
    """A job's call as it is stored; empty where there is no such job."""
    return connection.client().hget(keys.job(job_id), "data") or b""


def promote(*queues: str, at_most: int = 500) -> int:
    """Move delayed jobs that are due to the end of their queues, in one call; says how many."""
    return promote_due(*queues, at_most=at_most)[0]


def promote_due(*queues: str, at_most: int = 500) -> tuple[int, float | None]:
    """The same; says also in how many seconds the next one is due (None = no other job is delayed)."""
    moved, next_ms = _promote(
        wakeups=keys.WAKE,
        parked=keys.PARKED,
        queues=[key for name in queues for key in (keys.RQ_SCHEDULED + name, keys.queue(name))],
        now_ms=clock.script_now_ms(),
        now=rq_time(clock.now()),
        at_most=at_most,
        jobs=keys.RQ_JOB,
    )
    return moved, next_ms / 1000 if next_ms >= 0 else None


@scripts.script("engine/promote")
def _promote(
    *, wakeups: str, parked: str, queues: Sequence[str], now_ms: str, now: str, at_most: int, jobs: str
) -> tuple[int, int]:
    raise scripts.InLua


def any_wait(*queues: str) -> bool:
    """Whether any of these queues may hold a job, delayed and limited ones included; one plain command."""
    return bool(connection.client().exists(*map(keys.queue, queues), *_delayed(queues), keys.LIMITS))


def any_delayed(*queues: str) -> bool:
    """Whether any job of these queues is delayed; one plain command."""
    return bool(connection.client().exists(*_delayed(queues)))


def is_nothing_to_do(*queues: str) -> bool:
    """Whether no job waits, runs anywhere or is to be followed up; one plain command."""
    return not connection.client().exists(*map(keys.queue, queues), *_delayed(queues), keys.LIMITS, keys.LEASES, keys.FOLLOWUPS)


def any_queued(*queues: str) -> bool:
    """Whether any job waits in these queues; one plain command."""
    return bool(connection.client().exists(*map(keys.queue, queues)))


def wake_others(most: int = WAKE_AT_ONCE) -> None:
    """Wake idle workers: jobs wait that nobody announced, more than the caller can run."""
    _wake(wakeups=keys.WAKE, count=min(most, WAKE_AT_ONCE))


@scripts.script("engine/wake")
def _wake(*, wakeups: str, count: int) -> None:
    raise scripts.InLua


def _delayed(queues: Sequence[str]) -> list[str]:
    return [keys.RQ_SCHEDULED + name for name in queues]


def cancel(job_id: str) -> str | None:
    """Cancel a job that waits, or ask one that runs to stop; returns the state it was in, None where there is no such job."""
    state = _cancel(
        job=keys.job(job_id),
        results=keys.results(job_id),
        leases=keys.LEASES,
        namespaces=keys.CLAIM_NAMESPACES,
        parked=keys.PARKED,
        now_ms=clock.script_now_ms(),
        now=rq_time(clock.now()),
        id=job_id,
        keep_s=keys.FAILURE_TTL_S,
        rq=keys.RQ,
    )
    return state.decode() if state else None


@scripts.script("engine/cancel")
def _cancel(
    *,
    job: str,
    results: str,
    leases: str,
    namespaces: str,
    parked: str,
    now_ms: str,
    now: str,
    id: str,
    keep_s: int,
    rq: str,
) -> bytes | None:
    raise scripts.InLua


def has_failed(job_id: str) -> bool:
    """Whether a job is there and was given up."""
    return bool(connection.client().hget(keys.job(job_id), "status") == b"failed")


def depths(queues: Sequence[str]) -> dict[str, int]:
    """Jobs waiting in each queue, blocked ones included."""
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            pipe.llen(keys.queue(name))
        depths = pipe.execute()
    waiting = limits.blocked(queues)
    return {name: depth + waiting[name] for name, depth in zip(queues, depths, strict=True)}


def rq_time(moment: datetime) -> str:
    """A time (UTC) as RQ writes it in its hashes."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"  # strftime costs three times as much
