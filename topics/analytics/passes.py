"""One pass over companies for many queries: each company is read once, and every query sees it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from lead_models import Company
from topics.analytics import conditions, fields, measures, queries
from topics.analytics.fields import Row
from topics.analytics.measures import Measure
from topics.analytics.queries import Query

#: The scores of companies at some moments (ms), one mapping for each: `state.leads.score_days`.
Past = Callable[[Sequence[str], Sequence[int]], Sequence[dict[int, float | None]]]


class Group(NamedTuple):
    """A row of a query by a field: its value as it was seen first, its key, its figure."""

    value: str
    key: str
    figure: Any


class Passed(Protocol):
    """What looks at companies that pass."""

    def take(self, row: Row) -> None:
        """Look at a company."""


class Single:
    """A query without rows, or a list."""

    def __init__(self, query: Query) -> None:
        self.query, self._test = query, queries.test_of(query)
        self.measure: Measure = measures.maker(query)()

    def take(self, row: Row) -> None:
        """Count a company that fulfils the condition."""
        if self._test is None or self._test(row):
            self.measure.take(row)


class Grouped:
    """A query by a field. `is_cut`: there were more values than are told apart, and those that came later do not count."""

    def __init__(self, query: Query) -> None:
        self.query, self._test, self._make = query, queries.test_of(query), measures.maker(query)
        self._keys = fields.memoized(query.by, query.since_ms)
        self._found: dict[str, tuple[str, Measure]] = {}
        self.is_cut = False

    def take(self, row: Row) -> None:
        """Count a company in each of its groups."""
        values = self._keys(row)
        if not values or (self._test is not None and not self._test(row)):
            return
        if len(values) == 1:
            self._add(conditions.key(values[0]), values[0], row)
            return
        for key, value in {conditions.key(value): value for value in values}.items():
            self._add(key, value, row)

    def _add(self, key: str, value: Any, row: Row) -> None:
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= measures.MOST_GROUPS:
                self.is_cut = True
                return
            found = self._found[key] = (value if isinstance(value, str) else key, self._make())
        found[1].take(row)

    def groups(self, whole: int) -> list[Group]:
        """All groups, the highest figure first, unknown ones last; equal ones by their keys."""
        found = [Group(value, key, measure.figure(whole)) for key, (value, measure) in self._found.items()]
        sign = 1 if self.query.lowest else -1
        return sorted(found, key=lambda one: (one.figure is None, sign * (one.figure or 0), one.key))

    def of(self, key: str, whole: int) -> Any:
        """The figure of a group; None where there is none."""
        found = self._found.get(key)
        return found[1].figure(whole) if found else None


class Pass:
    """Queries that see the same companies. Those of one text are one."""

    def __init__(self) -> None:
        self._asked: dict[str, Single | Grouped] = {}
        self.whole = 0

    def single(self, query: Query) -> Single:
        """Ask for one figure, or a list."""
        found = self._asked.setdefault(str(query), Single(query))
        assert isinstance(found, Single)
        return found

    def grouped(self, query: Query) -> Grouped:
        """Ask for figures by a field."""
        found = self._asked.setdefault(str(query), Grouped(query))
        assert isinstance(found, Grouped)
        return found

    def run(self, chunks: Iterable[Sequence[Company]], past: Past | None, progress: Callable[[int], None]) -> None:
        """Let companies pass, a chunk at a time. `progress` is told how many have. `past`: asked where a query looks back."""
        moments = sorted({ms for one in self._asked.values() if (ms := one.query.since_ms) is not None})
        takers = [one.take for one in self._asked.values()]
        for chunk in chunks:
            then = past([one.id for one in chunk], moments) if past and moments else None
            for number, company in enumerate(chunk):
                row = Row(company, then[number]) if then else Row(company)
                for take in takers:
                    take(row)
            self.whole += len(chunk)
            progress(self.whole)
