"""What lost its other half: jobs in no queue, entries without a job, leases and records of runs that are over.

Each function takes likely ones and returns those that are so, seen in one step by a script; with `repair` the same step mends
them. So what a worker changes meanwhile is neither reported nor touched, and doing it twice is doing it once. Nothing here walks
a long list for each of many ids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import clock
from state.engine import leases
from state.repair import overdue
from state.store import connection, keys, scripts
from state.tracking import keywords

#: Ids in one script call: a few milliseconds of the server's time.
CHUNK = 1000

#: Ids of waiting jobs that are held at a time, about 50 MB.
AT_ONCE = 500_000

#: Longest lease there can be: one that was handed to whoever gives up a poisoned job, twice over.
LONGEST_LEASE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Record:
    """RQ's trace of a run: an entry of a key, and the lease the run must hold."""

    key: str
    entry: str
    lease: str


@dataclass(slots=True)
class Page:
    """Keys of one step through the store, by what they tell of."""

    seen: int = 0
    jobs: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    _executions: list[str] = field(default_factory=list)
    _workers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Likely:
    """Jobs that may stand where they should not: those that wait, those that run without a lease, those nothing will move."""

    waiting: list[str]
    started: list[str]
    delayed: list[str]


def pages() -> Iterator[Page]:
    """The whole store, a step at a time. A key may come twice; one that comes or goes meanwhile, or not."""
    redis, cursor = connection.client(), 0
    while True:
        cursor, names = redis.scan(cursor, count=CHUNK)
        page = Page(len(names))
        for name in names:
            _sort(_text(name), page)
        page.records += _records_of(page)
        yield page
        if not cursor:
            return


def size() -> int:
    """Keys of the store."""
    return int(connection.client().dbsize())


def broken(queues: Sequence[str]) -> dict[str, str]:
    """Keys that somebody overwrote with another type → that type. Nothing that needs them can work."""
    kinds = {keys.LEASES: "zset", keys.FOLLOWUPS: "zset", keys.QUARANTINE: "hash", keys.RQ_SCHEDULER_JOBS: "zset"}
    kinds |= {keys.RING: "zset", keys.WAITING: "zset", keys.PROJECTS: "set", keys.RQ_QUEUES: "set", keys.RQ_WORKERS: "set"}
    kinds |= {keys.FOLDERS: "hash", keys.WEIGHTS: "hash", keys.LIMITS: "hash", keys.SCHEDULES: "set"}
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
    where = [keys.LEASES, keys.RQ_SCHEDULER_JOBS]
    groups = scripts.run("repair/triage", where, [keys.RQ, _between_commas(queues), *job_ids])
    return Likely(*([_text(job) for job in group] for group in groups))


def sift(waiting: set[str], queues: Sequence[str]) -> list[str]:
    """Those of the waiting jobs that no look along the queues met, newest first: what is left deserves `requeue`.

    From the end of a queue to its front: workers take from the front, so nothing moves past us. Empties `waiting`.
    """
    redis = connection.client()
    for name in queues:
        at = 0
        while page := redis.lrange(keys.queue(name), -at - CHUNK, -at - 1):
            waiting.difference_update(_text(job) for job in page)
            at += len(page)
    left = sorted(waiting)
    waiting.clear()
    return [job for _, job in sorted(zip(_enqueued_at(left), left, strict=True), reverse=True)]


def requeue(job_ids: Sequence[str], repair: bool) -> list[str]:
    """Jobs that say they wait in a queue and stand in none; repaired, they stand at its front."""
    return _in_chunks(
        "repair/requeue", [keys.QUARANTINE, keys.WAKE, keys.RQ_QUEUES, keys.LEASES], [int(repair), keys.RQ], job_ids
    )


def revive(job_ids: Sequence[str], repair: bool) -> list[str]:
    """Jobs that say they run and hold no lease; repaired, they stand at the front of their queue."""
    return _in_chunks("repair/revive", [keys.LEASES, keys.WAKE, keys.RQ_QUEUES], [int(repair), keys.RQ], job_ids)


def reschedule(job_ids: Sequence[str], repair: bool) -> list[str]:
    """Jobs that say they are delayed and that nothing will move; repaired, they are due now."""
    where = [keys.RQ_SCHEDULER_JOBS, keys.RQ_QUEUES]
    args: list[scripts.Argument] = [int(repair), clock.script_now_ms(), keys.RQ]
    return _in_chunks("repair/reschedule", where, args, job_ids)


def unlist(queue: str, repair: bool) -> Iterator[list[str]]:
    """Entries of a queue whose job is gone, a stretch at a time; repaired, they are removed."""
    at = 0
    while True:
        looked, *found = scripts.run("repair/unlist", [keys.queue(queue)], [int(repair), keys.RQ_JOB, at, CHUNK])
        at += looked - (len(found) if repair else 0)
        if not looked:
            return
        yield [_text(job) for job in found]


