"""RQ's job records as far as we write them: putting jobs in queues, and moving delayed ones that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import clock
import config
from errors import Unconfirmed
from state.engine import limits, looks
from state.store import connection, keys, riders, scripts, together

#: Jobs written in one script call: a few milliseconds of the server's time.
CHUNK = 500

#: Idle workers woken together, where one found jobs that nobody announced.
WAKE_AT_ONCE = 8


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
    labels: str = ""  # as state/engine/changes.py writes them
    owner: str = ""
    pages: int = 0  # of the month of its owner


@dataclass(frozen=True, slots=True)
class Holder:
    """The live job that holds the claim of a new one, of which nothing was written. `same_data`: letter by letter its call."""

    id: str
    same_data: bool


def submit(jobs: Sequence[NewJob]) -> tuple[list[Holder | int | None], dict[str, looks.Notes | None]]:
    """Write jobs and queue them. With it, by queue, what keeps its jobs from starting.

    For each job who holds its claim, or its place in its queue (1 = the first); None where it is delayed or was sent before.

    One round trip for up to 500. Safe to send again: a job that is there is not queued twice. Raises Unconfirmed where fewer
    replicas than SUBMIT_WAIT_REPLICAS have them in time; all are written then.
    """
    replies: list[Holder | int | None] = []
    fewest = replicas = config.settings().submit_wait_replicas
    for at in range(0, len(jobs), CHUNK):
        chunk = jobs[at : at + CHUNK]
        [holders], confirmed = _send([_submit_call(chunk)], chunk, replicas)
        fewest = min(fewest, confirmed)
        replies += map(_reply, holders)
    if fewest < replicas:
        raise Unconfirmed(
            _unconfirmed(fewest, replicas),
            [old.id if isinstance(old, Holder) else new.id for old, new in zip(replies, jobs, strict=True)],
        )
    return replies, looks.latest.seen


def submit_after(
    before: Sequence[scripts.Call], job: NewJob, needed: str
) -> tuple[list[Any], Holder | int | None, dict[str, looks.Notes | None]]:
    """Run scripts, then submit a job, in one round trip: their replies beside what `submit` returns.

    `needed`: a key that these scripts make. Where it is not there, nothing is written, and a Holder without id is returned.
    """
    replicas = config.settings().submit_wait_replicas
    (*replies, [told]), confirmed = _send([*before, _submit_call([job], needed)], [job], replicas)
    reply = _reply(told)
    if confirmed < replicas and told != b"!":
        raise Unconfirmed(_unconfirmed(confirmed, replicas), [reply.id if isinstance(reply, Holder) else job.id])
    return replies, reply, looks.latest.seen


def _send(calls: list[scripts.Call], jobs: Sequence[NewJob], replicas: int) -> tuple[list[Any], int]:
    """Replies to these calls, and how many replicas have what they did; now and then with a look at the queues of the jobs."""
    queues = {job.queue for job in jobs}
    is_look = looks.latest.is_due(queues)
    sent = [*calls, looks.call(queues)] if is_look else calls
    if replicas:
        replies, confirmed = scripts.run_replicated(sent, replicas, round(config.settings().submit_wait_timeout * 1000))
    else:
        replies, confirmed = _sent(sent, jobs), 0
    if is_look:
        looks.latest.saw(queues, replies.pop())
    return replies, confirmed


def _sent(calls: list[scripts.Call], jobs: Sequence[NewJob]) -> list[Any]:
    """Replies to these calls. What waits to go with a job goes with one that is alone; its error is not that of the job."""
    ride = riders.waiting() if len(jobs) == 1 else None
    rider = ride.take(jobs[0].id) if ride else None
    replies = together.trips.ask_each([*calls, rider] if rider else calls)
    if ride and rider:
        told = replies.pop()
        ride.is_done = bool(told) and not isinstance(told, Exception)
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


def _reply(told: bytes | int) -> Holder | int | None:
    if isinstance(told, int):
        return told
    return Holder(told.decode().lstrip("!"), told[:1] != b"!") if told else None


def _submit_call(jobs: Sequence[NewJob], needed: str = "") -> scripts.Call:
    submitted: list[scripts.Argument] = []
    for job in jobs:
        namespace, member = job.claim or ("", "")
        submitted += (job.id, job.queue, job.delay_ms, namespace, member, job.data, job.description, job.timeout_s, job.meta)
        submitted += (job.retries or "", job.labels)
    return _submit.call(
        queues=keys.RQ_QUEUES,
        needed=needed or keys.RQ_QUEUES,
        now_ms=clock.script_now_ms(),
        now=rq_time(clock.now()),
        submitted=submitted,
    )


@scripts.script("engine/submit")
def _submit(
    *,
    queues: str,
    needed: str,
    now_ms: str,
    now: str,
    submitted: Sequence[scripts.Argument],
) -> list[Any]:
    raise scripts.InLua


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


def promote_due(*queues: str, at_most: int = 500, who: str = "", room: int = 0) -> tuple[int, float | None]:
    """The same; says also in how many seconds to come for the next one (None = no other job is delayed, and no pause ends).

    That is when it is due, or when a pause ends; a second later where another process was told so. `who`: this process, if it
    comes again when it is told to. `room`: so many jobs it asks for right after this; for the others, workers are woken.
    """
    moved, next_ms = _promote(
        wakeups=keys.WAKE,
        parked=keys.PARKED,
        alarm=keys.ALARM,
        pauses=keys.PAUSES,
        ends=keys.PAUSE_ENDS,
        queues=[key for name in queues for key in (keys.RQ_SCHEDULED + name, keys.queue(name))],
        now_ms=clock.script_now_ms(),
        now=rq_time(clock.now()),
        at_most=at_most,
        jobs=keys.RQ_JOB,
        who=who,
        room=room,
    )
    return moved, next_ms / 1000 if next_ms >= 0 else None


@scripts.script("engine/promote")
def _promote(
    *,
    wakeups: str,
    parked: str,
    alarm: str,
    pauses: str,
    ends: str,
    queues: Sequence[str],
    now_ms: str,
    now: str,
    at_most: int,
    jobs: str,
    who: str,
    room: int,
) -> tuple[int, int]:
    raise scripts.InLua


def any_wait(*queues: str) -> bool:
    """Whether any of these queues may hold a job, delayed and limited ones included, or a pause ends; one plain command."""
    return bool(connection.client().exists(*map(keys.queue, queues), *_delayed(queues), keys.LIMITS, keys.PAUSE_ENDS))


def any_delayed(*queues: str) -> bool:
    """Whether any job of these queues is delayed; one plain command."""
    return bool(connection.client().exists(*_delayed(queues)))


def is_nothing_to_do(*queues: str) -> bool:
    """Whether no job waits, runs anywhere or is to be followed up, and no pause ends by itself; one plain command."""
    others = (keys.LIMITS, keys.LEASES, keys.FOLLOWUPS, keys.PAUSE_ENDS)
    return not connection.client().exists(*map(keys.queue, queues), *_delayed(queues), *others)


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


def has_failed(job_id: str) -> bool:
    """Whether a job is there and was given up."""
    return bool(connection.client().hget(keys.job(job_id), "status") == b"failed")


def depths(queues: Sequence[str]) -> dict[str, int]:
    """Jobs waiting in each queue, blocked ones included."""
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            pipe.llen(keys.queue(name))
        pipe.hkeys(keys.LIMITS)
        *depths, limited = pipe.execute()
    waiting = limits.blocked(queues, limited)
    return {name: depth + waiting[name] for name, depth in zip(queues, depths, strict=True)}


def rq_time(moment: datetime) -> str:
    """A time (UTC) as RQ writes it in its hashes."""
    at = moment
    date_and_time = (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % date_and_time  # noqa: UP031 (half the time of isoformat)
