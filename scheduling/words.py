"""When an entry of the schedule runs, as people say it."""

import itertools
from collections.abc import Sequence

from scheduling.cron import Calendar, Cron

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)

DAY_MINUTES = 1440

#: Times of a day that are named one by one.
NAMED = 4


def of(calendar: Calendar) -> str:
    """When it is due, in words, with the zone whose clock counts.

    >>> from scheduling import cron
    >>> of(cron.every(300)), of(cron.parse("0 3 * * *")), of(cron.parse("*/15 * * * *"))
    ('every 5 minutes', 'every day at 03:00 (UTC)', 'every 15 minutes (UTC)')
    >>> of(cron.parse("30 7 * * mon-fri", "Europe/Berlin"))
    'Monday to Friday at 07:30 (Europe/Berlin)'
    >>> of(cron.parse("0 0 1 1,7 *"))
    'on day 1 of January and July at 00:00 (UTC)'
    """
    if not isinstance(calendar, Cron):
        return f"every {_length(calendar.seconds)}"
    days, times = _days(calendar), _times(calendar.minutes_of_day)
    if not days and times.startswith("every "):
        return f"{times} ({calendar.zone.key})"
    return f"{days or 'every day'} {'' if times.startswith('every ') else 'at '}{times} ({calendar.zone.key})"


def _length(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            number = seconds // size
            return unit if number == 1 else f"{number:,} {unit}s"
    raise AssertionError("a second divides all")


def _times(minutes: Sequence[int]) -> str:
    """Times of a day: named, or as a grid from midnight to midnight."""
    if len(minutes) <= NAMED:
        return _and([f"{minute // 60:02}:{minute % 60:02}" for minute in minutes])
    steps = {after - before for before, after in itertools.pairwise(minutes)}
    step = steps.pop() if len(steps) == 1 else 0
    if step and step * len(minutes) == DAY_MINUTES:
        offset = f" from minute {minutes[0]} on" if minutes[0] else ""
        return f"every {_length(step * 60)}{offset}"
    return f"{len(minutes)} times, the first at {minutes[0] // 60:02}:{minutes[0] % 60:02}"


def _days(cron: Cron) -> str:
    """The days; "" = every day."""
    days = f"on day {_and([str(day) for day in sorted(cron.days)])}" if cron.days else ""
    weekdays = _range(sorted((day - 1) % 7 for day in cron.weekdays)) if cron.weekdays else ""
    months = f" {'of' if days else 'in'} {_and([MONTHS[month - 1] for month in sorted(cron.months)])}" if cron.months else ""
    return f"{' and '.join(filter(None, [days + (months if days else ''), weekdays]))}{'' if days else months}".strip()


def _range(days: Sequence[int]) -> str:
    """Weekdays, Monday first: a row of more than two by its ends."""
    names = [WEEKDAYS[(day + 1) % 7] for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]} to {names[-1]}"
    return _and(names)


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
