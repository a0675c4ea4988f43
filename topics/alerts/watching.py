"""One look at everything: what is wrong becomes incidents, what happened becomes a message, and once a day a digest."""

import logging
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from state.alerts import incidents, messages, quiet
from state.store import connection
from topics.alerts import looks, telling, texts
from topics.alerts.rules import Digest, Rules, load

log = logging.getLogger("trawl.alerts")

#: Incidents and events that a digest writes out.
MOST = 30

DAY_MS = 86_400_000


def look() -> dict[str, Any]:
    """Look once; returns how many incidents are open, how many events wait, and the message that was made ("" = none).

    Raises ConfigError for rules with a mistake, and for targets that are no addresses: then nothing is decided. Any number may
    look at the same time.
    """
    rules = load()
    with connection.errors_translated():
        found, plan = looks.run(rules), telling.plan(rules)
        looked = incidents.look(found.findings, found.blind, plan)
        if looked.message:
            log.info("Alerts are told", extra={"alert": looked.message, "targets": len(plan.targets)})
        digest = _digest(rules) if rules.digest.enabled else False
    return {**looked._asdict(), "digest": digest, "blind": sorted(found.blind)}


def _digest(rules: Rules) -> bool:
    """Make the digest of the day, where its time has come and nobody made it."""
    wanted, now = rules.digest, connection.now()
    day = _day_of(wanted, now.astimezone(ZoneInfo(wanted.zone)))
    if not day or quiet.silence() or messages.has_digest(day):
        return False
    plan = replace(telling.plan(rules), quiet=False)
    lines, is_open = digest_lines(round(now.timestamp() * 1000))
    if not lines and not wanted.when_empty:
        return False
    body = {"day": day, "open": is_open, "lines": lines or ["Nothing is open, and nothing happened."]}
    return messages.make_digest(day, plan, body)


def _day_of(wanted: Digest, local: datetime) -> str:
    """The day whose digest is due; "" = none is. It is due for three hours from its time on, also over midnight.

    One who comes later than that does not tell of a day in the middle of another.
    """
    at = time.fromisoformat(wanted.at)
    late_min = (local.hour * 60 + local.minute - at.hour * 60 - at.minute) % (24 * 60)
    return (local.replace(tzinfo=None) - timedelta(minutes=late_min)).date().isoformat() if late_min < 3 * 60 else ""


def digest_lines(now_ms: int) -> tuple[list[str], int]:
    """What is open and what happened in the last 24 hours; and how many are open."""
    opened = [one for one in incidents.current() if one.state == "open"]
    happened = [one for one in incidents.events() if one.at_ms > now_ms - DAY_MS]
    lines = [f"Open: {len(opened):,}", *map(texts.incident, opened[:MOST])] if opened else []
    lines += [f"… and {len(opened) - MOST:,} more"] if len(opened) > MOST else []
    lines += [f"Last 24 hours: {len(happened):,}", *map(texts.event, happened[:MOST])] if happened else []
    return lines, len(opened)
