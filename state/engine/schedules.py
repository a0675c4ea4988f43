"""The schedule as it is stored: rq-scheduler's entries, and what we remember of each.

An entry is an RQ job hash of its own, never run itself, whose id stands in rq-scheduler's sorted set at the time it is due; its
meta says when it comes again. What we remember is a hash beside it:

    due      when it is due, as in rq-scheduler's set      ran      due time of the last occurrence that was queued (s)
    off      why it is not armed: '', hand, removed        began    when that was (ms)
    waits    the due time that waits for an earlier one    job      its job
    missed, skipped, late    counts                        by, outcome    the last sending, and what it was answered
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import clock
import models
from state.engine import activity, jobs
from state.store import connection, keys, scripts

HAND, REMOVED = "hand", "removed"

#: Fields of our record that are counts.
COUNTS = ("missed", "skipped", "late")

#: Entries read in one round trip.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Due:
    """An entry that is due, as it was seen. The fields of its hash are None where they are gone; `wrong` is what ails its keys.

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
    def gone(self) -> bool:
        """Its hash is gone."""
        return not self.wrong and self.data is self.meta is self.queue is None


@dataclass(frozen=True, slots=True)
class Look:
    """What is due at `now` (s, the server's), the oldest first, and when the next of the others is (None = there is none)."""

    now: float
    next_due: float | None
    entries: list[Due]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence to be decided: `job` is None where none is to begin. An entry whose `due` is b"" is run by hand."""

    entry: Due
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


@dataclass(frozen=True, slots=True)
class Record:
    """An entry and what became of it. Times are aware UTC; `next_at` None = it is not armed."""

    id: str
    ours: bool
    fields: dict[bytes, bytes]
    next_at: datetime | None
    off: str
    last_due_at: datetime | None
    last_began_at: datetime | None
    last_job: str | None
    last_job_status: str | None
    waits: bool
    counts: dict[str, int]


def look(passed: int, at_most: int) -> Look:
    """What is due now, after passing over the first `passed`."""
    args: list[scripts.Argument] = [clock.script_now_ms(), passed, at_most, keys.RQ_JOB, keys.SCHEDULE]
    now_ms, later, *rows = scripts.run("engine/look", [keys.RQ_SCHEDULER_JOBS, keys.SCHEDULES], args)
    return Look(int(now_ms) / 1000, float(later) if later else None, [_due(row) for row in rows])


def _due(row: list[Any]) -> Due:
    entry, due, ours, waits, wrong, data, meta, queue = row
    waited = bool(waits) and float(waits) == float(due)
    return Due(entry, due, data, meta, queue, ours=bool(ours), waited=waited, wrong=wrong.decode(errors="replace"))


def occur(occurrences: Sequence[Occurrence], token: str, late_after_s: float) -> list[str | Exception]:
    """Decide each, in one round trip: queued, missed, overlaps, waits or moved (lua/occur.lua), or the error of the store.

    Safe to send again with the same token, which names one sending for ever.
    """
    calls = [_occur_call(one, f"{token}-{number}", late_after_s) for number, one in enumerate(occurrences)]
    replies = scripts.run_each(calls) if calls else []
    return [reply if isinstance(reply, Exception) else reply.decode() for reply in replies]


def _occur_call(one: Occurrence, token: str, late_after_s: float) -> scripts.Call:
    job, minute, iso = one.job, activity.minute(), jobs.rq_time(clock.now())
    namespace, member = (job.claim if job else None) or ("", "")
    where = [keys.RQ_SCHEDULER_JOBS, keys.RQ_JOB + _text(one.entry.id), keys.schedule(_text(one.entry.id))]
    where += [keys.job(job.id), keys.queue(job.queue)] if job else ["", ""]
    where += [keys.RQ_QUEUES, keys.WAKE, keys.CLAIM_NAMESPACES, keys.count("missed", minute), keys.count("late", minute)]
    step = one.step
    args: list[scripts.Argument] = [clock.script_now_ms(), iso, token, one.entry.id, one.entry.due]
    args += [one.entry.data or b"", one.entry.meta or b"", step.following, "" if step.run is None else step.run]
    args += [job.id if job else "", one.overlap, step.missed, step.skipped, late_after_s]
    args += [keys.RQ_JOB, f"{keys.CLAIM_NAMESPACES}:", namespace, member]
    return "engine/occur", where, [*args, *_fields(job, iso)] if job else args


def _fields(job: jobs.NewJob, iso: str) -> list[scripts.Argument]:
    """A job's hash, as lua/submit.lua writes it."""
    fields: dict[str, scripts.Argument] = {"created_at": iso, "enqueued_at": iso, "data": job.data, "origin": job.queue}
    fields |= {"description": job.description, "timeout": job.timeout_s, "failure_ttl": keys.FAILURE_TTL_S, "status": "queued"}
    fields |= {"retries_left": job.retries} if job.retries else {}
    fields |= {"claim": ":".join(job.claim)} if job.claim else {}
    return [part for pair in fields.items() for part in pair]


