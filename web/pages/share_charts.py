"""The charts of a share link: where keywords stood on each day, and how visible they were. Notes of the house are left out."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from web.pages import rank_drawings
from web.pages.charts import Chart, Series


def of(facts: Mapping[str, Any]) -> list[Chart]:
    """The charts of an overview."""
    course = facts["course"]
    times = [float(calendar.timegm(date.fromisoformat(one["day"]).timetuple())) for one in course]
    stands = [
        Series(label, [one["distribution"][name] for one in course], "area") for name, (label, _) in rank_drawings.STANDS.items()
    ]
    seen = [None if one["visibility"] is None else round(one["visibility"] * 100, 2) for one in course]
    last = rank_drawings.words(facts["distribution"])
    return [
        Chart("standing", f"Keywords by where they stand, {len(course)} days. Last day: {last}.", times, stands),
        Chart("visibility", words(seen), times, [Series("visibility", seen)], unit="%"),
    ]


def words(seen: Sequence[float | None]) -> str:
    """What the line of visibility says.

    >>> words([12.5, None, 20.0])
    'Visibility, 3 days: 12.5 % first, 20.0 % last; 1 without a known rank.'
    """
    known = [value for value in seen if value is not None]
    if not known:
        return f"Visibility, {len(seen)} days: no rank is known yet."
    gaps = f"; {len(seen) - len(known)} without a known rank" if len(known) < len(seen) else ""
    return f"Visibility, {len(seen)} days: {known[0]} % first, {known[-1]} % last{gaps}."
