"""The charts of a project: where its keywords stood on each day, and how visible they were."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from topics.tracking import notes
from web.pages import charts, rank_drawings
from web.pages.charts import Chart, Series


def of(found: Mapping[str, Any], written: Sequence[notes.Note]) -> list[Chart]:
    """Where keywords stood on each day, and how visible they were."""
    course = found["course"]
    times = [_at(date.fromisoformat(one["day"])) for one in course]
    marks = [charts.Note(_at(one.day), one.text) for one in written]
    stands = [
        Series(label, [one["distribution"][name] for one in course], "area") for name, (label, _) in rank_drawings.STANDS.items()
    ]
    seen = [None if one["visibility"] is None else round(one["visibility"] * 100, 2) for one in course]
    last = rank_drawings.words(found["distribution"])
    make = partial(Chart, times=times, notes=marks)
    return [
        make("standing", f"Keywords by where they stand, {len(course)} days. Last day: {last}.", series=stands),
        make("visibility", _seen_words(seen), series=[Series("visibility", seen)], unit="%"),
    ]


def _seen_words(seen: Sequence[float | None]) -> str:
    known = [value for value in seen if value is not None]
    if not known:
        return f"Visibility, {len(seen)} days: no rank is known yet."
    gaps = len(seen) - len(known)
    more = f"; {gaps} days without a known rank" if gaps else ""
    return f"Visibility, {len(seen)} days: {known[0]} % first, {known[-1]} % last, from {min(known)} to {max(known)} %{more}."


def _at(day: date) -> float:
    return float(calendar.timegm(day.timetuple()))
