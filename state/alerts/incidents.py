"""Incidents: what is wrong, since when, and whether it was told. One script decides what opens, worsens and ends.

A finding opens an incident when it was there for `for_s`; the incident ends when it was away for `clear_s`, twice as long for
each time it came back within six hours. So two who look, and one who is killed, tell nothing twice and lose nothing.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import clock
from state.alerts import keys
from state.store import connection, scripts

#: Grades: nobody wants to know, somebody should look, somebody must.
MUTED, WARNING, CRITICAL = 0, 1, 2

GRADES = ("muted", "warning", "critical")

#: An open incident that grows is told of again after so long (s).
AGAIN_S = 3600


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. `key` names it, the same each time.

    `members`: what belongs to it, where that may grow: ids of keywords, without commas.
    """

    key: str
    rule: str
    grade: int
    title: str
    says: str
    fix: str = ""
    project: str = ""
    lines: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    for_s: float = 0
    clear_s: float = 300


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is or was wrong. `state`: pending (not told yet), open or closed. Times in ms; 0 = not yet.

    `times`: how often it opened within six hours of its last end. `note`: why it ended, where that is not that it is over.
    """

    id: str
    key: str
    rule: str
    state: str
    grade: int
    since_ms: int
    opened_ms: int = 0
    closed_ms: int = 0
    times: int = 0
    note: str = ""
    title: str = ""
    says: str = ""
    fix: str = ""
    project: str = ""
    lines: tuple[str, ...] = ()


class Event(NamedTuple):
    """What happened to an incident: opened, worse or recovered. `note`: in what it is worse."""

    event: str
    at_ms: int
    incident: Incident
    note: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be told now, and whom. `quiet`: nothing; `piercing`: but what is critical. `most`: messages in any hour."""

    id: str
    targets: Sequence[str] = field(default=())
    quiet: bool = False
    piercing: bool = True
    most: int = 10

    def as_json(self) -> str:
        """As the scripts read it."""
        mine = {"id": self.id, "targets": list(self.targets), "quiet": self.quiet, "piercing": self.piercing, "most": self.most}
        return json.dumps(mine | {"prefix": keys.MESSAGE, "delivery": keys.DELIVERY, "keep_s": keys.MESSAGES_S})


class Looked(NamedTuple):
    """What a look led to. `message`: the id of the message it made; "" = none."""

    open: int
    waiting: int
    message: str


def look(found: Sequence[Finding], blind: Collection[str], plan: Plan) -> Looked:
    """Decide what opens, worsens and ends by what a look found. `blind`: rules that could not look; nothing of theirs ends."""
    opened, waiting, message = _look(
        incidents=keys.INCIDENTS,
        closed=keys.CLOSED,
        events=keys.EVENTS,
        untold=keys.UNTOLD,
        left_out=keys.LEFT_OUT,
        told=keys.TOLD,
        due=keys.DUE,
        sent=keys.SENT,
        looked=keys.LOOKED,
        now_ms=clock.script_now_ms(),
        keep_s=keys.KEEP_S,
        blind=json.dumps(sorted(blind)),
        again_ms=AGAIN_S * 1000,
        plan=plan.as_json(),
        found=[part for one in found for part in _parts(one)],
    )
    return Looked(opened, waiting, message.decode())


@scripts.script("alerts/look")
def _look(
    *,
    incidents: str,
    closed: str,
    events: str,
    untold: str,
    left_out: str,
    told: str,
    due: str,
    sent: str,
    looked: str,
    now_ms: str,
    keep_s: int,
    blind: str,
    again_ms: int,
    plan: str,
    found: Sequence[str],
) -> list[Any]:
    raise scripts.InLua


def _parts(one: Finding) -> tuple[str, ...]:
    body = {name: getattr(one, name) for name in ("title", "says", "fix", "project", "lines")}
    times = (str(round(one.for_s * 1000)), str(round(one.clear_s * 1000)))
    members = f",{','.join(one.members)}," if one.members else ""
    return (one.key, one.rule, str(one.grade), *times, json.dumps(body), members)


def current() -> list[Incident]:
    """What is pending or open, the gravest first, then the latest."""
    found = filter(None, map(_read, connection.client().hvals(keys.INCIDENTS)))
    return sorted((one for one in found if one.state != "closed"), key=lambda one: (-one.grade, -one.since_ms, one.key))


def open_keys() -> set[str]:
    """The keys of all that is open: where one is, its threshold is lower."""
    return {one.key for one in current() if one.state == "open"}


def closed(most: int = 100) -> list[Incident]:
    """What is over, the latest first."""
    return list(filter(None, map(_read, connection.client().lrange(keys.CLOSED, 0, most - 1))))


def events(most: int = 2000) -> list[Event]:
    """What happened, the latest first."""
    return list(filter(None, (event_of(text) for text in connection.client().lrange(keys.EVENTS, 0, most - 1))))


def waiting() -> tuple[int, int]:
    """Events that no message holds yet, and those that were too many to be kept for one."""
    client = connection.client()
    return client.llen(keys.UNTOLD), int(client.get(keys.LEFT_OUT) or 0)


def event_of(text: bytes | dict[str, Any]) -> Event | None:
    """An event as it is stored; None for what is none."""
    told = _object(text)
    incident = _of(told | {"state": "closed" if told.get("event") == "recovered" else "open"})
    return Event(str(told["event"]), _whole(told, "at_ms"), incident, str(told.get("note", ""))) if told.get("event") else None


def _read(text: bytes) -> Incident | None:
    told = _object(text)
    return _of(told) if told.get("key") else None


def _of(told: dict[str, Any]) -> Incident:
    body = _object(told.get("body") or "{}")
    texts = {name: str(told.get(name) or "") for name in ("id", "key", "rule", "state", "note")}
    numbers = {name: _whole(told, name) for name in ("grade", "since_ms", "opened_ms", "closed_ms", "times")}
    shown = {name: str(body.get(name) or "") for name in ("title", "says", "fix", "project")}
    return Incident(**texts, **numbers, **shown, lines=tuple(map(str, body.get("lines") or ())))  # type: ignore[arg-type]


def _object(text: bytes | str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(text, dict):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _whole(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    return round(value) if isinstance(value, int | float) else 0
