"""Counts of each hour for 90 days: how executions ended, and how long they took. The scripts that end them write the counts.

Fields of the hash of an hour: `kind|outcome|category|bucket` → how many, `kind|outcome|ms` → ms in all. A bucket holds executions
of a number of binary digits of ms: their times are known within a factor of two, and sums exactly. Besides the outcomes of
executions there are rescued, poisoned and, of the schedule, missed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import ResponseError

from state.store import connection, keys

HOUR_S = 3600

#: Most hours there are counts of.
MOST_HOURS = 90 * 24

#: Kind under which the schedule counts its occurrences.
SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class Hour:
    """The counts of one hour, or of several added up, by kind, outcome, category, bucket; and ms by kind, outcome."""

    began: datetime
    counts: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    ms: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, *outcomes: str, kind: str | None = None, category: str | None = None) -> int:
        """How often one of these outcomes was counted."""
        return sum(
            number
            for (of_kind, outcome, why, _), number in self.counts.items()
            if outcome in outcomes and kind in (None, of_kind) and category in (None, why)
        )

    def average_ms(self, *outcomes: str, kind: str | None = None) -> float | None:
        """How long executions took that ended so; None where there was none."""
        number = self.count(*outcomes, kind=kind)
        total = sum(ms for (of_kind, outcome), ms in self.ms.items() if outcome in outcomes and kind in (None, of_kind))
        return total / number if number else None

    def percentile_ms(self, share: float, *outcomes: str, kind: str | None = None) -> float | None:
        """The time that such a share of the executions did not exceed, within a factor of two; None where there was none."""
        buckets: Counter[int] = Counter()
        for (of_kind, outcome, _, bucket), number in self.counts.items():
            if outcome in outcomes and kind in (None, of_kind):
                buckets[bucket] += number
        return percentile_ms(buckets, share)

    def kinds(self) -> list[str]:
        """The kinds of which anything was counted."""
        return sorted({kind for kind, *_ in self.counts})


def percentile_ms(buckets: Counter[int], share: float) -> float | None:
    """The percentile of a histogram: within a bucket, times are taken as spread evenly.

    >>> percentile_ms(Counter({10: 50, 11: 50}), 0.5), percentile_ms(Counter(), 0.5)
    (1024.0, None)
    """
    wanted, below = share * buckets.total(), 0
    for bucket, number in sorted(buckets.items()):
        if number and below + number >= wanted:
            low, high = (2 ** (bucket - 1), 2**bucket) if bucket else (0, 1)
            return low + (high - low) * max(0.0, wanted - below) / number
        below += number
    return None


def latest(number: int) -> list[Hour]:
    """The counts of the last `number` hours, oldest first; the present hour is the last. Reads only."""
    present = int(connection.now().timestamp()) // HOUR_S
    return read(range(present - min(number, MOST_HOURS) + 1, present + 1))


def read(numbers: Sequence[int]) -> list[Hour]:
    """The counts of these hours since 1970. Reads only."""
    return read_with(numbers, ())[0]


def read_with(numbers: Sequence[int], others: Sequence[str]) -> tuple[list[Hour], list[Any]]:
    """The same, and what other hashes hold, in the same round trip; in place of one that cannot be read, its error."""
    with connection.client().pipeline(transaction=False) as pipe:
        for key in (*map(keys.hour, numbers), *others):
            pipe.hgetall(key)
        found = pipe.execute(raise_on_error=False)
    return [_hour(hour, one) for hour, one in zip(numbers, found, strict=False)], found[len(numbers) :]


def total(hours: Sequence[Hour]) -> Hour:
    """The hours added up."""
    began = hours[0].began if hours else datetime.fromtimestamp(0, UTC)
    counts: Counter[tuple[str, str, str, int]] = Counter()
    ms: Counter[tuple[str, str]] = Counter()
    for hour in hours:
        counts.update(hour.counts)
        ms.update(hour.ms)
    return Hour(began, counts, ms)


def _hour(number: int, found: dict[bytes, bytes] | Exception) -> Hour:
    hour = Hour(datetime.fromtimestamp(number * HOUR_S, UTC))
    if isinstance(found, ResponseError):  # a key of another type: stops.py names it
        return hour
    if isinstance(found, Exception):
        raise found
    for name, value in found.items():
        _add(hour, name.decode(errors="replace").split("|"), value)
    return hour


def _add(hour: Hour, parts: list[str], value: bytes) -> None:
    if not value.isdigit():
        return
    if len(parts) == 4 and (parts[3].isdigit() or not parts[3]):
        hour.counts[parts[0], parts[1], parts[2], int(parts[3] or 0)] += int(value)
    elif len(parts) == 3 and parts[2] == "ms":
        hour.ms[parts[0], parts[1]] += int(value)


def outcomes_of(hour: Hour) -> Iterable[str]:
    """Every outcome that was counted."""
    return sorted({outcome for _, outcome, _, _ in hour.counts})
