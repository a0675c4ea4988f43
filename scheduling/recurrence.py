"""What an entry of the schedule says, and what is to be done about one that is due: pure, times in seconds since 1970."""

import json
from dataclasses import dataclass
from typing import Any

import models
from errors import ArgumentError
from scheduling import cron

#: An occurrence that begins no later than this is on time: a restart or a short outage makes none late.
ON_TIME_S = 30

#: What happens to occurrences that were due while nobody looked: none of them, the last of them, or each of them is made up for.
MISSED = ("skip", "one", "all")

#: What happens to one that is due while an earlier one is not over: it is left out, waits (one at most), or runs beside it.
OVERLAP = ("skip", "queue_one", "allow")

#: Missed occurrences that `all` makes up for; older ones are counted as missed.
AT_MOST = 1000


#: The last second of the year 9999: what is greater is no time.
LAST_S = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Rules:
    """When an entry is due, and what then. `pass_due` gives the job its due time as `due_s`."""

    calendar: cron.Calendar
    says: str
    missed: str = "one"
    at_most: int = AT_MOST
    overlap: str = "skip"
    pass_due: bool = False


def is_time(seconds: float) -> bool:
    """Whether a number of seconds since 1970 is a time that an entry can be due at."""
    return 0 <= seconds <= LAST_S


def meta(every_s: int | None, cron_string: str | None, zone: str, **rules: Any) -> str:
    """What an entry keeps, as JSON in rq-scheduler's own words and a few more. Raises ArgumentError where it cannot work."""
    if (every_s is None) == (cron_string is None):
        raise ArgumentError("it needs either seconds (every_s) or a cron string")
    by_cron = {"cron_string": cron_string, "use_local_timezone": False, "zone": zone}
    text = json.dumps({**({"interval": every_s} if cron_string is None else by_cron), **rules})
    read(text)
    return text


def read(text: str | bytes) -> Rules:
    """The rules an entry keeps; what rq-scheduler itself left has only `interval` or `cron_string`. Raises ArgumentError."""
    try:
        kept = json.loads(text)
    except ValueError:
        raise ArgumentError("its meta is no JSON") from None
    if not isinstance(kept, dict):
        raise ArgumentError("its meta is no JSON object")
    if kept.get("repeat") is not None:
        raise ArgumentError("rq-scheduler's `repeat` is not kept here: give the job its own end")
    calendar, says = _calendar(kept)
    rules = Rules(calendar, says, **{name: kept[name] for name in ("missed", "at_most", "overlap", "pass_due") if name in kept})
    if rules.missed not in MISSED or rules.overlap not in OVERLAP:
        raise ArgumentError(f"missed is one of {', '.join(MISSED)}, overlap one of {', '.join(OVERLAP)}")
    if type(rules.at_most) is not int or not 1 <= rules.at_most <= AT_MOST:
        raise ArgumentError(f"at_most must be 1 to {AT_MOST}, not {rules.at_most!r:.40}")
    return rules


def is_periodic(text: str | bytes) -> bool:
    """Whether an entry comes again. One that is broken does: it is not simply let go."""
    try:
        kept = json.loads(text)
    except ValueError:
        return True
    return not isinstance(kept, dict) or bool({"interval", "cron_string"} & set(kept))


def _calendar(kept: dict[str, Any]) -> tuple[cron.Calendar, str]:
    if "interval" in kept:
        return cron.every(kept["interval"]), f"every {kept['interval']} s"
    text, zone = kept.get("cron_string"), kept.get("zone", "UTC")
    if not isinstance(text, str) or not isinstance(zone, str):
        raise ArgumentError("it says neither an interval nor a cron string")
    if kept.get("use_local_timezone"):
        raise ArgumentError("use_local_timezone is not known here: name the zone")
    return cron.parse(text, zone), f"{text} {zone}"


def step(rules: Rules, due: int, now: float, waited: bool = False) -> models.Step:
    """What to do now about an entry due at `due`. `waited`: it was seen in time, and waited for an earlier one to end."""
    calendar = rules.calendar
    total = calendar.count(due, now)
    if rules.missed == "all":
        left_out = max(0, total - rules.at_most)
        run = calendar.nth(due, left_out)
        return models.Step(run, calendar.after(run, run), missed=left_out)
    following = calendar.after(due, now)
    if waited:
        return models.Step(due, following, skipped=total - 1)
    last = calendar.nth(due, total - 1)
    if rules.missed == "skip" and now - last > ON_TIME_S:
        return models.Step(None, following, missed=total)
    return models.Step(last, following, missed=total - 1)
