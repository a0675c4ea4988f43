"""Axes of a chart: how far its values reach, where the ticks stand, and how they are written."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from web.pages.charts import Chart, Series

#: Characters of a unit that stands beside each tick; ticks that an axis has about; times for which a tick tells the hour (s).
SHORT, TICKS, HOURS_S = 3, 4, 3 * 86_400


class Axis(NamedTuple):
    """From where to where values reach. `inverted`: the lowest is at the top."""

    low: float
    high: float
    inverted: bool = False

    def share(self, value: float) -> float:
        """How far a value is from the top: 0 at the top, 1 at the bottom."""
        share = (value - self.low) / (self.high - self.low)
        return share if self.inverted else 1 - share


def of(chart: Chart, scale: str) -> Axis:
    """The axis of a scale: it begins at 0, or at 1 where it is inverted, so that a small change looks small."""
    tops = [value for one in stacked(chart.series) if one.scale == scale for value in one.values if value is not None]
    low = 1.0 if chart.inverted and scale == "y" else min([0.0, *tops])
    high = max([low + 1, *tops])
    step = step_of(high - low)
    return Axis(low, high if chart.inverted else math.ceil(high / step) * step, chart.inverted and scale == "y")


def stacked(series: Sequence[Series]) -> list[Series]:
    """The series as they stand on each other: areas on areas and bars on bars of one scale; lines as they are."""
    tops: dict[tuple[str, str], list[float]] = {}
    found = []
    for one in series:
        if one.kind == "line":
            found.append(one)
            continue
        below = tops.get((one.kind, one.scale), [0.0] * len(one.values))
        top = [floor + (value or 0) for floor, value in zip(below, one.values, strict=True)]
        tops[one.kind, one.scale] = top
        found.append(one._replace(values=[None if was is None else now for was, now in zip(one.values, top, strict=True)]))
    return found


def step_of(span: float) -> float:
    """The distance of ticks: 1, 2 or 5 times a power of ten.

    >>> step_of(10), step_of(97), step_of(0.9), step_of(3)
    (2.0, 20.0, 0.2, 1.0)
    """
    power = 10.0 ** math.floor(math.log10(span / TICKS))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power * (TICKS + 1) >= span)


def ticks(axis: Axis) -> list[float]:
    """The values at which ticks stand; an inverted axis begins with 1."""
    step = step_of(axis.high - axis.low)
    first = math.ceil(axis.low / step) * step
    found = [round(first + number * step, 9) for number in range(int((axis.high - first) / step + 1e-9) + 1)]
    return sorted({axis.low, *[one for one in found if one - axis.low >= step / 2]}) if axis.inverted else found


def is_short(unit: str) -> bool:
    """Whether there is room for a unit beside each tick."""
    return len(unit) <= SHORT


def written(value: float, unit: str = "") -> str:
    """A value at its tick, short; a long unit stands in the caption.

    >>> written(1500000), written(12000), written(0.25), written(20, "%"), written(3, "keywords")
    ('1.5M', '12k', '0.25', '20 %', '3')
    """
    unit = unit if is_short(unit) else ""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):g}{letter}{unit and f' {unit}'}"
    return f"{value:g}{unit and f' {unit}'}"


def moments(times: Sequence[float]) -> list[tuple[float, str]]:
    """Up to four times with their texts, over the whole length."""
    if not times:
        return []
    first, last = times[0], times[-1]
    form = "%H:%M" if last - first <= HOURS_S and first % 86_400 else "%b %-d"
    wanted = sorted({round(number * (len(times) - 1) / (TICKS - 1)) for number in range(TICKS)})
    return [(times[at], datetime.fromtimestamp(times[at], UTC).strftime(form)) for at in wanted]