def hand_over(entry: Due) -> str:
    """Queue a job that rq-scheduler's enqueue_at left: queued, dropped or moved (lua/hand_over.lua)."""
    queue = keys.queue(_text(entry.queue or b"default"))
    where = [keys.RQ_SCHEDULER_JOBS, keys.RQ_JOB + _text(entry.id), queue, keys.RQ_QUEUES, keys.WAKE]
    return str(
        scripts.run("engine/hand_over", where, [clock.script_now_ms(), jobs.rq_time(clock.now()), entry.id, entry.due]).decode()
    )


def register(entries: Sequence[Registration], only_missing: bool = False) -> int:
    """Write what is new, changed or broken; with `only_missing` just what is gone. Says how many entries that touched."""
    touched = 0
    for at in range(0, len(entries), CHUNK):
        touched += sum(scripts.run_together([_register_call(entry, only_missing) for entry in entries[at : at + CHUNK]]))
    return touched


def _register_call(entry: Registration, only_missing: bool) -> scripts.Call:
    where = [keys.RQ_SCHEDULER_JOBS, keys.job(entry.id), keys.schedule(entry.id), keys.SCHEDULES]
    args: list[scripts.Argument] = [clock.script_now_ms(), jobs.rq_time(clock.now()), entry.id, "1" if only_missing else ""]
    args += [entry.new_due, entry.changed_due, "1" if entry.sooner else ""]
    return "engine/register", where, [*args, *(part for pair in entry.fields.items() for part in pair)]


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


def disarm(entry: str, why: str) -> bool:
    """Let an entry rest: it stays where it can be seen, and never runs. Says whether that changed something."""
    return bool(scripts.run("engine/disarm", [keys.RQ_SCHEDULER_JOBS, keys.schedule(entry)], [entry, why]))


def redate(entry: str, due: int) -> None:
    """Let an armed entry be due then (s)."""
    connection.client().zadd(keys.RQ_SCHEDULER_JOBS, {entry: due}, xx=True)


def arm(entry: str) -> bool:
    """Let an entry run again; what it missed is up to its rule. Says whether that changed something."""
    return bool(scripts.run("engine/arm", [keys.RQ_SCHEDULER_JOBS, keys.schedule(entry)], [entry]))


def records() -> list[Record]:
    """Every entry, ours and rq-scheduler's own, armed ones first by due time; reads only."""
    armed = list(connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, -1))
    ids = [*armed, *sorted(connection.client().smembers(keys.SCHEDULES) - set(armed))]
    found = [_find(ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK)]
    return [one for chunk in found for one in chunk if one]


def find(entry: str) -> Record | None:
    """One entry; None where there is none of that id."""
    return _find([entry.encode()])[0]


def _find(ids: Sequence[bytes]) -> list[Record | None]:
    with connection.client().pipeline(transaction=False) as pipe:
        for raw in ids:
            pipe.hgetall(keys.RQ_JOB.encode() + raw)
            pipe.hgetall(keys.SCHEDULE.encode() + raw)
            pipe.zscore(keys.RQ_SCHEDULER_JOBS, raw)
            pipe.sismember(keys.SCHEDULES, raw)
        rows = pipe.execute(raise_on_error=False)
        told = [_told(row) for row in rows[1::4]]
        for known in told:
            pipe.hget(keys.job(known.get("job", "")), "status")
        statuses = pipe.execute(raise_on_error=False)
    fields = [row if isinstance(row, dict) else {} for row in rows[::4]]
    return [
        _record(raw, bool(ours), hash_, told_, score) if ours or score is not None else None
        for raw, hash_, told_, score, ours in zip(ids, fields, _with_status(told, statuses), rows[2::4], rows[3::4], strict=True)
    ]


def _told(row: Any) -> dict[str, str]:
    """Our record of an entry; a damaged one is empty."""
    found = {name.decode(): value.decode() for name, value in row.items()} if isinstance(row, dict) else {}
    return found if all(found.get(name, "0").isdigit() for name in COUNTS) else {}


def _with_status(told: list[dict[str, str]], statuses: list[Any]) -> list[dict[str, str]]:
    pairs = zip(told, statuses, strict=True)
    return [{**known, "status": status.decode()} if isinstance(status, bytes) else known for known, status in pairs]


def _record(raw: bytes, ours: bool, fields: dict[bytes, bytes], told: dict[str, str], score: float | None) -> Record:
    return Record(
        id=raw.decode(errors="replace"),
        ours=ours,
        fields=fields,
        next_at=_moment(score),
        off=told.get("off", ""),
        last_due_at=_moment(told.get("ran")),
        last_began_at=_moment(told.get("began"), 1000),
        last_job=told.get("job"),
        last_job_status=told.get("status"),
        waits=bool(told.get("waits")),
        counts={name: int(told.get(name, 0)) for name in COUNTS},
    )


def _moment(value: Any, unit: int = 1) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value) / unit, UTC) if value not in (None, "") else None
    except (ValueError, OverflowError, OSError):
        return None


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
