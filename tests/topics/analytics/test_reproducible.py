"""Every figure of every report comes again from the query that it carries."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from lead_models import Company, Fact, Score
from tests.topics.analytics import companies
from topics.analytics import answers, files, plans, queries, tokens
from topics.analytics.comparison import Sides
from topics.analytics.passes import Pass

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
SOME = companies.some(120)


def told(query: str, some: Sequence[Company] = SOME) -> Any:
    """What a query answers by itself."""
    asked = Pass()
    one = answers.ask(queries.parse(query), asked)
    asked.run(companies.chunks(some), companies.past, lambda done: None)
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
    assert len(found) > 11 and report["companies"] == 120
    for line in (line for section in report["sections"] for line in section["lines"]):
        if line.get("show", "").startswith("list"):
            assert len(told(line["show"])["rows"]) == min(line["figures"]["count"]["value"], 100), line
    wrong = [(value, query, again) for value, query in found if (again := told(query)["value"]) != value]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize("report_type", plans.TYPES)
def test_of_no_companies_there_is_a_report_too(report_type: str) -> None:
    report = plans.made(plans.plan(report_type, NOW), [[]], companies.past, lambda done: None)
    for value, query in figures(report):
        assert value in (0, None) and told(query, [])["value"] == value
    assert all("".join(files.texts_of(format_, {**report, "title": "None", "made_at": "now"})) for format_ in files.TYPES)


def test_a_value_of_any_length_has_a_query() -> None:
    facts = {
        "description": Fact(value="ß " * 90_000, source="typed", at_ms=0),
        "technologies": Fact(value=["a" * 501, "a" * 502], source="", at_ms=0),
    }
    long = [Company(id="co_1", facts=facts)]
    for field in ("description", "technologies"):
        [row] = told(f"count by {field}", long)["rows"]
        assert told(row["query"], long)["value"] == 1


def test_months_without_companies_and_all_bands_are_shown() -> None:
    months = {f"2026-{month:02d}" for month in (1, 4)}
    some = [Company(id=month, created_ms=tokens.ms_of(f"{month}-15")) for month in months]
    report = plans.made(plans.plan("comprehensive", NOW), [some], None, lambda done: None)
    names = ("months", "by-score-band", "by-industry")
    sections = {
        one["name"]: [(line["label"], line["figures"]["count"]["value"]) for line in one["lines"]]
        for one in report["sections"]
        if one["name"] in names
    }
    assert sections["months"] == [("2026-01", 1), ("2026-02", 0), ("2026-03", 0), ("2026-04", 1)]
    assert len(sections["by-score-band"]) == 11 and sections["by-score-band"][-1] == ("(not known)", 2)
    assert sections["by-industry"] == [("(not known)", 2)]


BY = (
    "known",
    "invalid",
    "source",
    "tags",
    "size",
    "founded",
    "hiring",
    "employees",
    "technologies",
    "created.month",
    "score.band",
    "phones.source",
    "emails.count",
    "fact.custom",
    "completeness",
)


@pytest.mark.parametrize("by", BY)
def test_each_row_of_an_answer_comes_again_from_its_query(by: str) -> None:
    for measure in ("count", "share", "median of score", "coverage of phones"):
        rows = told(f"{measure} by {by} where country known or score known top 50")["rows"]
        assert all(told(row["query"])["value"] == row["value"] for row in rows) and (rows or by == "fact.custom")


def test_what_changed_and_two_days_against_plain_python() -> None:
    report = {one["name"]: one["lines"] for one in made("comprehensive")["sections"]}
    since = tokens.ms_of("2026-10-31")
    changes = {
        one.id: one.score.total - then
        for one in SOME
        if one.score and (then := companies.past([one.id], [since])[0][since]) is not None
    }
    ordered = sorted(changes, key=lambda company_id: (-changes[company_id], company_id))
    assert [line["id"] for line in report["risen"]] == [one for one in ordered if changes[one] > 0][:20]
    assert [line["id"] for line in report["fallen"]] == sorted(changes, key=lambda one: (changes[one], one))[:20]
    assert all(line["figures"]["count"]["value"] for line in report["gaps"])
    compared = {
        line["label"]: line["figures"]
        for line in made("comparison", Sides("day", "2026-06-01", "2026-09-01"))["sections"][0]["lines"]
    }
    for side, day in (("a", "2026-06-01"), ("b", "2026-09-01")):
        at = tokens.ms_of(day)
        scores = [then for one in SOME if one.created_ms <= at and (then := companies.past([one.id], [at])[0][at]) is not None]
        assert compared["With a score"][side]["value"] == len(scores)
        assert compared["Score, mean"][side]["value"] == round(sum(scores) / len(scores), 2)
    assert (
        compared["With a score"]["change"]["value"]
        == compared["With a score"]["b"]["value"] - compared["With a score"]["a"]["value"]
        != 0
    )


def test_a_score_that_stayed_is_no_change() -> None:
    score = Score(total=50.0, parts={}, model="m", at_ms=0)
    some = [Company(id=str(number), score=score) for number in range(3)]
    then = dict(zip("012", (40.0, 50.0, 60.0), strict=True))
    report = plans.made(
        plans.plan("comprehensive", NOW),
        [some],
        lambda ids, moments: [dict.fromkeys(moments, then[one]) for one in ids],
        lambda done: None,
    )
    lines = {
        one["name"]: [(line["id"], line["figures"]["value"]["value"]) for line in one["lines"]]
        for one in report["sections"][7:10]
    }
    assert lines["risen"] == [("0", 10.0)] and lines["fallen"] == [("2", -10.0)]
