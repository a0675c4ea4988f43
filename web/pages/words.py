"""Figures and times as pages write them. Each is a filter of the templates, by its own name."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

import clock
import wording

#: What stands where there is nothing to tell.
NOTHING = "–"


def moment(at: datetime | None) -> Markup | str:
    """A time: how long ago or until then, the exact one in UTC beside it for whoever looks closer."""
    if at is None:
        return NOTHING
    exact = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        exact.isoformat(timespec="seconds"), exact.strftime("%Y-%m-%d %H:%M:%S UTC"), distance(at)
    )


def distance(at: datetime) -> str:
    """How far a time is: `4 s ago`, `in 2 h`."""
    seconds = (at - clock.now()).total_seconds()
    return f"in {wording.duration(seconds)}" if seconds > 0 else f"{wording.duration(-seconds)} ago"


def seconds(length: float | None) -> str:
    """A length of time; fractions below ten seconds.

    >>> seconds(0.0312), seconds(4.25), seconds(90), seconds(None)
    ('31 ms', '4.2 s', '1 min', '–')
    """
    if length is None:
        return NOTHING
    if length < 1:
        return f"{length * 1000:.0f} ms"
    return f"{length:.1f} s" if length < 10 else wording.duration(length)


def number(value: float | None) -> str:
    """A figure with its thousands apart.

    >>> number(1234567), number(0.5), number(None)
    ('1,234,567', '0.5', '–')
    """
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) or value != int(value) else f"{int(value):,}"


def percent(share: float | None) -> str:
    """A share of 1 as per cent.

    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return NOTHING if share is None else f"{share * 100:.1f} %"


def size(number: int | None) -> str:
    """Bytes in their largest unit; – where they are not known."""
    return NOTHING if number is None else wording.size(number)


def day(at: float) -> str:
    """The day of a time in seconds since 1970.

    >>> day(1772323200)
    '1 Mar 2026'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b %Y")


def coded(text: Any) -> Markup:
    """A text whose `commands` in back quotes are shown as such.

    >>> coded("Run `python manage.py up` & wait")
    Markup('Run <code>python manage.py up</code> &amp; wait')
    """
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(str(text))
    shown = [Markup("<code>{}</code>" if number % 2 else "{}").format(part) for number, part in enumerate(parts)]
    return Markup("").join(shown)


def short(text: Any, most: int = 120) -> str:
    """A text cut to its beginning."""
    told = str(text)
    return told if len(told) <= most else f"{told[: most - 1]}…"


#: What templates call.
FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "seconds": seconds,
    "number": number,
    "percent": percent,
    "size": size,
    "day": day,
    "short": short,
    "coded": coded,
    "count": wording.pluralize,
}
