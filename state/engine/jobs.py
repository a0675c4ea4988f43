"""RQ's job records as far as we write them: putting jobs in queues, and moving delayed ones that are due."""

from collections.abc import Sequence
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

_WRITING = (keys.RQ_QUEUES, keys.CLAIM_NAMESPACES, keys.WAKE)
_LOOKING = (*_WRITING, keys.RQ_SUSPENDED, keys.HALTED, keys.LIMITS, keys.RQ_WORKERS)


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
        args: list[str | int] = [clock.script_now_ms(), rq_time(clock.now()), keys.RQ_JOB, keys.RQ_QUEUE, keys.RQ_SCHEDULED]
        args += [f"{keys.CLAIM_NAMESPACES}:", keys.FAILURE_TTL_S]
        for job in chunk:
            namespace, member = job.claim or ("", "")
            args += [job.id, job.queue, job.delay_ms, namespace, member]
            args += [job.data, job.description, job.timeout_s, job.meta, job.retries]
        looks = _looks.is_due({job.queue for job in chunk})
        call: scripts.Call = ("engine/submit", _LOOKING if looks else _WRITING, args)
        if replicas:
            holders, confirmed = scripts.run_replicated(call, replicas, round(settings.submit_wait_timeout * 1000))
            fewest = min(fewest, confirmed)
        else:
            holders = scripts.run(*call)
        if looks:
            _looks.saw({job.queue for job in chunk}, holders.pop())
        replies += [Holder(name.decode().lstrip("!"), name[:1] != b"!") if name else None for name in holders]
    if fewest < replicas:
        raise Unconfirmed(
            _unconfirmed(fewest, replicas), [old.id if old else new.id for old, new in zip(replies, jobs, strict=True)]
        )
    return replies, _looks.seen


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
    where = [keys.WAKE]
    for name in queues:
        where += [keys.RQ_SCHEDULED + name, keys.queue(name)]
    moved, next_ms = scripts.run("engine/promote", where, [clock.script_now_ms(), at_most, keys.RQ_JOB, rq_time(clock.now())])
    return int(moved), next_ms / 1000 if next_ms >= 0 else None


def any_wait(*queues: str) -> bool:
    """Whether any of these queues may hold a job, delayed and limited ones included; one plain command."""
    return bool(connection.client().exists(*map(keys.queue, queues), *_delayed(queues), keys.LIMITS))


def any_delayed(*queues: str) -> bool:
    """Whether any job of these queues is delayed; one plain command."""
    return bool(connection.client().exists(*_delayed(queues)))


def is_nothing_to_do(*queues: str) -> bool:
    """Whether no job waits, runs anywhere or is to be followed up; one plain command."""
    return not connection.client().exists(*map(keys.queue, queues), *_delayed(queues), keys.LIMITS, keys.LEASES, keys.AFTER)


def any_queued(*queues: str) -> bool:
    """Whether any job waits in these queues; one plain command."""
    return bool(connection.client().exists(*map(keys.queue, queues)))


def wake_others(most: int = WAKE_AT_ONCE) -> None:
    """Wake idle workers: jobs wait that nobody announced, more than the caller can run."""
    scripts.run("engine/wake", [keys.WAKE], [min(most, WAKE_AT_ONCE)])


def _delayed(queues: Sequence[str]) -> list[str]:
    return [keys.RQ_SCHEDULED + name for name in queues]


def cancel(job_id: str) -> str | None:
    """Cancel a job that waits, or ask one that runs to stop; returns the state it was in, None where there is no such job."""
    args: list[scripts.Argument] = [clock.script_now_ms(), job_id, f"{keys.CLAIM_NAMESPACES}:", keys.FAILURE_TTL_S]
    state = scripts.run(
        "engine/cancel", [keys.job(job_id), keys.results(job_id), keys.LEASES], [*args, rq_time(clock.now()), keys.RQ]
    )
    return state.decode() if state else None


def prune(queues: Sequence[str]) -> int:
    """Take jobs whose record has expired out of RQ's registries of what is over; says how many."""
    registries = [registry + name for name in queues for registry in (keys.RQ_FINISHED, keys.RQ_FAILED)]
    return int(scripts.run("engine/prune", registries, [clock.script_now_ms()]))


def forget_workers(queues: Sequence[str], at_most: int = 1000) -> int:
    """Take workers whose record has ended out of RQ's lists of workers; says how many."""
    lists = [keys.RQ_WORKERS, *(f"{keys.RQ_WORKERS}:{name}" for name in queues)]
    return int(scripts.run("engine/forget_workers", lists, [at_most]))


def forget_cancelled(queue: str, at_most: int = 1000) -> int:
    """Take jobs cancelled a week ago out of RQ's registry; those that RQ's own tools cancelled expire then. Says how many."""
    where = [keys.RQ_CANCELED + queue]
    args: list[scripts.Argument] = [clock.script_now_ms(), at_most, keys.FAILURE_TTL_S, keys.RQ_JOB, keys.RQ_RESULTS]
    return int(scripts.run("engine/forget_cancelled", where, args))


def has_failed(job_id: str) -> bool:
    """Whether a job is there and was given up."""
    return bool(connection.client().hget(keys.job(job_id), "status") == b"failed")


def depths(queues: Sequence[str]) -> dict[str, int]:
    """Jobs waiting in each queue, those that wait for a place of their kind included."""
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            pipe.llen(keys.queue(name))
        depths = pipe.execute()
    waiting = limits.waiting(queues)
    return {name: depth + waiting[name] for name, depth in zip(queues, depths, strict=True)}


def rq_time(moment: datetime) -> str:
    """A time (UTC) as RQ writes it in its hashes."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"  # strftime costs three times as much
