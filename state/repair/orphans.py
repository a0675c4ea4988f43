"""What lost its other half: jobs in no queue, entries without a job, leases and records of runs that are over.

Each function takes likely ones and returns those that are so, seen in one step by a script; with `repair` the same step mends
them. So what a worker changes meanwhile is neither reported nor touched, and doing it twice is doing it once. Nothing here walks
a long list for each of many ids.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import chunks
import clock
from state.engine import leases
from state.repair import overdue
from state.repair.walk import Record
from state.store import connection, keys, scripts

T = TypeVar("T")

#: Ids in one script call: a few milliseconds of the server's time.
CHUNK = 1000

#: Ids of waiting jobs that are held at a time, about 50 MB.
AT_ONCE = 500_000

#: Longest lease there can be: one that was handed to whoever gives up a poisoned job, twice over.
LONGEST_LEASE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Likely:
    """Jobs that may stand where they should not, by the state their record says."""

    queued: list[str]
    started: list[str]
    delayed: list[str]


def broken(queues: Sequence[str]) -> dict[str, str]:
    """Keys that somebody overwrote with another type → that type. Nothing that needs them can work."""
    kinds = {keys.LEASES: "zset", keys.FOLLOWUPS: "zset", keys.QUARANTINE: "hash", keys.RQ_SCHEDULER_JOBS: "zset"}
    kinds |= {keys.RING: "zset", keys.WAITING: "zset", keys.PROJECTS: "set", keys.RQ_QUEUES: "set", keys.RQ_WORKERS: "set"}
    kinds |= {keys.FOLDERS: "hash", keys.WEIGHTS: "hash", keys.LIMITS: "hash", keys.SCHEDULES: "set"}
    kinds |= {keys.PAUSES: "hash", keys.PAUSE_ENDS: "zset"}
    for name in queues:
        kinds |= {keys.queue(name): "list", keys.RQ_SCHEDULED + name: "zset", keys.RQ_STARTED + name: "zset"}
        kinds |= {f"{keys.RQ}{registry}:{name}": "zset" for registry in overdue.ENDING} | {f"{keys.RQ_WORKERS}:{name}": "set"}
    with connection.client().pipeline(transaction=False) as pipe:
        for key in kinds:
            pipe.type(key)
        found = dict(zip(kinds, map(_text, pipe.execute()), strict=True))
    return {key: kind for key, kind in found.items() if kind not in ("none", kinds[key])}


def triage(job_ids: Sequence[str], queues: Sequence[str]) -> Likely:
    """Which of these jobs of our queues deserve a second look."""
    entries, our_queues = keys.RQ_SCHEDULER_JOBS, _between_commas(queues)
    groups = _triage(leases=keys.LEASES, entries=entries, rq_prefix=keys.RQ, our_queues=our_queues, job_ids=job_ids)
    return Likely(*(_texts(group) for group in groups))


def sift(queued: set[str], queues: Sequence[str]) -> list[str]:
    """Those of the queued jobs that no look along the queues met, newest first: what is left deserves `requeue_queued`.

    From the end of a queue to its front: workers take from the front, so nothing moves past us. Empties `queued`.
    """
    redis = connection.client()
    for name in queues:
        at = 0
        while page := redis.lrange(keys.queue(name), -at - CHUNK, -at - 1):
            queued.difference_update(_texts(page))
            at += len(page)
    left = sorted(queued)
    queued.clear()
    return [job for _, job in sorted(zip(_enqueued_at(left), left, strict=True), reverse=True)]


def requeue_queued(job_ids: Sequence[str], repair: bool) -> list[str]:
    """Jobs that say `queued` and stand in no queue; repaired, they stand at the front of theirs."""
    return _in_chunks(
        job_ids,
        lambda chunk: _requeue_queued(
            quarantine=keys.QUARANTINE,
            wakeups=keys.WAKE,
            queues=keys.RQ_QUEUES,
            leases=keys.LEASES,
            repair=int(repair),
            rq_prefix=keys.RQ,
            job_ids=chunk,
        ),
    )


def requeue_started(job_ids: Sequence[str], repair: bool) -> list[str]:
    """Jobs that say `started` and hold no lease; repaired, they stand at the front of their queue."""
    return _in_chunks(
        job_ids,
        lambda chunk: _requeue_started(
            leases=keys.LEASES,
            wakeups=keys.WAKE,
            queues=keys.RQ_QUEUES,
            repair=int(repair),
            rq_prefix=keys.RQ,
            job_ids=chunk,
        ),
    )


def reschedule(job_ids: Sequence[str], repair: bool) -> list[str]:
    """Jobs that say `scheduled` and stand in no list of delayed jobs; repaired, they are due now."""
    return _in_chunks(
        job_ids,
        lambda chunk: _reschedule(
            entries=keys.RQ_SCHEDULER_JOBS,
            queues=keys.RQ_QUEUES,
            repair=int(repair),
            now_ms=clock.script_now_ms(),
            rq_prefix=keys.RQ,
            job_ids=chunk,
        ),
    )


def drop_dead_entries(queue: str, repair: bool) -> Iterator[list[str]]:
    """Entries of a queue whose job is gone, a stretch at a time; repaired, they are removed."""
    skip = 0
    while True:
        looked_at, *found = _drop_dead_entries(
            queue=keys.queue(queue), repair=int(repair), job_prefix=keys.RQ_JOB, skip=skip, size=CHUNK
        )
        if not looked_at:
            return
        skip += int(looked_at) - (len(found) if repair else 0)
        yield [_text(bytes(job)) for job in found]


def drop_stale_leases(repair: bool) -> list[str]:
    """Leases of jobs that are gone, and leases too long to be ours; repaired, they are dropped, or end soon."""
    return _in_chunks(
        _members(keys.LEASES),
        lambda chunk: _drop_stale_leases(
            leases=keys.LEASES,
            repair=int(repair),
            now_ms=clock.script_now_ms(),
            job_prefix=keys.RQ_JOB,
            longest_ms=LONGEST_LEASE_MS,
            new_lease_ms=leases.LEASE_MS,
            members=chunk,
        ),
    )


def registered_runs(queue: str) -> Iterator[list[Record]]:
    """What RQ's started registry of a queue says runs."""
    key = keys.RQ_STARTED + queue
    for page in chunks.of(_members(key), CHUNK):
        yield [Record(key, lease, lease) for lease in page]


