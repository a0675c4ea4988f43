"""When periodic work is due: every so many seconds, or by cron in a time zone.

Due times are whole seconds since 1970. A calendar is asked from one of its due times on, so that a grid keeps its place. Cron is
read by the wall clock of its zone. What daylight saving does to it:

    the clock skips 02:00 to 03:00     02:30 is due once, right after the gap: at 03:00
    the clock repeats 01:00 to 02:00   01:30 is due once, the first time
    every hour (hour field `*`)        follows the clock: nothing is due in the gap, and the repeated hour is an hour like others
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from croniter import croniter

from errors import ArgumentError

YEAR_S = 366 * 86400

#: A year in which every date occurs.
LEAP_YEAR_BEGINS = date(2024, 1, 1)

HOURS = 24


@dataclass(frozen=True, slots=True)
class Every:
    """A grid: due every so many seconds."""

    seconds: int

    def after(self, due: int, moment: float) -> int:
        """The first due time later than `moment`, on the grid on which `due` lies."""
        return due + self.seconds * max(1, int((moment - due) // self.seconds) + 1)

    def count(self, due: int, until: float) -> int:
        """Due times from `due` to `until`, both included."""
        return 1 + max(0, int((until - due) // self.seconds))

    def nth(self, due: int, number: int) -> int:
        """The due time so many places behind `due`."""
        return due + number * self.seconds


@dataclass(frozen=True, slots=True)
class Cron:
    """Cron by the wall clock of a zone. `days` and `weekdays` (0 = Sunday) are empty where the field is `*`."""

    zone: ZoneInfo
    minutes_of_day: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    every_hour: bool

    def after(self, due: int, moment: float) -> int:
        """The first due time later than `moment` (and than `due`)."""
        return next(self._days(max(due, moment)))[0]

    def count(self, due: int, until: float) -> int:
        """Due times from `due`, which counts as one, to `until`, both included."""
        number = 1
        for times in self._days(due):
            if times[-1] > until:
                return number + bisect_right(times, until)
            number += len(times)
        raise AssertionError("unreachable")

    def nth(self, due: int, number: int) -> int:
        """The due time so many places behind `due`."""
        for times in self._days(due) if number else ():
            if number <= len(times):
                return times[number - 1]
            number -= len(times)
        return due

    def _days(self, moment: float) -> Iterator[list[int]]:
        """The due times later than `moment`, the days that have any; without end."""
        day = datetime.fromtimestamp(moment, self.zone).date()
        while True:
            times = self.on(day)
            if times and times[-1] > moment:
                yield times[bisect_right(times, moment) :]
                moment = times[-1]
            day += timedelta(days=1)

    def on(self, day: date) -> list[int]:
        """The due times of one day of the zone's calendar."""
        return self._times(day) if self.falls_on(day) else []

    def falls_on(self, day: date) -> bool:
        """Whether anything is due on that day. As cron has it: with both days and weekdays named, either will do."""
        if self.months and day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_day or by_weekday or not (self.days or self.weekdays)

    def _times(self, day: date) -> list[int]:
        midnight = datetime.combine(day, time())
        offset = _offset(midnight, self.zone)
        if offset == _offset(midnight + timedelta(days=1), self.zone):
            begin = int((midnight - offset).replace(tzinfo=UTC).timestamp())
            return [begin + 60 * minute for minute in self.minutes_of_day]
        found: set[int] = set()
        for minute in self.minutes_of_day:
            found.update(self._moments(midnight + timedelta(minutes=minute)))
        return sorted(found)

    def _moments(self, wall: datetime) -> list[int]:
        """When the clock on the wall shows that, on a day when it is put forward or back."""
        twice = [int(wall.replace(tzinfo=self.zone, fold=fold).timestamp()) for fold in (0, 1)]
        shown = [moment for moment in twice if datetime.fromtimestamp(moment, self.zone).replace(tzinfo=None) == wall]
        if self.every_hour:
            return shown
        return shown[:1] or [_change_between(min(twice), max(twice), self.zone)]


Calendar = Every | Cron


def every(seconds: object) -> Every:
    """A grid of so many seconds. Raises ArgumentError for what is no whole number from 1 s to a year."""
    if type(seconds) is not int or not 1 <= seconds <= YEAR_S:
        raise ArgumentError(f"an interval must be 1 s to a year, not {seconds!r:.40}")
    return Every(seconds)


@lru_cache(maxsize=1024)
def parse(text: str, zone: str = "UTC") -> Cron:
    """A cron string of five fields (or `@daily` …) in a zone. Raises ArgumentError where nothing could ever be due.

    >>> parse("0 9 * * mon-fri", "Asia/Kolkata").after(0, 0)
    12600
    """
    try:
        if not text.startswith("@") and len(text.split()) != 5:
            raise ValueError("it needs five fields: minute, hour, day, month, weekday")
        fields, nth_weekday = croniter.expand(text)
        if nth_weekday or any("l" in field for field in fields) or len(fields) != 5:
            raise ValueError("L, # and seconds are not known here")
    except (ValueError, KeyError, AttributeError) as exc:  # croniter's own errors are ValueErrors
        raise ArgumentError(f"{text!r:.60} is no cron string: {exc}") from None
    minutes, hours, days, months, weekdays = [[value for value in field if isinstance(value, int)] for field in fields]
    times = sorted({hour * 60 + minute for hour in hours or range(HOURS) for minute in minutes or range(60)})
    named = len(set(hours) or range(HOURS)) < HOURS
    cron = Cron(_zone(zone), tuple(times), frozenset(days), frozenset(months), frozenset(weekdays), not named)
    if not any(cron.falls_on(LEAP_YEAR_BEGINS + timedelta(days=number)) for number in range(366)):
        raise ArgumentError(f"{text!r:.60} is never due: no year has such a day")
    return cron


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ArgumentError(f"{name!r:.60} is no time zone: use a name such as UTC or Europe/Berlin") from None


def _offset(wall: datetime, zone: ZoneInfo) -> timedelta:
    return wall.replace(tzinfo=zone).utcoffset() or timedelta(0)


def _change_between(early: int, late: int, zone: ZoneInfo) -> int:
    """The first second of the clock as it is after being put forward; it is later than `early`, and `late` at the latest."""
    before = datetime.fromtimestamp(early, zone).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
