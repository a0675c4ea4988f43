"""Every figure of every report comes again from the query that it carries."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.topics.analytics import companies
from topics.analytics import answers, plans, queries
from topics.analytics.comparison import Sides
from topics.analytics.passes import Pass

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
SOME = companies.some(300)


def told(query: str) -> Any:
    """What a query answers by itself."""
    asked = Pass()
    one = answers.ask(queries.parse(query), asked)
    asked.run(companies.chunks(SOME), companies.past, lambda done: None)
    return answers.told(one, asked.whole)


def figures(report: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    for section in report["sections"]:
        for line in section["lines"]:
            yield from ((figure["value"], figure["query"]) for figure in line["figures"].values() if figure["query"])


def made(report_type: str, sides: Sides | None = None) -> dict[str, Any]:
    planned = plans.plan(report_type, NOW, sides=sides)
    return plans.made(planned, companies.chunks(SOME, 7), companies.past, lambda done: None)


@pytest.mark.parametrize(
    ("report_type", "sides"),
    [
        ("comprehensive", None),
        ("summary", None),
        ("comparison", None),
        ("comparison", Sides("tag", "vip", "=1+1")),
        ("comparison", Sides("source", "import: a.csv", "own site")),
        ("comparison", Sides("where", 'industry = "software" or score > 50', "not phones known")),
    ],
)
def test_each_figure_comes_again_from_its_query(report_type: str, sides: Sides | None) -> None:
    report = made(report_type, sides)
    found = list(figures(report))
    assert len(found) > 11 and report["companies"] == 300
    wrong = [(value, query, again) for value, query in found if (again := told(query)["value"]) != value]
    assert not wrong, wrong[:3]
