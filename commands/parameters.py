"""Types of arguments and options: lengths of time, days, moments, ids of projects, separators."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import rich_click as click

import clock

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """A length of time in seconds, written `90s`, `30m`, `2h` or `1d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhd])", str(value).strip().lower())
        if not found:
            self.fail(f"{value!r} is no length of time: write 90s, 30m, 2h or 1d", param, ctx)
        return float(found[1]) * UNITS_S[found[2]]


class Hours(click.ParamType[float]):
    """A number of hours: `24`, or `24h`, `1d`, `daily`, `weekly`."""

    name = "hours"
    words: ClassVar = {"hourly": "1h", "daily": "1d", "weekly": "7d"}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Hours."""
        text = str(value).strip().lower()
        try:
            return float(text)
        except ValueError:
            return Duration().convert(self.words.get(text, text), param, ctx) / UNITS_S["h"]


class HourOfDay(click.ParamType[int]):
    """An hour of the day: `6`, `06:00` or `6am`."""

    name = "hour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The hour."""
        found = re.fullmatch(r"(-?\d{1,3})(?::00)?\s*(am|pm)?", str(value).strip().lower())
        if not found or (found[2] and not 1 <= int(found[1]) <= 12):
            self.fail(f"{value!r:.40} is no full hour of the day: write 6 or 18", param, ctx)
        return int(found[1]) % 12 + 12 * (found[2] == "pm") if found[2] else int(found[1])


class Day(click.DateTime):
    """A day, written `2026-03-02`."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Its midnight."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{str(value)!r:.40} is no day: write it like 2026-03-02", param, ctx)


DAY = Day()


class ProjectId(click.ParamType[str]):
    """A project id; `:` and white space are refused here, because a Redis key is made of it."""

    name = "project"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id as given."""
        if not re.fullmatch(r"[^\s:*]{1,60}", str(value)):
            self.fail(f"{value!r:.70} is no project id: `python manage.py project list` shows them", param, ctx)
        return str(value)


class Separator(click.ParamType[str]):
    """What stands between the cells of a CSV file."""

    name = "character"
    names: ClassVar = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|"}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The character."""
        found = self.names.get(str(value).lower(), str(value))
        if found not in self.names.values():
            self.fail(f"{value!r:.20} separates no cells: give , ; | or tab", param, ctx)
        return found


class Moment(click.ParamType[datetime]):
    """A moment: a date, a time with a date (UTC where it names no zone), or a length of time ago, e.g. `2h`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """An aware time."""
        text = str(value).strip()
        if re.fullmatch(r"\d+(\.\d+)?[smhd]", text.lower()):
            return clock.now() - timedelta(seconds=Duration().convert(text, param, ctx))
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{value!r:.40} is no time: write 2026-03-01, 2026-03-01T12:00, or 2h for two hours ago", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


PROJECT = ProjectId()
SEPARATOR = Separator()
