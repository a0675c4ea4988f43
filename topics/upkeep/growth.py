"""How the store grows, and when it will be full at that rate, by the figures that were kept of each hour.

The growth is the middle one of all slopes between two hours a day or more apart (Theil and Sen): neither the waves of a day nor
a single peak move it. Where it is smaller than the figures waver, none is claimed.
"""

import statistics as middles
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import wording
from state.engine import statistics
from state.store.measures import Memory

#: Hours that are looked back at, the span they must cover (s), and how many of them there must be.
HOURS, LEAST_SPAN_S, LEAST_POINTS = 14 * 24, 24 * 3600, 12

DAY_S = 86_400

#: A day further off is not told: nobody knows so far ahead.
FURTHEST_DAYS = 5 * 365

#: A moment (s since 1970) and the memory of then (bytes).
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """How the store grows. `a_day` None: too little is known. `full_on` None: nobody can say, or it does not grow."""

    says: str
    a_day: int | None = None
    full_on: date | None = None


def forecast(memory: Memory, now: datetime) -> Growth:
    """The growth of the last 14 days, and when the memory that Redis may use is full. Reads only."""
    return of(points(), memory, now)


def points() -> list[Point]:
    """The memory of each hour of which figures were kept, the oldest first."""
    found = [(at.timestamp() + 3600, figures.get("redis_memory_bytes")) for at, figures in statistics.latest(HOURS)]
    return sorted((at, float(size)) for at, size in found if isinstance(size, int | float) and size > 0)


def of(found: Sequence[Point], memory: Memory, now: datetime) -> Growth:
    """The same of given points."""
    span_s = found[-1][0] - found[0][0] if found else 0.0
    if span_s < LEAST_SPAN_S or len(found) < LEAST_POINTS:
        have = f"{wording.pluralize(len(found), 'figure')} over {wording.duration(span_s)}" if found else "none yet"
        return Growth(f"How the store grows is not known: it takes the figures of a day, and there are {have}.")
    a_second, wavers = _slope(found)
    a_day, over = round(a_second * DAY_S), wording.duration(span_s)
    if abs(a_second) * span_s <= 2 * wavers or a_day == 0:
        return Growth(f"The store did not grow measurably in the last {over}.", 0)
    if a_day < 0:
        return Growth(f"The store shrank by {wording.size(-a_day)} a day in the last {over}.", a_day)
    grows = f"The store grew by {wording.size(a_day)} a day in the last {over}"
    if not memory.most:
        why = "Redis does not say how much it may use" if memory.most is None else "no maxmemory is set"
        return Growth(f"{grows}; when it is full is not known, as {why}.", a_day)
    days = max(0.0, memory.most - (memory.used or found[-1][1])) / a_day
    if days > FURTHEST_DAYS:
        return Growth(f"{grows}: at this rate it is not full within five years.", a_day)
    full_on = (now.astimezone(UTC) + timedelta(days=days)).date()
    most = wording.size(memory.most)
    return Growth(f"{grows}: at this rate full on {full_on.isoformat()} (maxmemory is {most}).", a_day, full_on)


def _slope(found: Sequence[Point]) -> tuple[float, float]:
    """Bytes a second, and how far the figures lie from that line (their middle distance)."""
    slope = middles.median(
        (later[1] - one[1]) / (later[0] - one[0])
        for number, one in enumerate(found)
        for later in found[number + 1 :]
        if later[0] - one[0] >= LEAST_SPAN_S
    )
    level = middles.median(size - slope * at for at, size in found)
    return slope, middles.median(abs(size - slope * at - level) for at, size in found)
