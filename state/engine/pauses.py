"""Pauses: work that is held by hand until somebody resumes it, or until a moment. Nothing of it is dropped, what runs goes on.

A hash keeps them: scope → JSON {reason, actor, since_ms, until_ms}, the times as digits, `until_ms` '' = no end. A scope is
`queue:low`, `kind:serp`, `host:example.com`, `project:ID`, `provider:scrapedo` or `schedule:ENTRY`. Who holds what back:

    queue, kind          the lease script: a paused queue is passed over, jobs of a paused kind are blocked
    schedule             the script that queues an occurrence
    project, provider    the batch takes no keyword, and a check that begins leaves its keyword due
    host, provider       whoever asks for a turn at a host
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import clock
import config
from errors import ArgumentError, NotNow
from state.store import connection, keys, scripts

QUEUE, KIND, HOST, PROJECT, PROVIDER, SCHEDULE = "queue", "kind", "host", "project", "provider", "schedule"

#: What can be paused, in the order in which it is told.
CLASSES = (QUEUE, KIND, PROVIDER, PROJECT, SCHEDULE, HOST)

#: What `why` read counts for so long (s).
CACHE_S = 1.0

#: Scopes whose answer is kept.
CACHED = 10_000

#: A job parked for a pause without an end looks again after so long; `resume` lets it go at once.
LOOK_AGAIN = timedelta(hours=1)

#: How the reason of a job begins that is parked for a pause.
PARKED_FOR = "paused: "

MAX_SCOPE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Pause:
    """What is paused, why, by whom, since when, and until when (None = until somebody resumes it)."""

    scope: str
    reason: str
    actor: str
    since: datetime
    until: datetime | None = None

    @property
    def what(self) -> str:
        """What it holds, in words: `queue low`."""
        return self.scope.replace(":", " ", 1)

    @property
    def says(self) -> str:
        """`paused by ada since 2026-11-28 08:00 UTC until 2026-12-01 07:00 UTC: provider in trouble`."""
        until = f" until {_words(self.until)}" if self.until else ""
        return f"paused by {self.actor} since {_words(self.since)}{until}: {self.reason}"

    @property
    def resume(self) -> str:
        """The command that ends it."""
        return f"python manage.py resume {self.scope}"

    def not_now(self) -> NotNow:
        """What a job raises that may not run while it holds. `parked.release` finds the job by the reason."""
        return NotNow(self.until or clock.now() + LOOK_AGAIN, parked_for(self.scope))


class _Cache:
    """What this process read lately of a store: scope → when, and the pause."""

    def __init__(self) -> None:
        self.client: Any = None
        self.read: dict[str, tuple[float, Pause | None]] = {}

    def of(self, client: Any) -> dict[str, tuple[float, Pause | None]]:
        """The answers that came from this client."""
        if self.client is not client or len(self.read) > CACHED:
            self.client, self.read = client, {}
        return self.read


_cache = _Cache()


def parked_for(scope: str) -> str:
    """The reason with which a job is parked for the pause of a scope: `paused: host example.com`."""
    return PARKED_FOR + scope.replace(":", " ", 1)


def scope_of(reason: str) -> str | None:
    """The scope for whose pause a job is parked with that reason; None where it is parked for something else."""
    return reason.removeprefix(PARKED_FOR).replace(" ", ":", 1) if reason.startswith(PARKED_FOR) else None


def of_entry(entry_id: str) -> str:
    """The scope in which an entry of the schedule is paused."""
    return f"{SCHEDULE}:{entry_id.removeprefix('schedule-')}"


def of_provider() -> str:
    """The scope of the provider whose pages checks buy."""
    return f"{PROVIDER}:{config.settings().serp_provider}"


def put(scope: str, reason: str, actor: str, until: datetime | None = None) -> Pause:
    """Pause a scope until then (aware; None = until `remove`), or change the pause it has: it stays paused since when it was.

    It holds from the reply on. Raises ArgumentError where the end is past, by the clock of the store. Safe to send again.
    """
    if not scope.partition(":")[2] or scope.partition(":")[0] not in CLASSES or len(scope) > MAX_SCOPE_CHARS:
        raise ArgumentError(f"{scope!r:.80} cannot be paused: name one of {', '.join(CLASSES)}, e.g. queue:low.")
    raw = _pause(
        pauses=keys.PAUSES,
        ends=keys.PAUSE_ENDS,
        wakeups=keys.WAKE,
        now_ms=clock.script_now_ms(),
        scope=scope,
        reason=reason,
        actor=actor,
        until_ms="" if until is None else round(until.timestamp() * 1000),
    )
    _cache.read.clear()
    if until is not None and not raw:
        raise ArgumentError(f"A pause until {_words(until)} is over already: name a later time.")
    pause = _read(scope, raw)
    assert pause, "the script wrote it a moment ago"
    return pause


@scripts.script("engine/pause")
def _pause(
    *, pauses: str, ends: str, wakeups: str, now_ms: str, scope: str, reason: str, actor: str, until_ms: scripts.Argument
) -> bytes:
    raise scripts.InLua


def remove(scope: str) -> Pause | None:
    """End a pause: idle workers are woken for what it held. Returns it; None where the scope was not paused."""
    raw = _resume(pauses=keys.PAUSES, ends=keys.PAUSE_ENDS, wakeups=keys.WAKE, now_ms=clock.script_now_ms(), scope=scope)
    _cache.read.clear()
    return _read(scope, raw) if raw else None


@scripts.script("engine/resume")
def _resume(*, pauses: str, ends: str, wakeups: str, now_ms: str, scope: str) -> bytes:
    raise scripts.InLua


def end_over() -> None:
    """Remove pauses whose time is over; nobody obeys them any more."""
    _end_pauses(pauses=keys.PAUSES, ends=keys.PAUSE_ENDS, wakeups=keys.WAKE, now_ms=clock.script_now_ms())


@scripts.script("engine/end_pauses")
def _end_pauses(*, pauses: str, ends: str, wakeups: str, now_ms: str) -> None:
    raise scripts.InLua


def every() -> list[Pause]:
    """All pauses in force, by class and name; reads only."""
    return in_force(connection.client().hgetall(keys.PAUSES).items(), connection.now())


def in_force(rows: Iterable[tuple[bytes, bytes]], now: datetime) -> list[Pause]:
    """The pauses of these fields and values of the hash that hold now, by class and name."""
    return sorted((pause for pause in read_all(rows) if _holds(pause, now)), key=lambda pause: (_rank(pause), pause.scope))


def read_all(rows: Iterable[tuple[bytes, bytes]]) -> list[Pause]:
    """The pauses of these fields and values of the hash; what nobody can read is left out."""
    return [pause for scope, raw in rows if (pause := _read(scope.decode(errors="replace"), raw))]


def among(scopes: Sequence[str]) -> list[Pause]:
    """Those of these scopes that are paused now, in their order; reads only."""
    raws = _raws(scopes)
    found = [pause for scope, raw in zip(scopes, raws, strict=True) if (pause := _read(scope, raw))]
    now = connection.now() if found else None
    return [pause for pause in found if now and _holds(pause, now)]


def why(scopes: Sequence[str]) -> Pause | None:
    """The first of these scopes that is paused; None = none is. What was read counts for a second in this process."""
    client, moment = connection.client(), clock.monotonic()
    known = _cache.of(client)
    stale = [scope for scope in scopes if scope not in known or known[scope][0] + CACHE_S < moment]
    if stale:
        known.update({scope: (moment, _read(scope, raw)) for scope, raw in zip(stale, _raws(stale), strict=True)})
    found = [pause for scope in scopes if (pause := known[scope][1])]
    now = connection.now() if found else None
    return next((pause for pause in found if now and _holds(pause, now)), None)


def _raws(scopes: Sequence[str]) -> list[bytes | None]:
    """What the hash keeps for these scopes. A key of another type keeps nothing: it must not stop the work."""
    try:
        raws: list[bytes | None] = connection.client().hmget(keys.PAUSES, list(scopes)) if scopes else []
    except connection.ResponseError:
        return [None] * len(scopes)
    return raws


def _read(scope: str, raw: bytes | None) -> Pause | None:
    """A pause as it is stored; None for none, and for what nobody can read."""
    if not raw:
        return None
    try:
        told = json.loads(raw)
        since, until = int(told["since_ms"]), told["until_ms"]
        ends = _moment(int(until)) if until not in ("", None) else None
        return Pause(scope, str(told["reason"]), str(told["actor"]), _moment(since), ends)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _holds(pause: Pause, now: datetime) -> bool:
    return pause.until is None or pause.until > now


def _rank(pause: Pause) -> int:
    name = pause.scope.partition(":")[0]
    return CLASSES.index(name) if name in CLASSES else len(CLASSES)


def _words(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
