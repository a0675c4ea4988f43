"""RQ's job records as far as we write them: putting jobs in queues, and moving delayed ones that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import clock
from state import connection, keys, scripts

#: Jobs written in one script call: a few milliseconds of the server's time.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class NewJob:
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


def submit(jobs: Sequence[NewJob]) -> list[str | None]:
    """Write jobs and queue them; for each None, or the id of the live job that holds its claim (then nothing was written).

    One round trip for up to 500. Safe to send again: a job that is there is not queued twice.
    """
    replies: list[str | None] = []
    for at in range(0, len(jobs), CHUNK):
        args: list[str | int] = [clock.script_now_ms(), rq_time(clock.now()), keys.RQ_JOB, keys.RQ_QUEUE, keys.RQ_SCHEDULED]
        args += [f"{keys.CLAIM_NAMESPACES}:", keys.FAILURE_TTL_S]
        for job in jobs[at : at + CHUNK]:
            namespace, member = job.claim or ("", "")
            args += [job.id, job.queue, job.delay_ms, namespace, member]
            args += [job.data, job.description, job.timeout_s, job.meta, job.retries]
        holders = scripts.run("submit", [keys.RQ_QUEUES, keys.CLAIM_NAMESPACES, keys.WAKE], args)
        replies += [holder.decode() or None for holder in holders]
    return replies


def promote(*queues: str, at_most: int = 500) -> int:
    """Move delayed jobs that are due to the end of their queues, in one call; says how many."""
    where = [keys.WAKE]
    for name in queues:
        where += [keys.RQ_SCHEDULED + name, keys.queue(name)]
    return int(scripts.run("promote", where, [clock.script_now_ms(), at_most, keys.RQ_JOB, rq_time(clock.now())]))


def any_wait(*queues: str) -> bool:
    """Whether any of these queues holds a job, delayed ones included; one plain command."""
    return bool(connection.client().exists(*map(keys.queue, queues), *(keys.RQ_SCHEDULED + name for name in queues)))


def cancel(job_id: str) -> str | None:
    """Cancel a job that waits, or ask one that runs to stop; returns the state it was in, None where there is no such job."""
    queue = connection.client().hget(keys.job(job_id), "origin")
    if queue is None:
        return None
    name = queue.decode()
    where = [keys.job(job_id), keys.queue(name), keys.RQ_SCHEDULED + name, keys.RQ_CANCELED + name]
    claims = f"{keys.CLAIM_NAMESPACES}:"
    iso = rq_time(clock.now())
    state = scripts.run("cancel", where, [clock.script_now_ms(), job_id, claims, keys.FAILURE_TTL_S, iso])
    return state.decode() if state else None


def prune(queues: Sequence[str]) -> int:
    """Take jobs whose record has expired out of RQ's registries of what is over; says how many."""
    now_s = int(connection.now().timestamp())
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            for registry in (keys.RQ_FINISHED, keys.RQ_FAILED):
                pipe.zremrangebyscore(registry + name, 0, now_s)  # -1 = kept for ever
        return sum(pipe.execute())


def forget_cancelled(queue: str, at_most: int = 1000) -> int:
    """Take jobs cancelled a week ago out of RQ's registry; those that RQ's own tools cancelled expire then. Says how many."""
    where = [keys.RQ_CANCELED + queue]
    return int(scripts.run("forget_cancelled", where, [clock.script_now_ms(), at_most, keys.FAILURE_TTL_S, keys.RQ_JOB]))


def has_failed(job_id: str) -> bool:
    """Whether a job is there and was given up."""
    return bool(connection.client().hget(keys.job(job_id), "status") == b"failed")


def depths(queues: Sequence[str]) -> dict[str, int]:
    """Jobs waiting in each queue."""
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            pipe.llen(keys.queue(name))
        return dict(zip(queues, pipe.execute(), strict=True))


def rq_time(moment: datetime) -> str:
    """A time as RQ writes it in its hashes."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
