"""Queries: one line that says which figure is asked for.

    count where industry = "Software" and country = "DE"
    coverage of phones by source where created >= 2026-01-01
    mean of score by created.month
    list of score.change since 2026-10-01 top 20

A text stands in double quotes exactly as it is kept. In single quotes, or as one word without any, a country may have any of its
names: `country = Germany`. Names of fields have any case, and `email` is `emails`.

First the measure; then, in any order, `by FIELD`, `where CONDITION`, `since DAY`, `within "REPORT"` and `top N` or `bottom N`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from errors import ArgumentError
from topics.analytics import conditions, fields, tokens
from topics.analytics.conditions import Test
from topics.analytics.tokens import Words, quoted

#: Measures by themselves, and those of a field.
PLAIN, OF_FIELD = ("count", "share"), ("coverage", "mean", "median", "sum", "min", "max", "distinct", "doubles", "list")

MEASURES = (*PLAIN, *OF_FIELD)

#: Other words for measures.
ALSO = {"average": "mean", "avg": "mean", "total": "sum", "minimum": "min", "maximum": "max"}

#: Rows of a reply: as usual, and at most.
USUAL, MOST = 20, 1000


@dataclass(frozen=True, slots=True)
class Query:
    """A query. `where`: the text of its condition; `since`: a day or moment; `within`: the report whose companies count."""

    measure: str
    of: str = ""
    by: str = ""
    where: str = ""
    since: str = ""
    within: str = ""
    most: int = 0  # rows; 0 = as usual
    lowest: bool = False  # the lowest first: `bottom`

    def __str__(self) -> str:
        """The query as it is written."""
        parts = [f"{self.measure} of {self.of}" if self.of else self.measure]
        parts += [f"{word} {told}" for word, told in (("by", self.by), ("where", self.where), ("since", self.since)) if told]
        parts += [f"within {quoted(self.within)}"] if self.within else []
        return " ".join([*parts, *([f"{'bottom' if self.lowest else 'top'} {self.most}"] if self.most else [])])

    @property
    def rows(self) -> int:
        """Rows of the reply at most."""
        return self.most or USUAL

    @property
    def since_ms(self) -> int | None:
        """The moment of `since`."""
        return tokens.ms_of(self.since) if self.since else None

    def narrowed(self, condition: str) -> "Query":
        """The same figure of those that fulfil a condition, too."""
        bracketed = f"({self.where})" if " or " in self.where else self.where
        return replace(self, by="", most=0, lowest=False, where=f"{bracketed} and {condition}" if bracketed else condition)


def parse(text: str) -> Query:
    """A query, checked. Raises ArgumentError, which says where it cannot be read and what may stand there."""
    words = Words(text)
    measure = words.has(*MEASURES, *ALSO, "distribution")
    if not measure:
        raise words.wrong(f"a query begins with one of {', '.join(MEASURES)}")
    measure = ALSO.get(measure, measure)
    found: dict[str, Any] = {"measure": measure, "of": ""}
    if measure not in PLAIN:
        is_named = words.has("of") or (words.next.kind == "name" and str(words.next.value).lower() not in CLAUSES)
        found["of"] = _field(words) if is_named else "score" if measure == "list" else ""
        if not found["of"]:
            raise words.wrong(f"of FIELD follows {measure}, e.g. {measure} of score")
    if measure == "distribution":
        found = {"measure": "count", "by": found["of"]}
    while words.next.kind != "end":
        clause = words.has(*CLAUSES)
        if not clause or ({"bottom": "most", "top": "most"}.get(clause, clause)) in found:
            raise words.wrong(f"here comes one of {', '.join(CLAUSES)}, each once, or the end")
        found |= CLAUSES[clause](words, text)
    return checked(Query(**found))


def checked(query: Query) -> Query:
    """The query. Raises ArgumentError for what does not fit together."""
    for name in (query.of, query.by):
        if name:
            fields.getter(name, query.since_ms)
    if query.by and (query.measure in ("list", "doubles") or fields.is_moment(query.by)):
        hint = "created.month" if fields.is_moment(query.by) else "another measure"
        raise ArgumentError(f"{query.measure} cannot be told by {query.by}: take {hint}.")
    if query.most and not (query.by or query.measure == "list"):
        raise ArgumentError("top and bottom need rows: add by FIELD, or ask for a list.")
    test_of(query)
    return query


def test_of(query: Query) -> Test | None:
    """The condition of a query as a function; None where it has none."""
    if not query.where:
        return None
    words = Words(query.where)
    test = conditions.read(words, query.since_ms)
    if words.next.kind != "end":
        raise words.wrong("`and`, `or` or the end comes here")
    return test


def _field(words: Words) -> str:
    return fields.canonical(str(words.need("name", "a field, e.g. industry").value))


def _by(words: Words, text: str) -> dict[str, Any]:
    return {"by": _field(words)}


def _where(words: Words, text: str) -> dict[str, Any]:
    """The condition as it is written; it is read once all is known, as `since` may follow."""
    start = words.next.at - 1
    conditions.read(words, 0)
    return {"where": text[start : words.next.at - 1].strip()}


def _since(words: Words, text: str) -> dict[str, Any]:
    day = str(words.need("day", "a day, e.g. 2026-01-31").value)
    tokens.ms_of(day)
    return {"since": day}


def _within(words: Words, text: str) -> dict[str, Any]:
    return {"within": str(words.need("text", "the id of a report in quotes").value)}


def _rows(words: Words, lowest: bool) -> dict[str, Any]:
    number = str(words.need("number", f"a number from 1 to {MOST}").value)
    if not (number.isdigit() and 1 <= int(number) <= MOST):
        raise ArgumentError(f"top and bottom take 1 to {MOST}, not {number:.20}.")
    return {"most": int(number), "lowest": lowest}


CLAUSES: dict[str, Callable[[Words, str], dict[str, Any]]] = {
    "by": _by,
    "where": _where,
    "since": _since,
    "within": _within,
    "top": lambda words, text: _rows(words, False),
    "bottom": lambda words, text: _rows(words, True),
}
