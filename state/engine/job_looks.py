"""A look at one job: its record, where it stands, who is before it. Reads only, and costs the same with a million jobs."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import clock
from state.engine import limits
from state.store import connection, keys, scripts

#: Names of a list that are looked through for a job, from each end: a million are 10 ms of the server's time.
MOST = 1_000_000

#: Jobs before another one that are looked at, to say of which kind they are.
SAMPLE = 1000

#: Jobs that another one depends on that are told.
MOST_DEPENDENCIES = 100

FIELDS = (
    "status", "origin", "description", "created_at", "enqueued_at", "started_at", "ended_at", "worker_name", "prefetched",
    "parked", "progress", "attempt", "retries_left", "error_category", "error_message", "cancel", "claim", "rate_limit_key",
    "parked_since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """Where a job is. `fields`: its record as text, '' = not there.

    `place`: jobs before it in its list; -1 = it is not there, -2 = it may be in the middle of a longer one. `lease_end`, `due`:
    None = it has no lease, is not delayed. `limit`: of its kind, None = none. `direct`: calls outside a job that use a place.
    """

    id: str
    now: datetime
    is_there: bool
    fields: Mapping[str, str]
    kind: str
    queue: str
    length: int
    place: int
    is_in_hand: bool
    lease_end: datetime | None
    due: datetime | None
    quarantined: str
    limit: int | None
    running: int
    direct: int
    blocked: int

    @property
    def status(self) -> str:
        """RQ's word for its state; '' = its record is none."""
        return self.fields["status"]

    @property
    def is_blocked(self) -> bool:
        """Whether it stands among the blocked jobs of its kind."""
        return self.fields["origin"] != self.queue


def at(job_id: str) -> Look:
    """Look at a job; `is_there` is False where it has no record."""
    now, there, values, kind, queue, length, place, in_hand, lease, due, why, limit, running, direct, blocked = _look_at_job(
        job=keys.job(job_id),
        leases=keys.LEASES,
        quarantined=keys.QUARANTINE,
        limits=keys.LIMITS,
        kinds=keys.KINDS,
        now_ms=clock.script_now_ms(),
        rq=keys.RQ,
        runs=keys.RUNS,
        slots=keys.SLOTS,
        id=job_id,
        most=MOST,
        names=FIELDS,
    )
    return Look(
        id=job_id,
        now=datetime.fromtimestamp(int(now) / 1000, UTC),
        is_there=bool(there),
        fields={name: _text(value) for name, value in zip(FIELDS, values, strict=True)},
        kind=_text(kind),
        queue=_text(queue),
        length=length,
        place=place,
        is_in_hand=bool(in_hand),
        lease_end=_moment(lease, 1000),
        due=_moment(due, 1),
        quarantined=_reason(why),
        limit=int(limit) if limit.isdigit() else None,
        running=running,
        direct=direct if _text(kind) == limits.SERP else 0,
        blocked=blocked,
    )


@scripts.script("engine/look_at_job")
def _look_at_job(
    *,
    job: str,
    leases: str,
    quarantined: str,
    limits: str,
    kinds: str,
    now_ms: str,
    rq: str,
    runs: str,
    slots: str,
    id: str,
    most: int,
    names: tuple[str, ...],
) -> list[Any]:
    raise scripts.InLua


def ahead(look: Look, kinds: Mapping[str, str]) -> tuple[Counter[str], int]:
    """Kinds of the jobs before a job that waits in a list, and how many were looked at: first and nearest ones of many.

    `kinds`: the kind of the jobs of each function.
    """
    name, place = keys.queue(look.fields["origin"]), look.place
    client = connection.client()
    ranges = [(0, place - 1)] if place <= SAMPLE else [(0, SAMPLE // 2 - 1), (place - SAMPLE // 2, place - 1)]
    ids = [raw for first, last in ranges if last >= first for raw in client.lrange(name, first, last)]
    with client.pipeline(transaction=False) as pipe:
        for raw in ids:
            pipe.hmget(keys.RQ_JOB.encode() + raw, "kind", "description", "status")
        rows = pipe.execute(raise_on_error=False)
    found = Counter(_kind(row, kinds) for row in rows)
    return found, len(ids)


def dependencies(job_id: str) -> list[tuple[str, str]]:
    """The jobs that a job waits for, and the state of each ('' = gone)."""
    client = connection.client()
    told = client.hget(keys.job(job_id), "dependency_ids") or client.hget(keys.job(job_id), "dependency_id") or b""
    try:
        read = json.loads(told) if told.startswith(b"[") else [told.decode()] if told else []
    except ValueError:
        read = []
    ids = [str(one) for one in read[:MOST_DEPENDENCIES]]
    with client.pipeline(transaction=False) as pipe:
        for one in ids:
            pipe.hget(keys.job(one), "status")
        return [(one, _text(status or b"")) for one, status in zip(ids, pipe.execute(), strict=True)]


def _kind(row: Any, kinds: Mapping[str, str]) -> str:
    if not isinstance(row, list):
        return "unknown"
    kind, description, status = (_text(value or b"") for value in row)
    if status != "queued":
        return "over by now"  # its name is dropped when a worker comes to it
    return kind or kinds.get(description.partition("(")[0], "unknown")


def _reason(raw: bytes) -> str:
    try:
        return str(json.loads(raw)["reason"]) if raw else ""
    except (ValueError, KeyError, TypeError):
        return _text(raw)


def _moment(raw: bytes, unit: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(raw) / unit, UTC) if raw else None
    except (ValueError, OverflowError, OSError):
        return None


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
