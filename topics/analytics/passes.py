"""One pass over companies for many queries: each company is read once, and every query sees it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

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


class Single:
    """A query without rows, or a list. `counts`: the same as a count, from which a share follows."""

    def __init__(self, query: Query, counts: "Single | None" = None) -> None:
        self.query, self.counts, self._test = query, counts, queries.test_of(query)
        self.measure: Measure = measures.maker(query)()

    def take(self, row: Row) -> None:
        """Count a company that fulfils the condition."""
        if self._test is None or self._test(row):
            self.measure.take(row)

    def figure(self, whole: int) -> Any:
        """What came out."""
        return measures.percent(self.counts.figure(whole), whole) if self.counts else self.measure.figure(whole)


class Grouped:
    """A query by a field. `counts`: as above."""

    def __init__(self, query: Query, counts: "Grouped | None" = None) -> None:
        self.query, self.counts, self._test, self._make = query, counts, queries.test_of(query), measures.maker(query)
        self._keys = _keys(query)
        self._found: dict[str, tuple[str, Measure]] = counts._found if counts else {}
        self._is_cut = False

    def take(self, row: Row) -> None:
        """Count a company in each of its groups."""
        pairs = self._keys(row)
        if not pairs or (self._test is not None and not self._test(row)):
            return
        for key, value in pairs:
            found = self._found.get(key)
            if found is None:
                if len(self._found) >= measures.MOST_GROUPS:
                    self._is_cut = True
                    continue
                is_short = isinstance(value, str) and len(value) <= conditions.MOST_KEY
                found = self._found[key] = (value if is_short else key, self._make())
            found[1].take(row)

    @property
    def is_cut(self) -> bool:
        """Whether there were more values than are told apart: those that came later do not count."""
        return self._is_cut or (self.counts is not None and self.counts.is_cut)

    def groups(self, whole: int) -> list[Group]:
        """All groups, the highest figure first, unknown ones last; equal ones by their keys."""
        found = [Group(value, key, self.of(key, whole)) for key, (value, _) in self._found.items()]
        sign = 1 if self.query.lowest else -1
        return sorted(found, key=lambda one: (one.figure is None, sign * (one.figure or 0), one.key))

    def of(self, key: str, whole: int) -> Any:
        """The figure of a group; of one that nobody is in, that of nobody."""
        found = self._found.get(key)
        figure = (found[1] if found else self._make()).figure(whole)
        return measures.percent(figure, whole) if self.counts else figure


def _keys(query: Query) -> Callable[[Row], Sequence[tuple[str, Any]]]:
    """What reads the groups of a company: keys and values, each key once. What was read is kept for the next query."""
    get, memo = fields.memoized(query.by, query.since_ms), f"by {query.by} {query.since_ms}"

    def pairs(row: Row) -> Sequence[tuple[str, Any]]:
        found = row.memo.get(memo)
        if found is None:
            values = get(row)
            found = row.memo[memo] = list({conditions.key(value): value for value in values}.items()) if values else ()
        return found

    return pairs


class Pass:
    """Queries that see the same companies. Those of one text are one."""

    def __init__(self) -> None:
        self._asked: dict[str, Single | Grouped] = {}
        self.whole = 0

    def single(self, query: Query) -> Single:
        """Ask for one figure, or a list."""
        counts = self.single(replace(query, measure="count")) if query.measure == "share" else None
        found = self._asked.setdefault(str(query), Single(query, counts))
        assert isinstance(found, Single)
        return found

    def grouped(self, query: Query) -> Grouped:
        """Ask for figures by a field."""
        counts = self.grouped(replace(query, measure="count")) if query.measure == "share" else None
        found = self._asked.setdefault(str(query), Grouped(query, counts))
        assert isinstance(found, Grouped)
        return found

    def run(self, chunks: Iterable[Sequence[Company]], past: Past | None, progress: Callable[[int], None]) -> None:
        """Let companies pass, a chunk at a time. `progress` is told how many have. `past`: asked where a query looks back."""
        moments = sorted({ms for one in self._asked.values() if (ms := one.query.since_ms) is not None})
        takers = [one.take for one in self._asked.values() if one.counts is None]
        for chunk in chunks:
            then = past([one.id for one in chunk], moments) if past and moments else None
            for number, company in enumerate(chunk):
                row = Row(company, then[number]) if then else Row(company)
                for take in takers:
                    take(row)
            self.whole += len(chunk)
            progress(self.whole)
