"""When a project's checks are due, and to which day a check belongs; pure, times in whole seconds since 1970.

Without an hour each keyword has a grid of its own: its first check and then every so many seconds. With an hour, checks are due
when the clock of the zone shows it: every so many days, or several times a day. Summer time is as in cron.py: an hour that is
skipped is due right after the gap, one that comes twice is due once.
"""

import difflib
import functools
import re
import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from errors import ArgumentError
from scheduling import cron

HOUR_S, DAY_S = 3600, 86400

#: Hours between checks with which an hour of the day means something, below a day.
PARTS_OF_A_DAY = (1, 2, 3, 4, 6, 8, 12)

#: Zones of the machine or of old systems, which mean something else elsewhere.
NOT_NAMES = ("localtime", "posixrules", "Factory")

NAMED = 3


@dataclass(frozen=True, slots=True)
class Slots:
    """The due times of a project's keywords."""

    every_s: int
    zone: str = "UTC"
    hour: int | None = None

    def following(self, slot: int, moment: float) -> int:
        """The due time that comes after `slot` was worked off at `moment`; later than both.

        A check between two slots (the first one of a keyword) stands for its day: the next is on a later day.
        """
        if self.hour is None:
            return cron.Every(self.every_s).after(slot, max(slot, moment))
        if self.every_s < DAY_S:
            return self._times().after(slot, max(slot, moment))
        number = 1 + max(0, (self.day_of(moment) - self.day_of(slot)).days // self._days() - 1)
        while (due := self._on(self.day_of(slot) + timedelta(days=number * self._days()))) <= moment:
            number += 1
        return due

    def latest(self, slot: int, moment: float) -> int:
        """The last due time that is not later than `moment`, `slot` being one that is due."""
        if self.hour is None:
            return slot + self.every_s * max(0, int(moment - slot) // self.every_s)
        if self.every_s < DAY_S:
            times = self._times()
            return times.nth(slot, times.count(slot, moment) - 1)
        number = max(0, (self.day_of(moment) - self.day_of(slot)).days // self._days())
        while number and (due := self._on(self.day_of(slot) + timedelta(days=number * self._days()))) > slot:
            if due <= moment:
                return due
            number -= 1
        return slot

    def day_of_check(self, slot: int | None, moment: float) -> date:
        """The day of the rank that is read at `moment`: that of the slot it was due for, so that each slot leaves one.

        A check before its time, the first one of a keyword, and one whose slot was more than a day ago belong to their own day.
        """
        if slot is None or slot > moment:
            return self.day_of(moment)
        due = self.latest(slot, moment)
        return self.day_of(due if self.every_s <= DAY_S or moment - due <= DAY_S else moment)

    def again(self, checked: int) -> int:
        """The due time of a keyword checked last at `checked`, when these slots have just come into force; it may be past."""
        return checked + self.every_s if self.hour is None else self.following(checked, checked)

    def day_of(self, moment: float) -> date:
        """The day of the zone's calendar."""
        return datetime.fromtimestamp(moment, _zone(self.zone)).date()

    def _days(self) -> int:
        return self.every_s // DAY_S

    def _on(self, day: date) -> int:
        return self._times().on(day)[0]

    def _times(self) -> cron.Cron:
        return cron.parse(f"0 {self._hours()} * * *", _zone(self.zone).key)

    def _hours(self) -> str:
        step = max(1, min(self.every_s // HOUR_S, cron.HOURS))
        return ",".join(str(((self.hour or 0) + at) % cron.HOURS) for at in range(0, cron.HOURS, step))


#: An offset as people write it: `UTC+2`, `GMT-05:00`, `+0200`.
OFFSET = re.compile(r"(?:utc|gmt)?_?([+-])(\d{1,2}):?(\d{2})?")


def check(every_h: float, hour: int | None) -> None:
    """Raise ArgumentError where checks every so many hours cannot be due at an hour of the day."""
    if hour is None:
        return
    if not 0 <= hour < cron.HOURS:
        raise ArgumentError(f"--hour {hour} must be 0 to 23, an hour of the day in the project's --zone")
    if every_h not in PARTS_OF_A_DAY and (every_h < cron.HOURS or every_h % cron.HOURS):
        parts = ", ".join(map(str, PARTS_OF_A_DAY))
        raise ArgumentError(
            f"--hour {hour} goes with --every {parts} or whole days (24, 48, 168 …), not {every_h:g}: "
            "change one of them, or leave the hour out (`project set ID --no-hour`)"
        )


def _fixed(offset: re.Match[str]) -> str:
    """The hint for `UTC+2`: IANA writes fixed offsets the other way round, and its towns know daylight saving."""
    sign, hours, minutes = "-" if offset[1] == "+" else "+", int(offset[2]), int(offset[3] or 0)
    fixed = (
        f", or Etc/GMT{sign}{hours}, whose sign is turned round"
        if 0 < hours <= (12 if sign == "+" else 14) and not minutes
        else ""
    )
    return f"name a town there, e.g. Europe/Berlin{fixed}"


def zone_named(text: str) -> str:
    """A time zone in the spelling of the IANA list. Raises ArgumentError with the nearest names.

    >>> zone_named("europe/berlin"), zone_named("utc")
    ('Europe/Berlin', 'UTC')
    """
    known = _zones()
    wanted = text.strip().replace(" ", "_").lower()
    if wanted in known:
        return known[wanted]
    if offset := OFFSET.fullmatch(wanted):
        raise ArgumentError(f"--zone {text!r:.60} is no time zone of the IANA list: {_fixed(offset)}")
    towns = {name.rpartition("/")[2]: name for name in known}
    near = [name for name in known if wanted and name.endswith(f"/{wanted}")]
    near += [towns[town] for town in difflib.get_close_matches(wanted, towns, NAMED, 0.75)]
    near += difflib.get_close_matches(wanted, known, NAMED, 0.7)
    names = list(dict.fromkeys(known[name] for name in near))[:NAMED]
    hint = f"did you mean {' or '.join(names)}?" if names else "use a name such as UTC or Europe/Berlin"
    raise ArgumentError(f"--zone {text!r:.60} is no time zone of the IANA list: {hint}")


@functools.cache
def _zones() -> dict[str, str]:
    names = zoneinfo.available_timezones()
    return {name.lower(): name for name in sorted(names) if name not in NOT_NAMES and not name.startswith(("posix/", "right/"))}


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a machine without that zone: a check must end all the same
        return zoneinfo.ZoneInfo("UTC")
