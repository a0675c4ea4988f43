"""A snapshot of what may keep work from going on: one command, so cheap that every process takes one once a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import clock
from state.engine import pauses, schedules
from state.engine.pauses import Pause
from state.store import keys, scripts

#: Entries of other programs that are looked at.
FOREIGN = 200

#: Pauses that are read, more or less.
PAUSES = 1000


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process as RQ's record shows it; None and "" where that does not say. `is_draining`: it takes no more jobs, and
    ends after those that it runs. `threads`, `coroutines`: how many jobs of each sort it runs at a time.
    """

    name: str
    queues: tuple[str, ...]
    busy: bool
    heard_at: datetime | None
    memory_mb: int | None = None
    jobs_done: int = 0
    worked_s: float = 0.0
    host: str = ""
    pid: int | None = None
    version: str = ""
    born_at: datetime | None = None
    threads: int | None = None
    coroutines: int | None = None
    is_draining: bool = False

    @property
    def places(self) -> int | None:
        """Jobs that it runs at a time, at most."""
        return None if self.threads is None else self.threads + (self.coroutines or 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a queue: jobs, delayed ones that are due, and blocked ones (kind → how many); and since when the first do."""

    queue: str
    jobs: int
    due: int
    since: datetime | None
    blocked: Mapping[str, int] = field(default_factory=dict)
    blocked_since: datetime | None = None

    @property
    def oldest(self) -> datetime | None:
        """Since when the job waits that has waited for longest, blocked or not; None where none does."""
        return min((at for at in (self.since, self.blocked_since) if at), default=None)

    @property
    def total(self) -> int:
        """All that a worker could be asked to run."""
        return self.jobs + self.due + sum(self.blocked.values())


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the schedule as it was seen; `due` None = it is not armed, and `off` says why ('' = nobody meant it).

    `reason`, `actor`, `until`: what who disabled it said; '' and None = nothing.
    """

    seen: schedules.DueEntry
    due: float | None
    off: str
    reason: str = ""
    actor: str = ""
    until: datetime | None = None

    @property
    def id(self) -> str:
        """Its id among rq-scheduler's entries."""
        return self.seen.id.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of one moment. `suspended_ms`: None = not suspended, -1 = for ever. `paused`: number of scopes."""

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
    pauses: list[Pause] = field(default_factory=list)
    paused: int = 0


def take(queues: Sequence[str]) -> Snapshot:
    """Take one; it changes nothing."""
    now_ms, suspended, halted, beat, running, armed, limits, workers, waiting, entries, held, paused = _stops(
        suspended=keys.RQ_SUSPENDED,
        halted=keys.HALTED,
        heartbeat=keys.heartbeat("scheduler"),
        leases=keys.LEASES,
        limits=keys.LIMITS,
        workers=keys.RQ_WORKERS,
        entries=keys.RQ_SCHEDULER_JOBS,
        ours=keys.SCHEDULES,
        pauses=keys.PAUSES,
        now_ms=clock.script_now_ms(),
        rq=keys.RQ,
        records=keys.SCHEDULE,
        most_foreign=FOREIGN,
        most_pauses=PAUSES,
        queues=queues,
    )
    words = [_text(word) for word in limits]
    kinds = dict(zip(words[::2], words[1::2], strict=True))
    now = datetime.fromtimestamp(int(now_ms) / 1000, UTC)
    return Snapshot(
        now=now,
        suspended_ms=None if suspended == -2 else int(suspended),
        halted=_text(halted),
        scheduler_alive=bool(beat),
        running=running,
        armed=armed,
        limits=kinds,
        workers=[_worker(row) for row in workers],
        waiting=[_waiting(row, list(kinds)) for row in waiting],
        entries=[_entry(row) for row in entries],
        pauses=pauses.in_force(zip(held[::2], held[1::2], strict=True), now),
        paused=paused,
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
    pauses: str,
    now_ms: str,
    rq: str,
    records: str,
    most_foreign: int,
    most_pauses: int,
    queues: Sequence[str],
) -> list[Any]:
    raise scripts.InLua


def _worker(row: list[Any]) -> Worker:
    name, queues, state, heard, born, memory, done, worked, host, pid, version, threads, coroutines, draining = map(_text, row)
    return Worker(
        name=name,
        queues=tuple(queues.split(",")),
        busy=state == "busy",
        heard_at=_moment(heard),
        memory_mb=_whole(memory),
        jobs_done=_whole(done) or 0,
        worked_s=_number(worked) or 0.0,
        host=host,
        pid=_whole(pid),
        version=version,
        born_at=_moment(born),
        threads=_whole(threads),
        coroutines=_whole(coroutines),
        is_draining=bool(draining),
    )


def _waiting(row: list[Any], kinds: Sequence[str]) -> Waiting:
    queue, jobs, due, since, blocked_since, *blocked = row
    counts = dict(zip(kinds, blocked, strict=True))
    return Waiting(_text(queue), jobs, due, _moment(_text(since)), counts, _moment(_text(blocked_since)))


def _entry(row: list[Any]) -> Entry:
    entry, due, ours, waits, off, wrong, data, meta, queue, reason, actor, until = row
    waited = bool(waits) and _number(waits) == _number(due)
    seen = schedules.DueEntry(entry, due, data, meta, queue, ours=bool(ours), waited=waited, wrong=_text(wrong))
    ends = _number(until)
    ends_at = datetime.fromtimestamp(ends / 1000, UTC) if ends and 0 < ends < 1e14 else None
    return Entry(seen, _number(due), _text(off), _text(reason), _text(actor), ends_at)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


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
