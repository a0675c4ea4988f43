"""A snapshot of what may keep work from going on: one command, so cheap that every process takes one once a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import clock
from state.engine import schedules
from state.store import keys, scripts

#: Entries of other programs that are looked at.
FOREIGN = 200


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as RQ's record shows it; `memory_mb` None where it does not say."""

    name: str
    queues: tuple[str, ...]
    busy: bool
    heard_at: datetime | None
    memory_mb: int | None = None
    jobs_done: int = 0
    worked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a queue: jobs, delayed ones that are due, and blocked ones (kind → how many)."""

    queue: str
    jobs: int
    due: int
    since: datetime | None
    blocked: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All that a worker could be asked to run."""
        return self.jobs + self.due + sum(self.blocked.values())


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the schedule as it was seen; `due` None = it is not armed, and `off` says why ('' = nobody meant it)."""

    seen: schedules.DueEntry
    due: float | None
    off: str

    @property
    def id(self) -> str:
        """Its id among rq-scheduler's entries."""
        return self.seen.id.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of one moment. `suspended_ms`: None = not suspended, -1 = for ever."""

    now: datetime
    suspended_ms: int | None
    halted: str
    scheduler_alive: bool
    running: int
    armed: int
    limits: dict[str, str]
    workers: list[Worker]
    waiting: list[Waiting]
    entries: list[Entry]


def take(queues: Sequence[str]) -> Snapshot:
    """Take one; it changes nothing."""
    now_ms, suspended, halted, beat, running, armed, limits, workers, waiting, entries = _stops(
        suspended=keys.RQ_SUSPENDED,
        halted=keys.HALTED,
        heartbeat=keys.heartbeat("scheduler"),
        leases=keys.LEASES,
        limits=keys.LIMITS,
        workers=keys.RQ_WORKERS,
        entries=keys.RQ_SCHEDULER_JOBS,
        ours=keys.SCHEDULES,
        now_ms=clock.script_now_ms(),
        rq=keys.RQ,
        records=keys.SCHEDULE,
        most_foreign=FOREIGN,
        queues=queues,
    )
    words = [_text(word) for word in limits]
    kinds = dict(zip(words[::2], words[1::2], strict=True))
    return Snapshot(
        now=datetime.fromtimestamp(int(now_ms) / 1000, UTC),
        suspended_ms=None if suspended == -2 else int(suspended),
        halted=_text(halted),
        scheduler_alive=bool(beat),
        running=running,
        armed=armed,
        limits=kinds,
        workers=[_worker(row) for row in workers],
        waiting=[_waiting(row, list(kinds)) for row in waiting],
        entries=[_entry(row) for row in entries],
    )


@scripts.script("engine/stops")
def _stops(
    *,
    suspended: str,
    halted: str,
    heartbeat: str,
    leases: str,
    limits: str,
    workers: str,
    entries: str,
    ours: str,
    now_ms: str,
    rq: str,
    records: str,
    most_foreign: int,
    queues: Sequence[str],
) -> list[Any]:
    raise scripts.InLua


def _worker(row: list[Any]) -> Worker:
    name, queues, state, heard, _, memory, done, worked = map(_text, row)
    return Worker(
        name=name,
        queues=tuple(queues.split(",")),
        busy=state == "busy",
        heard_at=_moment(heard),
        memory_mb=int(memory) if memory.isdigit() else None,
        jobs_done=int(done) if done.isdigit() else 0,
        worked_s=_number(worked) or 0.0,
    )


def _waiting(row: list[Any], kinds: Sequence[str]) -> Waiting:
    queue, jobs, due, since, *blocked = row
    return Waiting(_text(queue), jobs, due, _moment(_text(since)), dict(zip(kinds, blocked, strict=True)))


def _entry(row: list[Any]) -> Entry:
    entry, due, ours, waits, off, wrong, data, meta, queue = row
    waited = bool(waits) and _number(waits) == _number(due)
    seen = schedules.DueEntry(entry, due, data, meta, queue, ours=bool(ours), waited=waited, wrong=_text(wrong))
    return Entry(seen, _number(due), _text(off))


def _number(raw: bytes | str) -> float | None:
    try:
        return float(raw)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
