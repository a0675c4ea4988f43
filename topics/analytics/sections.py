"""What a report is made of: sections, which are tables of figures. Each figure carries its query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from topics.analytics import answers, conditions, measures
from topics.analytics.grouping import Group, Grouped
from topics.analytics.passes import Pass, Single
from topics.analytics.queries import Query


class Column(NamedTuple):
    """A column of figures. `unit`: count, percent, score, days or text."""

    key: str
    label: str
    unit: str = "count"


class Figure(NamedTuple):
    """A figure and the query that gives it again."""

    value: Any
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row. `id` and `domain` where it is a company; `show`: the query that lists whom it counts."""

    label: str
    figures: dict[str, Figure]
    id: str = ""
    domain: str = ""
    show: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table. `head`: what its rows are; `chart`: bars or columns of the figures of its first column, "" = none.

    `more`: rows that were left out.
    """

    name: str
    title: str
    about: str
    head: str
    columns: Sequence[Column]
    lines: Sequence[Line] = field(default_factory=list)
    chart: str = ""
    more: int = 0


#: Chooses the values that are shown, in order, of all groups.
Shown = Callable[[Sequence[Group]], Sequence[str]]

#: The row of those without a value, and what is said where not all values were told apart.
UNKNOWN, CUT = "(not known)", f"There are more than {measures.MOST_GROUPS:,} values: those that came last do not count."

#: Put into a pass, it gives the function that makes the section once all companies have passed.
Part = Callable[[Pass], Callable[[], Section]]


def figure(one: Single, asked: Pass) -> Figure:
    """The figure of a single query."""
    return Figure(one.figure(asked.whole), str(one.query))


def of_group(one: Grouped, value: str, asked: Pass) -> Figure:
    """The figure of a group of a query by a field."""
    return Figure(one.of(conditions.key(value), asked.whole), str(answers.group_query(one.query, value)))


def singles(section: Section, asked_for: Sequence[tuple[str, Query]]) -> Part:
    """A section of single figures, one a row; its columns are `value`."""

    def put(asked: Pass) -> Callable[[], Section]:
        found = [(label, asked.single(query)) for label, query in asked_for]
        return lambda: filled(section, [Line(label, {"value": figure(one, asked)}) for label, one in found])

    return put


def grouped(section: Section, asked_for: dict[str, Query], shown: Shown, unknown: Query | None = None) -> Part:
    """A section with a row for each group, and a column for each query by the same field: the first one rules the order.

    `shown` chooses the groups. `unknown`: the count of those without a value, which has a row at the end.
    """

    def put(asked: Pass) -> Callable[[], Section]:
        found = {name: asked.grouped(query) for name, query in asked_for.items()}
        rest = {name: asked.single(replace(unknown, measure=name)) for name in asked_for} if unknown else {}
        first = next(iter(found.values()))

        def make() -> Section:
            groups = first.groups(asked.whole)
            values = shown(groups)
            lines = [Line(value, {name: of_group(one, value, asked) for name, one in found.items()}) for value in values]
            lines += [Line(UNKNOWN, {name: figure(one, asked) for name, one in rest.items()})] if rest else []
            about = f"{section.about} {CUT}" if first.is_cut else section.about
            return filled(replace(section, about=about), lines, max(0, len(groups) - len(values)))

        return make

    return put


def highest(most: int) -> Shown:
    """Chooses the groups with the highest figures."""
    return lambda groups: [one.value for one in groups[:most]]


def leads(section: Section, query: Query) -> Part:
    """A section with companies; its column is `value`."""

    def put(asked: Pass) -> Callable[[], Section]:
        one = asked.single(query)

        def make() -> Section:
            found = answers.leads(query, one.figure(asked.whole))
            lines = [
                Line(row["label"], {"value": Figure(row["value"], row["query"])}, id=row["id"], domain=row["domain"])
                for row in found
            ]
            return filled(section, lines)

        return make

    return put


def filled(section: Section, lines: Sequence[Line], more: int = 0) -> Section:
    """The section with its rows."""
    return replace(section, lines=lines, more=more)
