"""One pass over companies for many queries: each company is read once, and every query sees it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from lead_models import Company
from topics.analytics import measures, queries
from topics.analytics.fields import Row
from topics.analytics.grouping import Grouped
from topics.analytics.measures import Measure
from topics.analytics.queries import Query

#: The scores of companies at some moments (ms), one mapping for each: `state.leads.score_days`.
Past = Callable[[Sequence[str], Sequence[int]], Sequence[dict[int, float | None]]]


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
