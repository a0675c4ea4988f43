"""The language of queries: what each means, against plain Python; texts of any kind; what it refuses, and where."""

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errors
from lead_models import Company, Fact
from tests.topics.analytics import companies
from topics.analytics import answers, conditions, measures, queries, tokens
from topics.analytics.passes import Pass
from topics.analytics.queries import Query

SOME = companies.some(250, seed=3)
SINCE = "2026-10-01"
THEN = {one.id: companies.past([one.id], [tokens.ms_of(SINCE)])[0][tokens.ms_of(SINCE)] for one in SOME}


def ask(text: str, some: list[Company] = SOME) -> dict[str, Any]:
    asked = Pass()
    one = answers.ask(queries.parse(text), asked)
    asked.run(companies.chunks(some), companies.past, lambda done: None)
    return answers.told(one, asked.whole)


def value(company: Company, name: str) -> Any:
    fact = company.facts.get(name)
    return fact.value if fact and fact.value not in (None, "", []) else None


def texts(company: Company, name: str) -> list[str]:
    found = value(company, name)
    return [str(one).strip().lower() for one in (found if isinstance(found, list) else [] if found is None else [found])]


def total(company: Company) -> float:
    return company.score.total if company.score else -1.0


def at(company: Company, name: str) -> int | None:
    return company.facts[name].at_ms if value(company, name) is not None else None


TESTS: list[tuple[str, Callable[[Company], object]]] = [
    ('industry = "SOFTWARE"', lambda c: "software" in texts(c, "industry")),
    ('industry != "software"', lambda c: "software" not in texts(c, "industry")),
    ('not industry in ("retail", "software")', lambda c: not {"retail", "software"} & {*texts(c, "industry")}),
    ('technologies contains "press" and score >= 50', lambda c: "wordpress" in texts(c, "technologies") and total(c) >= 50),
    (
        "score < 10 or phones missing and emails known",
        lambda c: 0 <= total(c) < 10 or (not texts(c, "phones") and texts(c, "emails")),
    ),
    (
        "(score < 10 or phones missing) and emails known",
        lambda c: (0 <= total(c) < 10 or not texts(c, "phones")) and texts(c, "emails"),
    ),
    ("founded = 1998", lambda c: {"1998", "1998.0"} & {*texts(c, "founded")}),
    ("score <= 10", lambda c: 0 <= total(c) <= 10),
    ("score > 50", lambda c: total(c) > 50),
    ("founded > 2000", lambda c: value(c, "founded") == 3000),
    ("hiring = true", lambda c: value(c, "hiring") is True),
    ("employees >= 30", lambda c: value(c, "employees") in (7000, "11-50", "1,200")),
    ('size = "11-50"', lambda c: value(c, "employees") in (12, "11-50") and value(c, "employees") is not True),
    ("phones.at < 2026-01-01", lambda c: (seen := at(c, "phones")) is not None and seen < tokens.ms_of("2026-01-01")),
    ("emails.count = 2", lambda c: len(texts(c, "emails")) == 2),
    ('source = "own site"', lambda c: any(c.domain and c.domain in fact.source for fact in c.facts.values())),
    ("emails invalid", lambda c: "not an address" in texts(c, "emails")),
    ("country invalid", lambda c: value(c, "country") in ("de", "Germany")),
    ('tags = "vip" and created >= 2026-06-01', lambda c: "vip" in c.tags and c.created_ms >= tokens.ms_of("2026-06-01")),
    ('fact.custom known or known = "custom thing"', lambda c: value(c, "custom thing")),
    (f"score.change > 10 since {SINCE}", lambda c: (then := THEN[c.id]) is not None and c.score and total(c) - then > 10),
    ('score.band = "80-89"', lambda c: 80 <= total(c) < 90),
    ('score.band = "10-19"', lambda c: 10 <= total(c) < 20),
]


@pytest.mark.parametrize(("condition", "holds"), TESTS)
def test_a_condition_means_what_it_says(condition: str, holds: Callable[[Company], object]) -> None:
    expected = sum(bool(holds(one)) for one in SOME)
    assert ask(f"count where {condition}")["value"] == expected and 0 < expected < len(SOME)
    assert ask(f"share where {condition}")["value"] == round(100 * expected / len(SOME), 1)


