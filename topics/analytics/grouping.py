"""A query by a field while companies pass: a row for each value."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from topics.analytics import conditions, fields, measures, queries
from topics.analytics.fields import Row
from topics.analytics.measures import Measure
from topics.analytics.queries import Query


class Group(NamedTuple):
    """A row of a query by a field: its value as it was seen first, its key, its figure."""

    value: str
    key: str
    figure: Any


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
