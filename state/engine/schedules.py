"""The schedule as it is stored: rq-scheduler's entries, and a record of ours beside each (fields: schedule_records.py).

An entry is an RQ job hash of its own, never run itself. Its id stands in rq-scheduler's sorted set at the time it is due, and its
meta says when it comes again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import clock
import models
from state.engine import counters, jobs, pauses
from state.store import connection, keys, scripts

#: Entries read in one round trip.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class DueEntry:
    """An entry that is due, as it was seen. The fields of its hash are None where they are gone; `wrong` is an error of its keys.

    `ours`: it stands in a table. `waited`: it was due before, and waits for an earlier occurrence to end.
    """

    id: bytes
    due: bytes
    data: bytes | None
    meta: bytes | None
    queue: bytes | None
    ours: bool = False
    waited: bool = False
    wrong: str = ""

    @property
    def name(self) -> str:
        """Its id as text."""
        return self.id.decode(errors="replace")

    @property
    def gone(self) -> bool:
        """Its hash is gone."""
        return not self.wrong and self.data is self.meta is self.queue is None


@dataclass(frozen=True, slots=True)
class DuePage:
    """What is due at `now` (s, the server's), the oldest first, and when the next of the others is (None = there is none)."""

    now: float
    next_due: float | None
    entries: list[DueEntry]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence to be decided: `job` is None where none is to begin. An entry whose `due` is b"" is run by hand."""

    entry: DueEntry
    overlap: str
    step: models.Step
    job: jobs.NewJob | None


@dataclass(frozen=True, slots=True)
class Registration:
    """An entry as it is to be. `sooner`: where it changes, the earlier of its due times counts."""

    id: str
    fields: dict[str, str]
    new_due: int
    changed_due: int
    sooner: bool


def due_entries(passed: int, at_most: int) -> DuePage:
    """What is due now, after passing over the first `passed`."""
    now_ms, later, *rows = _due_entries(
        entries=keys.RQ_SCHEDULER_JOBS,
        ours=keys.SCHEDULES,
        now_ms=clock.script_now_ms(),
        skip=passed,
        at_most=at_most,
        jobs=keys.RQ_JOB,
        records=keys.SCHEDULE,
    )
    return DuePage(int(now_ms) / 1000, float(later) if later else None, [_due_entry(row) for row in rows])


@scripts.script("engine/due_entries")
def _due_entries(*, entries: str, ours: str, now_ms: str, skip: int, at_most: int, jobs: str, records: str) -> list[Any]:
    raise scripts.InLua


def _due_entry(row: list[Any]) -> DueEntry:
    entry, due, ours, waits, wrong, data, meta, queue = row
    waited = bool(waits) and float(waits) == float(due)
    return DueEntry(entry, due, data, meta, queue, bool(ours), waited, wrong.decode(errors="replace"))


def enqueue_occurrences(occurrences: Sequence[Occurrence], token: str, late_after_s: float) -> list[str | Exception]:
    """Decide each, in one round trip: queued, missed, overlaps, waits, paused or moved (lua/enqueue_occurrence.lua), or an error.

    Safe to send again with the same token, which names one sending for ever.
    """
    replies = scripts.run_each([_occurrence_call(one, f"{token}-{at}", late_after_s) for at, one in enumerate(occurrences)])
    return [reply if isinstance(reply, Exception) else reply.decode() for reply in replies]


def _occurrence_call(one: Occurrence, token: str, late_after_s: float) -> scripts.Call:
    job, step, minute = one.job, one.step, counters.minute()
    namespace, member = (job.claim if job else None) or ("", "")
    return _enqueue_occurrence.call(
        entries=keys.RQ_SCHEDULER_JOBS,
        entry=keys.job(one.entry.name),
        record=keys.schedule(one.entry.name),
        job=keys.job(job.id) if job else "",
        queue=keys.queue(job.queue) if job else "",
        missed_count=keys.count("missed", minute),
        late_count=keys.count("late", minute),
        hour=keys.hour(minute // 60),
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        token=token,
        id=one.entry.id,
        pause_scope=pauses.of_entry(one.entry.name),
        due_seen=one.entry.due,
        data_seen=one.entry.data or b"",
        meta_seen=one.entry.meta or b"",
        next_due=step.following,
        due="" if step.run is None else step.run,
        job_id=job.id if job else "",
        overlap=one.overlap,
        missed=step.missed,
        skipped=step.skipped,
        late_after_s=late_after_s,
        namespace=namespace,
        member=member,
        data=job.data if job else "",
        description=job.description if job else "",
        timeout_s=job.timeout_s if job else "",
        retries=(job.retries if job else 0) or "",
    )


@scripts.script("engine/enqueue_occurrence")
def _enqueue_occurrence(
    *,
    entries: str,
    entry: str,
    record: str,
    job: str,
    queue: str,
    missed_count: str,
    late_count: str,
    hour: str,
    now_ms: str,
    now: str,
    token: str,
    id: bytes,
    pause_scope: str,
    due_seen: bytes,
    data_seen: bytes,
    meta_seen: bytes,
    next_due: scripts.Argument,
    due: scripts.Argument,
    job_id: str,
    overlap: str,
    missed: int,
    skipped: int,
    late_after_s: float,
    namespace: str,
    member: str,
    data: str,
    description: str,
    timeout_s: scripts.Argument,
    retries: scripts.Argument,
) -> bytes:
    raise scripts.InLua


def enqueue_once(entry: DueEntry) -> str:
    """Queue a job that rq-scheduler's enqueue_at left: queued, dropped or moved (lua/enqueue_once.lua)."""
    return _enqueue_once(
        entries=keys.RQ_SCHEDULER_JOBS,
        job=keys.job(entry.name),
        queue=keys.queue((entry.queue or b"default").decode(errors="replace")),
        queues=keys.RQ_QUEUES,
        wakeups=keys.WAKE,
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        id=entry.id,
        due_seen=entry.due,
    ).decode()


@scripts.script("engine/enqueue_once")
def _enqueue_once(
    *, entries: str, job: str, queue: str, queues: str, wakeups: str, now_ms: str, now: str, id: bytes, due_seen: bytes
) -> bytes:
    raise scripts.InLua


def register(entries: Sequence[Registration], only_missing: bool = False) -> int:
    """Write what is new, changed or broken; with `only_missing` just what is gone. Says how many entries that touched."""
    calls = [_register_call(entry, only_missing) for entry in entries]
    return sum(touched for at in range(0, len(calls), CHUNK) for touched in scripts.run_together(calls[at : at + CHUNK]))


def _register_call(entry: Registration, only_missing: bool) -> scripts.Call:
    return _register.call(
        entries=keys.RQ_SCHEDULER_JOBS,
        entry=keys.job(entry.id),
        record=keys.schedule(entry.id),
        ours=keys.SCHEDULES,
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        id=entry.id,
        only_missing="1" if only_missing else "",
        new_due=entry.new_due,
        changed_due=entry.changed_due,
        sooner="1" if entry.sooner else "",
        fields=[part for pair in entry.fields.items() for part in pair],
    )


@scripts.script("engine/register")
def _register(
    *,
    entries: str,
    entry: str,
    record: str,
    ours: str,
    now_ms: str,
    now: str,
    id: str,
    only_missing: str,
    new_due: int,
    changed_due: int,
    sooner: str,
    fields: Sequence[str],
) -> int:
    raise scripts.InLua


def next_due() -> float | None:
    """When the first entry is due (s), overdue or not; None = there is none. One plain command."""
    head = connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, 0, withscores=True)
    return float(head[0][1]) if head else None


def are_written(entries: Sequence[str]) -> bool:
    """Whether the hashes of all these entries are there; one plain command."""
    return bool(connection.client().exists(*map(keys.job, entries)) == len(entries)) if entries else True


def registered() -> set[str]:
    """Ids of all entries that ever stood in a table."""
    return {raw.decode() for raw in connection.client().smembers(keys.SCHEDULES)}


def redate(entry: str, due: int) -> None:
    """Let an armed entry be due then (s)."""
    connection.client().zadd(keys.RQ_SCHEDULER_JOBS, {entry: due}, xx=True)
