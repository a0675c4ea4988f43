"""Entries of the schedule and what became of each, as commands and the doctor read them.

Our record of an entry is a hash:

    due      when it is due, as in rq-scheduler's set      ran      due time of the last occurrence that was queued (s)
    off      why it is not armed: '', hand, removed        began    when that was (ms)
    waits    the due time that waits for an earlier one    job      its job
    missed, skipped, late    counts                        by, outcome    the last sending, and what it was answered
    off_reason, off_by, off_since, off_until    why it is disabled, by whom, since and until when (ms; '' = until it is enabled)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from state.store import connection, keys

#: Fields of our record that are counts.
COUNTS = ("missed", "skipped", "late")

#: Entries read in one round trip.
CHUNK = 500


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
    off_reason: str = ""
    off_by: str = ""
    off_since: datetime | None = None
    off_until: datetime | None = None


def records() -> list[Record]:
    """Every entry, ours and rq-scheduler's own, armed ones first by due time; reads only."""
    armed = list(connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, -1))
    ids = [*armed, *sorted(connection.client().smembers(keys.SCHEDULES) - set(armed))]
    found = [_find(ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK)]
    return [one for chunk in found for one in chunk if one]


def keys_of_all() -> list[str]:
    """The keys of rq-scheduler that hold the entries: the set, and the hash of each."""
    client = connection.client()
    ids = {*client.zrange(keys.RQ_SCHEDULER_JOBS, 0, -1), *client.smembers(keys.SCHEDULES)}
    return [keys.RQ_SCHEDULER_JOBS, *sorted(keys.job(one.decode(errors="surrogateescape")) for one in ids)]


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
        off_reason=told.get("off_reason", ""),
        off_by=told.get("off_by", ""),
        off_since=_moment(told.get("off_since"), 1000),
        off_until=_moment(told.get("off_until"), 1000),
    )


def _moment(value: Any, unit: int = 1) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value) / unit, UTC) if value not in (None, "") else None
    except (ValueError, OverflowError, OSError):
        return None
