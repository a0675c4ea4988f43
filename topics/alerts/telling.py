"""Who is told, and when: targets of the settings, signed webhooks, quiet hours and silences."""

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import clock
import config
from clients import notify
from clients.notify import Target
from errors import ArgumentError
from state.alerts import quiet
from state.alerts.incidents import Plan
from state.alerts.quiet import Silence
from state.store import connection
from state.webhooks import endpoints
from state.webhooks.endpoints import Endpoint
from topics.alerts.rules import Quiet, Rules
from topics.webhooks.endpoints import ALERTS

#: The target that stands for all signed webhooks that want alerts.
WEBHOOKS = "webhooks"

#: Longest silence, and characters of its note.
LONGEST_S, MAX_NOTE = 30 * 86400, 300


def targets() -> list[Target]:
    """Who is told by the settings. Raises ConfigError."""
    found = config.settings().alert_urls
    return notify.targets(found.get_secret_value()) if found else []


def webhooks() -> list[Endpoint]:
    """Signed webhooks that want alerts. An alert is about the whole system: those of API keys are told of their own jobs only."""
    return [one for one in endpoints.standing() if not one.off and not one.owner and set(ALERTS) & set(one.events)]


def plan(rules: Rules) -> Plan:
    """What may be told now, and whom."""
    ids = [one.id for one in targets()] + ([WEBHOOKS] if webhooks() else [])
    now, silence = connection.now(), quiet.silence()
    is_quiet = silence is not None or in_hours(rules.quiet, now)
    piercing = rules.quiet.critical and silence is None
    return Plan(secrets.token_hex(5), ids, is_quiet, piercing, rules.messages_an_hour)


def in_hours(hours: Quiet, at: datetime) -> bool:
    """Whether a moment lies in the quiet hours. They may go over midnight, and end with the clock of their zone.

    >>> from datetime import UTC
    >>> night = Quiet.model_validate({"from": "22:00", "to": "07:00", "zone": "Europe/Vienna"})
    >>> in_hours(night, datetime(2026, 1, 2, 5, 59, tzinfo=UTC)), in_hours(night, datetime(2026, 1, 2, 6, 0, tzinfo=UTC))
    (True, False)
    """
    if not hours.from_:
        return False
    begins, ends = time.fromisoformat(hours.from_), time.fromisoformat(hours.to)
    now = at.astimezone(ZoneInfo(hours.zone)).time()
    return begins <= now < ends if begins <= ends else now >= begins or now < ends


def be_quiet(for_s: float, note: str, actor: str) -> Silence:
    """Tell nothing for so long, critical or not; what happens meanwhile is told afterwards, as one. Raises ArgumentError."""
    if not 60 <= for_s <= LONGEST_S:
        raise ArgumentError(f"a silence lasts from 1 min to {LONGEST_S // 86400} d: write e.g. 2h.")
    said = " ".join(note.split())
    if len(said) > MAX_NOTE:
        raise ArgumentError(f"the note of a silence has at most {MAX_NOTE} characters, not {len(said):,}.")
    with connection.errors_translated():
        made = Silence(connection.now() + timedelta(seconds=for_s), said, actor)
        quiet.put(made)
    return made


def tell_again() -> bool:
    """End the silence; whether there was one."""
    with connection.errors_translated():
        return quiet.end()


def page_link() -> str:
    """Where the page of alerts is; "" where nobody said how others reach us."""
    url = config.settings().public_url
    return f"{url}/alerts" if url else ""


def today(zone: str) -> str:
    """The day it is in a zone (YYYY-MM-DD)."""
    return clock.now().astimezone(ZoneInfo(zone)).date().isoformat()