def unlease(repair: bool) -> list[str]:
    """Leases of jobs that are gone, and leases too long to be ours; repaired, they are dropped, or run out soon."""
    args: list[scripts.Argument] = [int(repair), clock.script_now_ms(), keys.RQ_JOB, LONGEST_LEASE_MS, leases.LEASE_MS]
    found: list[str] = []
    for page in _members(keys.LEASES):
        found += _in_chunks("repair/unlease", [keys.LEASES], args, page)
    return found


def registered_runs(queue: str) -> Iterator[list[Record]]:
    """What RQ's started registry of a queue says runs."""
    key = keys.RQ_STARTED + queue
    for page in _members(key):
        yield [Record(key, lease, lease) for lease in page]


def forget_runs(records: Sequence[Record], queues: Sequence[str], repair: bool) -> list[str]:
    """Records of runs that hold no lease; repaired, they are removed."""
    found: list[str] = []
    for at in range(0, len(records), CHUNK):
        words = [word for one in records[at : at + CHUNK] for word in (one.key, one.entry, one.lease)]
        args: list[scripts.Argument] = [int(repair), keys.RQ_JOB, _between_commas(queues), *words]
        found += [_text(lease) for lease in scripts.run("repair/forget_run", [keys.LEASES], args)]
    return sorted(set(found))


def forget_workers(queues: Sequence[str], repair: bool) -> list[str]:
    """Workers that RQ's lists name and whose record is gone; repaired, they are off the lists."""
    lists = [keys.RQ_WORKERS, *(f"{keys.RQ_WORKERS}:{name}" for name in queues)]
    named = {worker for name in lists for worker in connection.client().smembers(name)}
    found = _in_chunks("repair/forget_worker", lists, [int(repair)], [_text(worker) for worker in sorted(named)])
    return [worker.removeprefix(keys.RQ_WORKER) for worker in found]


def _sort(name: str, page: Page) -> None:
    prefix, _, rest = name.rpartition(":")
    if prefix + ":" == keys.RQ_JOB:
        page.jobs.append(rest)
    elif prefix + ":" == keys.KEYWORD:
        page.keywords.append(rest)
    elif prefix + ":" == keys.PROJECT:
        page.projects.append(rest)
    elif prefix + ":" == keys.RQ_EXECUTIONS:
        page._executions.append(name)
    elif name.startswith(keys.RQ_EXECUTION):
        page.records.append(Record(name, "", name.removeprefix(keys.RQ_EXECUTION)))
    elif name.startswith(keys.RQ_WORKER) and rest == "executions":
        page._workers.append(name)


def _records_of(page: Page) -> list[Record]:
    with connection.client().pipeline(transaction=False) as pipe:
        for key in page._executions:
            pipe.zrange(key, 0, -1)
        for key in page._workers:
            pipe.smembers(key)
        replies = pipe.execute(raise_on_error=False)
    records = []
    for key, entries in zip([*page._executions, *page._workers], replies, strict=True):
        for raw in entries if isinstance(entries, list | set) else ():
            entry = _text(raw)
            is_job = key.startswith(keys.RQ_EXECUTIONS)
            records.append(Record(key, entry, f"{key.removeprefix(keys.RQ_EXECUTIONS)}:{entry}" if is_job else entry))
    return records


def _enqueued_at(job_ids: Sequence[str]) -> list[bytes]:
    """When each job was queued, as RQ writes it; what says nothing came first."""
    found: list[bytes] = []
    for at in range(0, len(job_ids), CHUNK):
        with connection.client().pipeline(transaction=False) as pipe:
            for job in job_ids[at : at + CHUNK]:
                pipe.hget(keys.job(job), "enqueued_at")
            found += [value if isinstance(value, bytes) else b"" for value in pipe.execute(raise_on_error=False)]
    return found


def _in_chunks(verb: str, where: list[str], args: Sequence[scripts.Argument], ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for at in range(0, len(ids), CHUNK):
        found += [_text(one) for one in scripts.run(verb, where, [*args, *ids[at : at + CHUNK]])]
    return found


def _members(key: str) -> Iterator[list[str]]:
    return keywords.chunked((_text(member) for member, _ in connection.client().zscan_iter(key, count=CHUNK)), CHUNK)


def _between_commas(queues: Sequence[str]) -> str:
    return f",{','.join(queues)},"


def _text(raw: bytes) -> str:
    """What is no text cannot be one of ours: it is shown, and no key or entry matches it."""
    return raw.decode(errors="replace")