def test_measures_against_plain_python() -> None:
    found = [total(one) for one in SOME if one.score]
    assert ask("mean of score")["value"] == round(statistics.fmean(found), 2)
    assert ask("median of score")["value"] == statistics.median(found)
    assert (ask("min of score")["value"], ask("max of score")["value"]) == (min(found), max(found))
    assert ask("sum of score")["value"] == round(sum(found), 2) and ask("mean of score where score > 900")["value"] is None
    mails = [texts(one, "emails") for one in SOME]
    assert ask("coverage of emails")["value"] == round(100 * sum(map(bool, mails)) / len(SOME), 1)
    assert ask("distinct of emails")["value"] == len({mail for each in mails for mail in each})
    seen, again = set[str](), 0
    for each in mails:
        again += not seen.isdisjoint(each)
        seen.update(each)
    assert ask("doubles of emails")["value"] == again > 10
    counted = Counter(one for company in SOME for one in {*texts(company, "technologies")})
    rows = ask("count by technologies")["rows"]
    assert {row["label"].lower(): row["value"] for row in rows} == counted and [row["value"] for row in rows] == sorted(
        counted.values()
    )[::-1]
    best = sorted((-total(one), one.id) for one in SOME if one.score)[:5]
    assert [(-row["value"], row["id"]) for row in ask("list top 5")["rows"]] == best
    worst = sorted((total(one), one.id) for one in SOME if one.score)[:5]
    assert [(row["value"], row["id"]) for row in ask("list of score bottom 5")["rows"]] == worst


def test_more_values_than_are_told_apart_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "MOST_GROUPS", 10)
    told = ask("count by domain top 3")
    assert told["is_cut"] and told["more"] == 7 and len(told["rows"]) == 3


@given(st.text(min_size=1, max_size=40))
def test_any_text_is_found_by_its_quoted_form(text: str) -> None:
    company = Company(id="co_1", facts={"industry": Fact(value=text, source="typed", at_ms=0)})
    [row] = ask("count by industry", [company])["rows"]
    assert ask(row["query"], [company])["value"] == 1 == ask(f"count where industry = {tokens.quoted(text)}", [company])["value"]
    assert conditions.key(text) or not text.strip()


@given(
    st.sampled_from(["count", "mean of score", "coverage of phones"]),
    st.sampled_from(["", "industry", "created.month"]),
    st.sampled_from(["", *(condition for condition, _ in TESTS[:-3])]),
    st.sampled_from(["", "2026-01-31", "2026-01-31T12:30"]),
    st.integers(0, 1000),
)
def test_a_query_reads_its_own_text(measure: str, by: str, where: str, since: str, most: int) -> None:
    name, _, of = measure.partition(" of ")
    query = Query(name, of, by, where, since, 'an "id"', most if by else 0)
    assert queries.parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begins with one of count"),
        ("tally", "before 'tally'"),
        ("mean", "of FIELD follows mean"),
        ("count by", "at its end"),
        ("count where industry Software", "character 22"),
        ("count where industry = 'x", "quotes, which end"),
        ("count where score >= high", "a number or a day"),
        ('count where score >= "high"', "a number or a day"),
        ("count where created > 5", "compared with a day"),
        ("count where created > 2026-13-01", "is no day"),
        ("count where score.change > 0", "since 2026-01-31"),
        ("count where (score > 1", "a bracket is closed"),
        ("count where score > 1 score < 2", "each once"),
        ("count by industry by country", "each once"),
        ("count by industry top 5 bottom 5", "each once"),
        ("count top 5", "need rows"),
        ("count by created", "created.month"),
        ("list by industry", "cannot be told by"),
        ("count by industry top 5000", "1 to 1000"),
        ("count where x = 1", "no field 'x'"),
        ("count where " + "(" * 500, "stand in each other"),
        ("count where not " + "not " * 4000, "stand in each other"),
        ("count" + " " * 30_000, "at most 20,000"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(text: str, says: str) -> None:
    with pytest.raises(errors.ArgumentError) as raised:
        queries.parse(text)
    assert says in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("average score by country", "mean of score by country"),
        ("COUNT BY Industry", "count by industry"),
        ("list top 3", "list of score top 3"),
        ("coverage of email", "coverage of emails"),
    ],
)
def test_a_query_may_be_written_as_people_do(written: str, plain: str) -> None:
    assert str(queries.parse(written)) == plain


@pytest.mark.parametrize(
    ("written", "strict"),
    [
        ("email is missing", "emails missing"),
        ("Industry = 'Software'", 'industry = "Software"'),
        ("industry is Software", 'industry = "Software"'),
        ("country in (Germany, 'Deutschland')", 'country in ("DE")'),
        ("country = Deutschland", 'country = "DE"'),
        ("name contains “acme”", 'name contains "acme"'),
    ],
)
def test_a_condition_may_be_written_as_people_do(written: str, strict: str) -> None:
    made = companies.some(40, seed=5)
    german = [replace(one, facts={**one.facts, "country": Fact(value="DE", source="typed", at_ms=1)}) for one in made[:20]]
    some = [*german, *made[20:]]
    assert ask(f"count where {written}", some)["value"] == ask(f"count where {strict}", some)["value"]
