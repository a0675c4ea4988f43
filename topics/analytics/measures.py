"""How figures are made while companies pass: each measure takes one at a time and keeps little.

What they keep is bounded by the rows that are asked for, with two exceptions: `median` keeps 8 bytes a value; `distinct` and
`doubles` keep some 80 bytes a different value.
"""

import heapq
from array import array
from collections.abc import Callable
from typing import Any, Protocol

from topics.analytics import conditions, derived, fields
from topics.analytics.fields import Getter, Row
from topics.analytics.queries import Query

#: Different values that a group tells apart, and doubled values that are told.
MOST_GROUPS, MOST_EXAMPLES = 20_000, 20


class Measure(Protocol):
    """Takes companies. `figure`: what came out; `whole` = all companies that passed, whatever the condition."""

    def take(self, row: Row) -> None:
        """Count a company."""

    def figure(self, whole: int) -> Any:
        """The figure; None where there is none, e.g. the mean of nothing."""


class Count:
    """How many."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def take(self, row: Row) -> None:
        """Count a company."""
        self.number += 1

    def figure(self, whole: int) -> int:
        """How many came."""
        return self.number


class Coverage:
    """How many of a hundred have a field."""

    __slots__ = ("_get", "had", "number")

    def __init__(self, get: Getter) -> None:
        self._get, self.number, self.had = get, 0, 0

    def take(self, row: Row) -> None:
        """Count a company."""
        self.number += 1
        self.had += bool(self._get(row))

    def figure(self, whole: int) -> float | None:
        """Per cent of those that came here."""
        return percent(self.had, self.number)


class Numbers:
    """Sum, mean, least and most of the numbers of a field, in the order in which they come."""

    __slots__ = ("_get", "_what", "least", "most", "number", "sum")

    def __init__(self, get: Getter, what: str) -> None:
        self._get, self._what = get, what
        self.number, self.sum, self.least, self.most = 0, 0.0, float("inf"), float("-inf")

    def take(self, row: Row) -> None:
        """Add the numbers of a company."""
        for value in self._get(row):
            if (found := derived.number_of(value)) is not None:
                self.number += 1
                self.sum += found
                self.least, self.most = min(self.least, found), max(self.most, found)

    def figure(self, whole: int) -> float | None:
        """The figure; None of no numbers."""
        if not self.number:
            return None
        found = {"sum": self.sum, "mean": self.sum / self.number, "min": self.least, "max": self.most}
        return round(found[self._what], 2)


class Median:
    """The number in the middle."""

    __slots__ = ("_get", "_values")

    def __init__(self, get: Getter) -> None:
        self._get, self._values = get, array("d")

    def take(self, row: Row) -> None:
        """Keep the numbers of a company."""
        self._values.extend(found for value in self._get(row) if (found := derived.number_of(value)) is not None)

    def figure(self, whole: int) -> float | None:
        """The middle one, or the mean of the two there."""
        if not self._values:
            return None
        values, half = sorted(self._values), len(self._values) // 2
        return round(values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2, 2)


class Seen:
    """Different values of a field, and the companies that have one which stood at another before."""

    __slots__ = ("_counts_doubles", "_get", "_seen", "doubles", "examples")

    def __init__(self, get: Getter, counts_doubles: bool) -> None:
        self._get, self._counts_doubles = get, counts_doubles
        self._seen, self.doubles, self.examples = set[int](), 0, dict[str, str]()

    def take(self, row: Row) -> None:
        """Keep the values of a company."""
        found = {key: value for value in self._get(row) if (key := conditions.key(value))}
        prints = {hash(key): key for key in found}  # 64 bits: of a million values no two are the same by chance
        again = self._seen.intersection(prints)
        self.doubles += bool(again)
        for one in sorted(again):
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.setdefault(prints[one], str(found[prints[one]]))
        self._seen.update(prints)

    def figure(self, whole: int) -> int:
        """Companies with a value that stood before, or different values."""
        return self.doubles if self._counts_doubles else len(self._seen)


class Best:
    """The companies with the highest numbers, or the lowest; equal ones by their ids."""

    __slots__ = ("_get", "_heap", "_most", "_sign")

    def __init__(self, get: Getter, query: Query) -> None:
        self._get, self._most, self._sign = get, query.rows, -1 if query.lowest else 1
        self._heap: list[tuple[float, _Backwards, Row]] = []

    def take(self, row: Row) -> None:
        """Keep a company if it is one of the best so far."""
        found = next((number for value in self._get(row) if (number := derived.number_of(value)) is not None), None)
        if found is not None:
            entry = (self._sign * found, _Backwards(row.company.id), row)
            if len(self._heap) < self._most:
                heapq.heappush(self._heap, entry)
            elif entry > self._heap[0]:
                heapq.heapreplace(self._heap, entry)

    def figure(self, whole: int) -> list[tuple[float, Row]]:
        """The best first, each with its number."""
        return [(round(self._sign * number, 2), row) for number, _, row in sorted(self._heap, reverse=True)]


class _Backwards(str):
    """An id: of equal numbers the first one is the best."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)


def maker(query: Query) -> Callable[[], Measure]:
    """What makes the measure of a query: one, or one a group."""
    if query.measure in ("count", "share"):  # a share follows from its count
        return Count
    get = fields.memoized(query.of, query.since_ms)
    if query.measure in ("distinct", "doubles"):
        return lambda: Seen(get, query.measure == "doubles")
    if query.measure == "list":
        return lambda: Best(get, query)
    if query.measure in ("coverage", "median"):
        return lambda: Coverage(get) if query.measure == "coverage" else Median(get)
    return lambda: Numbers(get, query.measure)


def percent(part: int, whole: int) -> float | None:
    """A part of a hundred.

    >>> percent(1, 3), percent(0, 0)
    (33.3, None)
    """
    return round(100 * part / whole, 1) if whole else None
