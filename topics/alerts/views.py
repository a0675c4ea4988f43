"""Alerts as people look at them: incidents, targets and what came of messages, rules, and whether it is quiet."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import clock
from errors import ArgumentError, ConfigError, NotFound
from state.alerts import incidents, messages, quiet
from state.alerts.incidents import GRADES, Incident
from state.alerts.messages import Delivery
from state.alerts.quiet import Silence
from state.store import connection
from topics.alerts import rules, telling
from topics.alerts.rules import Rule, Rules

#: What may be listed: what is wrong now, what is over, or both.
STATES = ("open", "closed", "all")

#: Incidents of one list, and messages of which it is said what came of them.
MOST, MOST_SENT = 1000, 100

#: Rules whose incidents tell of jobs of others.
OF_ALL_OWNERS = frozenset({"failures"})

#: Fields that every rule has, and that its row shows apart.
COMMON = ("enabled", "grade", "for_min", "clear_min")


@dataclass(frozen=True, slots=True)
class Told:
    """A target with what came of its last message. `state`: ok, failing, given up, or nothing yet; `waiting`: messages."""

    id: str
    name: str
    state: str
    says: str
    waiting: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How alerts stand. `problem`: why nobody can look or be told; "" = all is well. `untold`: events that wait."""

    looked_at: datetime | None
    silence: Silence | None
    is_quiet: bool
    untold: int
    targets: list[Told]
    problem: str


def listed(state: str = "open", *, whole: bool = True, project: str = "", most: int = MOST) -> list[Incident]:
    """Incidents, what is wrong now first. `whole` False: none that tells of other people's jobs. Raises ArgumentError."""
    if state not in STATES:
        raise ArgumentError(f"no state {state!r:.40}: there are {', '.join(STATES)}.")
    with connection.errors_translated():
        found = incidents.current() if state != "closed" else []
        found += incidents.closed(most) if state != "open" else []
    shown = [one for one in found if (whole or one.rule not in OF_ALL_OWNERS) and project in ("", one.project)]
    return shown[:most]


def find(incident_id: str, *, whole: bool = True) -> Incident:
    """The incident of an id, open or over, or the one of a key that is pending. Raises NotFound."""
    for one in listed("all", whole=whole):
        if incident_id and incident_id in (one.id, one.key):
            return one
    raise NotFound(f"No alert {incident_id!r:.60}: `python manage.py alerts list --state all` shows those of the last 90 days.")


def facts(one: Incident) -> dict[str, Any]:
    """An incident as plain data."""
    texts = {
        name: getattr(one, name) for name in ("id", "key", "rule", "state", "title", "says", "fix", "project", "note", "times")
    }
    moments = {"since": one.since_ms, "opened_at": one.opened_ms, "closed_at": one.closed_ms}
    shown = {name: moment(ms) for name, ms in moments.items()}
    return texts | {"grade": GRADES[one.grade], "lines": list(one.lines)} | shown


def standing() -> Standing:
    """Who is told, what waits, whether it is quiet, and what is wrong with the settings of this process."""
    problem, targets, found = "", [], Rules()
    with connection.errors_translated():
        sent = messages.latest(MOST_SENT)
        try:
            found = rules.load()
            named = [(one.id, one.name) for one in telling.targets()]
            named += [(telling.WEBHOOKS, "signed webhooks")] if telling.webhooks() else []
            targets = [_told(target_id, name, sent) for target_id, name in named]
        except ConfigError as exc:
            problem = str(exc)
        silence = quiet.silence()
        is_quiet = silence is not None or telling.in_hours(found.quiet, connection.now())
        return Standing(quiet.looked_at(), silence, is_quiet, incidents.waiting()[0], targets, problem)


def _told(target_id: str, name: str, sent: list[Delivery]) -> Told:
    own = [one for one in sent if one.target == target_id]
    last = next((one for one in own if one.tried_ms), None)
    waiting = sum(one.status == messages.PENDING for one in own)
    state = "nothing yet" if last is None else "failing" if last.status == messages.PENDING else last.status.replace("_", " ")
    return Told(
        target_id,
        name,
        state.replace("delivered", "ok"),
        last.says if last else "",
        waiting,
        moment(last.tried_ms) if last else None,
    )


def rule_rows() -> list[dict[str, Any]]:
    """The rules as they are now: name, what each looks at, and its figures. Raises ConfigError."""
    table = rules.load().rules
    return [_row(name, getattr(table, name)) for name in type(table).model_fields]


def _row(name: str, rule: Rule) -> dict[str, Any]:
    own = rule.model_dump(exclude_none=True)
    more = {key: value for key, value in own.items() if key not in COMMON and value != {}}
    return {"rule": name, **{key: own[key] for key in COMMON}, "figures": more, "says": ABOUT[name]}


#: What each rule looks at.
ABOUT = {
    "failures": "jobs that failed for good with the same fingerprint, this hour and the last",
    "health": "the health of the system, but for what another rule tells",
    "breaker": "a host, or the provider, that is not asked because it failed too often",
    "queue": "a queue that is deep, or whose oldest job waits for long; not one that is paused",
    "no_worker": "no worker runs, or none serves a queue that holds jobs",
    "schedule": "no scheduler runs, or it does not run what is due",
    "budget": "a budget that is used up so far",
    "rank_drop": "keywords of a project that fell by so many places, or out of the results",
    "suspect": "a run in which most keywords of a project fell, held until a sample is checked again",
}


def moment(ms: int) -> datetime | None:
    """A time; None where there is none."""
    return datetime.fromtimestamp(ms / 1000, UTC) if ms else None


def age_s(at: datetime | None) -> float | None:
    """How long ago something was (s)."""
    return None if at is None else (clock.now() - at).total_seconds()
