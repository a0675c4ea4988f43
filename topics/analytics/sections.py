"""What a report is made of: sections, which are tables of figures. Each figure carries its query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from topics.analytics import answers
from topics.analytics.passes import Grouped, Pass, Single
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


#: Put into a pass, it gives the function that makes the section once all companies have passed.
Part = Callable[[Pass], Callable[[], Section]]


def figure(one: Single, asked: Pass) -> Figure:
    """The figure of a single query."""
    return Figure(one.figure(asked.whole), str(one.query))


def of_group(one: Grouped, value: str, key: str, asked: Pass) -> Figure:
    """The figure of a group of a query by a field."""
    return Figure(one.of(key, asked.whole), str(answers.group_query(one.query, value)))


def singles(section: Section, asked_for: Sequence[tuple[str, Query]]) -> Part:
    """A section of single figures, one a row; its columns are `value`."""

    def put(asked: Pass) -> Callable[[], Section]:
        found = [(label, asked.single(query)) for label, query in asked_for]
        return lambda: filled(section, [Line(label, {"value": figure(one, asked)}) for label, one in found])

    return put


def grouped(section: Section, asked_for: dict[str, Query], *, most: int = 20, by_key: bool = False) -> Part:
    """A section with a row for each group, and a column for each query by the same field: the first one rules the order.

    `by_key`: the rows stand in the order of their keys, and the last ones stay; else those with the highest figures.
    """

    def put(asked: Pass) -> Callable[[], Section]:
        found = {name: asked.grouped(query) for name, query in asked_for.items()}
        first = next(iter(found.values()))

        def make() -> Section:
            groups = first.groups(asked.whole)
            shown = sorted(groups, key=lambda one: one.key)[-most:] if by_key else groups[:most]
            lines = [
                Line(group.value, {name: of_group(one, group.value, group.key, asked) for name, one in found.items()})
                for group in shown
            ]
            return filled(section, lines, len(groups) - len(shown))

        return make

    return put


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
    told = {name: getattr(section, name) for name in ("name", "title", "about", "head", "columns", "chart")}
    return Section(**told, lines=lines, more=more)