def drop_run_records(records: Sequence[Record], queues: Sequence[str], repair: bool) -> list[str]:
    """Records of runs that hold no lease; repaired, they are removed."""
    found = _in_chunks(
        records,
        lambda chunk: _drop_run_records(
            leases=keys.LEASES,
            repair=int(repair),
            job_prefix=keys.RQ_JOB,
            our_queues=_between_commas(queues),
            records=[word for record in chunk for word in (record.key, record.entry, record.lease)],
        ),
    )
    return sorted(set(found))


def drop_workers(queues: Sequence[str], repair: bool) -> list[str]:
    """Workers that RQ's lists name and whose record is gone; repaired, they are off the lists."""
    lists = [keys.RQ_WORKERS, *(f"{keys.RQ_WORKERS}:{name}" for name in queues)]
    named = {worker for name in lists for worker in connection.client().smembers(name)}
    found = _in_chunks(_texts(sorted(named)), lambda chunk: _drop_workers(lists=lists, repair=int(repair), workers=chunk))
    return [worker.removeprefix(keys.RQ_WORKER) for worker in found]


def _enqueued_at(job_ids: Sequence[str]) -> list[bytes]:
    """When each job was queued, as RQ writes it; what says nothing came first."""
    found: list[bytes] = []
    for chunk in chunks.of(job_ids, CHUNK):
        with connection.client().pipeline(transaction=False) as pipe:
            for job in chunk:
                pipe.hget(keys.job(job), "enqueued_at")
            found += [value if isinstance(value, bytes) else b"" for value in pipe.execute(raise_on_error=False)]
    return found


@scripts.script("repair/triage")
def _triage(*, leases: str, entries: str, rq_prefix: str, our_queues: str, job_ids: Sequence[str]) -> list[list[bytes]]:
    raise scripts.InLua


@scripts.script("repair/requeue_queued")
def _requeue_queued(
    *, quarantine: str, wakeups: str, queues: str, leases: str, repair: int, rq_prefix: str, job_ids: Sequence[str]
) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/requeue_started")
def _requeue_started(
    *, leases: str, wakeups: str, queues: str, repair: int, rq_prefix: str, job_ids: Sequence[str]
) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/reschedule")
def _reschedule(*, entries: str, queues: str, repair: int, now_ms: str, rq_prefix: str, job_ids: Sequence[str]) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/drop_dead_entries")
def _drop_dead_entries(*, queue: str, repair: int, job_prefix: str, skip: int, size: int) -> list[int | bytes]:
    raise scripts.InLua


@scripts.script("repair/drop_stale_leases")
def _drop_stale_leases(
    *, leases: str, repair: int, now_ms: str, job_prefix: str, longest_ms: int, new_lease_ms: int, members: Sequence[str]
) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/drop_run_records")
def _drop_run_records(*, leases: str, repair: int, job_prefix: str, our_queues: str, records: Sequence[str]) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/drop_workers")
def _drop_workers(*, lists: Sequence[str], repair: int, workers: Sequence[str]) -> list[bytes]:
    raise scripts.InLua


def _in_chunks(items: Iterable[T], find: Callable[[list[T]], list[bytes]]) -> list[str]:
    return [_text(name) for chunk in chunks.of(items, CHUNK) for name in find(chunk)]


def _members(key: str) -> Iterator[str]:
    return (_text(member) for member, _ in connection.client().zscan_iter(key, count=CHUNK))


def _between_commas(queues: Sequence[str]) -> str:
    return f",{','.join(queues)},"


def _texts(raw: Iterable[bytes]) -> list[str]:
    return [_text(one) for one in raw]


def _text(raw: bytes) -> str:
    """What is no text cannot be one of ours: it is shown, and no key or entry matches it."""
    return raw.decode(errors="replace")
