"""Two sets of companies side by side: by tag, by source, by any condition; or all companies on two days, by their scores then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import errors
from topics.analytics import derived, queries, sections, tokens
from topics.analytics.overview import REACHABLE
from topics.analytics.passes import Pass, Single
from topics.analytics.queries import Query
from topics.analytics.sections import Column, Figure, Line, Part, Section
from topics.analytics.tokens import quoted

#: What two sets may differ in.
KINDS = ("tag", "source", "day", "where")

#: Fields whose coverage is compared.
COVERED = derived.CORE


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: `by` one of `KINDS`; `a` and `b` two tags, sources, days or conditions."""

    by: str
    a: str
    b: str

    def __post_init__(self) -> None:
        """Raises ArgumentError for what cannot be compared."""
        if self.by not in KINDS:
            raise errors.ArgumentError(f"Compare by one of {', '.join(KINDS)}, not by {self.by!r:.40}.")
        if not self.a.strip() or not self.b.strip() or self.a == self.b:
            raise errors.ArgumentError("Compare two different sets: give both sides.")
        for side in (self.a, self.b):
            if self.by == "day":
                tokens.ms_of(side)
            elif self.by == "where":
                queries.checked(Query("count", where=side))

    def condition(self, side: str) -> str:
        """Who is on a side."""
        if self.by == "day":
            return f"created <= {side}"
        return side if self.by == "where" else f"{'tags' if self.by == 'tag' else self.by} = {quoted(side)}"


def part(sides: Sides, within: str) -> Part:
    """The section with both sides and their difference."""
    told = _on_days(sides) if sides.by == "day" else _now(sides)
    columns = (
        Column("a", _short(sides.a), "score"),
        Column("b", _short(sides.b), "score"),
        Column("change", "Difference", "change"),
    )
    section = Section("comparison", "Comparison", _about(sides), "Figure", columns)

    def put(asked: Pass) -> Callable[[], Section]:
        found = [(label, [asked.single(replace(one, within=within)) for one in pair]) for label, pair in told.items()]
        return lambda: sections.filled(section, [_line(label, pair, asked) for label, pair in found])

    return put


def spread(sides: Sides, field: str, within: str, most: int = 10) -> Part:
    """How both sides are spread over the values of a field."""
    columns = (Column("a", _short(sides.a)), Column("b", _short(sides.b)))
    section = Section(f"by-{field}", f"By {field}", f"Companies of each side by {field}.", field, columns)
    asked_for = {
        name: Query("count", by=field, where=sides.condition(side), within=within)
        for name, side in (("a", sides.a), ("b", sides.b))
    }
    return sections.grouped(section, asked_for, sections.highest(most))


def _now(sides: Sides) -> dict[str, Sequence[Query]]:
    asked = {
        "Companies": Query("count"),
        "Share of all (%)": Query("share"),
        "Score, mean": Query("mean", "score"),
        "Score, median": Query("median", "score"),
        "Completeness, mean (%)": Query("mean", "completeness"),
        "Reachable": Query("count", where=REACHABLE),
        **{f"With {name} (%)": Query("coverage", name) for name in COVERED},
    }
    return {
        label: [query.narrowed(f"({sides.condition(side)})") for side in (sides.a, sides.b)] for label, query in asked.items()
    }


def _on_days(sides: Sides) -> dict[str, Sequence[Query]]:
    asked = {
        "Companies": Query("count"),
        "With a score": Query("count", where="score.then known"),
        "Score, mean": Query("mean", "score.then"),
        "Score, median": Query("median", "score.then"),
        "Score of 50 or more": Query("count", where="score.then >= 50"),
        "Score of 80 or more": Query("count", where="score.then >= 80"),
    }
    return {
        label: [replace(query, since=side).narrowed(sides.condition(side)) for side in (sides.a, sides.b)]
        for label, query in asked.items()
    }


def _line(label: str, pair: Sequence[Single], asked: Pass) -> Line:
    a, b = (sections.figure(one, asked) for one in pair)
    return Line(label, {"a": a, "b": b, "change": Figure(difference(a.value, b.value), "")})


def difference(a: float | None, b: float | None) -> float | None:
    """How much more the second is; None where one is not known."""
    if a is None or b is None:
        return None
    return b - a if isinstance(a, int) and isinstance(b, int) else round(b - a, 2)


def _about(sides: Sides) -> str:
    if sides.by == "day":
        return f"Companies and their scores on {sides.a} and on {sides.b}, at 00:00 UTC."
    return f"Companies with {sides.condition(sides.a)}, and companies with {sides.condition(sides.b)}."


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
