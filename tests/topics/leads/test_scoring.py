"""Scores: which rule gives what, by which fact, and how parts make a total; a slow reading of the model says the same."""

import doctest
from datetime import timedelta
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from lead_models import Company, Fact
from tests.topics.leads.scored import DAY_MS, NOW_MS, PAGE, company, fact, rule, score
from topics.leads import model_file, model_text, scoring, values, wording
from topics.leads.model import PARTS, Condition, Model


def test_the_examples_are_true() -> None:
    assert not any(doctest.testmod(module).failed for module in (model_file, values, wording))


@pytest.mark.parametrize(
    ("when", "holds", "fails"),
    [
        (
            '{ field = "industry", is = ["Software", "Retail"] }',
            ["software", " RETAIL ", ["retail", "x"]],
            ["soft", "", None, []],
        ),
        ('{ field = "country", is = ["Germany"] }', ["DE", "de", "Deutschland"], ["AT", "Germ"]),
        ('{ field = "country", is = "DE" }', ["Germany", "de"], ["DEU-x"]),
        ('{ field = "city", is = ["Koln"] }', ["Köln", "KÖLN"], ["Kölnn"]),
        ('{ field = "technologies", is = ["Shopify"] }', [["PHP", "shopify"]], [["Shopify Plus"], [], "shop"]),
        ('{ field = "description", contains = ["ink"] }', ["We sell ink.", "INK"], ["We drink", "linkid"]),
        ('{ field = "emails", contains = ["gmail.com"] }', [["a@gmail.com"]], [["a@gmail.company"], ["gmail@a.example"]]),
        (
            '{ field = "employees", between = [11, 200] }',
            [11, "11-50", "150", "about 20", 200],
            [10, "1-10", "201+", "many", None],
        ),
        ('{ field = "hiring", at_least = 2 }', [2, 5, "2"], [1, True, 0, None]),
        ('{ field = "hiring", at_least = 1 }', [1, True], [0, False]),
        ('{ field = "people", at_least = 2 }', [["a", "b"]], [["a"], []]),
        ('{ field = "emails", known = true }', [["a@b"], "x"], [[], "", None]),
        ('{ field = "emails", known = false }', [[], "", None], [["a@b"]]),
        ('{ field = "mx", within_days = 30 }', [fact("x", 30), fact("x", -1)], [fact("x", 30.1)]),
        ('{ field = "any", within_days = 30 }', [fact("x", 29)], [fact("x", 31)]),
        (
            '{ field = "news", dated_within_days = 30 }',
            [["2025-01-01 old", "2026-02-01 new"], "2026-02-20"],
            [["2025-01-01 old"], ["no date"], "2026-99-99", 7],
        ),
        ('{ field = "tags", is = ["hot"] }', [], ["x"]),
        ('[{ field = "mx", known = true }, { field = "mx", within_days = 1 }]', ["x"], [fact("x", 2), None]),
    ],
)
def test_a_condition_holds_or_not(when: str, holds: list[Any], fails: list[Any]) -> None:
    text, field = rule(when), when.split('field = "')[1].split('"')[0]
    name = "mx" if field == "any" else field
    for value, wanted in [*((one, 1) for one in holds), *((one, 0) for one in fails)]:
        found = score(text, company(**{name: value}))
        assert len(found.points) == wanted, value
        assert found.total == 100 * wanted


def test_a_field_that_is_not_there_fails_and_known_false_holds_for_it() -> None:
    assert not score(rule('{ field = "mx", within_days = 30 }'), company()).points
    [points] = score(rule('{ field = "mx", known = false }'), company()).points
    assert (points.reason, points.evidence) == ("no MX known", ())


def test_tags_and_the_record_itself_can_be_asked_for() -> None:
    hot = company(("hot",))
    assert score(rule('{ field = "tags", is = ["hot"] }'), hot).total == 100
    assert score(rule('{ field = "domain", is = ["a.example"] }'), hot).total == 100
    young = rule('{ field = "any", within_days = 30 }') + rule('{ field = "tags", is = ["hot"] }', part="intent")
    assert score(young, company(("hot",), mx=fact("x", 60))).parts["fit"] == 0  # a tag is no fact that somebody looked at


def test_points_have_a_reason_and_the_pages_that_show_it() -> None:
    text = rule('[{ field = "technologies", is = ["Shopify"] }, { field = "employees", between = [1, 90] }]', 7) + rule(
        '{ field = "emails", known = true }', 5, part="reachability"
    )
    one = company(
        technologies=fact(["PHP", "Shopify"], source="https://a.example/"),
        employees=fact("11-50", source="typed"),
        emails=["x@a.example"],
    )
    first, second = score(text, one).points
    assert first.reason == "technologies: Shopify; employees: 11-50" and first.evidence == ("https://a.example/", "typed")
    assert (second.reason, second.evidence, second.points, second.most) == ("emails: x@a.example", (PAGE,), 5, 5)


def test_either_condition_is_enough_and_the_one_that_held_is_named() -> None:
    either = 'either = [{ field = "social", known = true }, { field = "phones", known = true }]'
    text = f'[[rules]]\nname = "x"\npart = "fit"\npoints = 1\n{either}'
    assert not score(text, company()).points
    assert score(text, company(phones=["+43"])).points[0].reason == "phones: +43"
    assert score(text, company(phones=["+43"], social=["s"])).points[0].reason == "social: s"


def test_each_counts_up_to_its_most_and_both_ways() -> None:
    text = rule('{ field = "hiring", at_least = 1 }', 3, "each = true\nmost = 10")
    given = [score(text, company(hiring=value)).points[0].points for value in (1, 2, 3, 4, 500, True)]
    assert given == [3, 6, 9, 10, 10, 3]
    less = rule('{ field = "people", at_least = 1 }', -3, "each = true\nmost = -7") + rule('{ field = "mx", known = true }', 20)
    assert score(less, company(mx="x", people=["a", "b", "c"])).total == 65


def test_what_fades_is_less_by_the_day_and_never_below_nothing() -> None:
    text = rule('{ field = "any", within_days = 100 }', 10, "fades = true")
    given = [score(text, company(mx=fact("x", days))).total for days in (0, 25, 99, 101, -5)]
    assert given == [100, 75, 1, 0, 100]
    dated = rule('{ field = "news", dated_within_days = 100 }', 10, "fades = true")
    assert score(dated, company(news=["2026-02-09 x"])).points[0].points == pytest.approx(8, abs=0.1)


def test_parts_are_bounded_and_weighed() -> None:
    text = (
        "[parts.fit]\nweight = 3\nfull = 10\n[parts.intent]\nweight = 1\n"
        + rule('{ field = "mx", known = true }', 25)
        + rule('{ field = "phones", known = true }', -50)
        + rule('{ field = "hiring", known = true }', 5, part="intent")
    )
    assert score(text, company(mx="x")).total == 75
    assert score(text, company(mx="x", hiring=1)).total == 100
    both = score(text, company(mx="x", hiring=1, phones=["1"]))
    assert (both.total, both.parts) == (25, {"fit": 0, "intent": 100, "reachability": 0, "freshness": 0})


def slow_holds(condition: Condition, facts: dict[str, Fact], now_ms: int) -> bool:
    """A condition as its words say it, without any of what makes it fast."""
    if condition.field == "any":
        return any(now_ms - one.at_ms <= (condition.within_days or 0) * DAY_MS for one in facts.values())
    fact = facts.get(condition.field)
    if not condition.known:
        return fact is None or not fact.value
    if fact is None:
        return False
    texts = fact.value if isinstance(fact.value, list) else [fact.value]
    number = len(fact.value) if isinstance(fact.value, list) else fact.value if isinstance(fact.value, int) else None
    asked = condition
    return all(
        (
            asked.is_ == () or any(values.folded(str(one)) in map(values.folded, asked.is_) for one in texts),
            asked.between is None or (number is not None and asked.between[0] <= number <= asked.between[1]),
            asked.at_least is None or (number is not None and number >= asked.at_least),
            asked.within_days is None or now_ms - fact.at_ms <= asked.within_days * DAY_MS,
            bool(fact.value) or bool(asked.is_ or asked.between or asked.at_least is not None or asked.within_days),
        )
    )


def slow_total(model: Model, facts: dict[str, Fact], now_ms: int) -> float:
    total = weights = 0.0
    for name in PARTS:
        part = model.parts[name]
        rules = [one for one in model.rules if one.part == name]
        got = sum(one.points for one in rules if all(slow_holds(each, facts, now_ms) for each in one.when))
        weights += part.weight
        total += part.weight * min(1, max(0, got / (part.full or 1)))
    return round(100 * total / weights, 1)


LEVEL = """
[parts.fit]
weight = 2
full = 20
""" + "".join(
    rule(when, points, part=part)
    for when, points, part in (
        ('{ field = "industry", is = ["software", "retail"] }', 15, "fit"),
        ('[{ field = "industry", known = true }, { field = "hiring", at_least = 2 }]', 12.5, "fit"),
        ('{ field = "hiring", between = [1, 3], within_days = 10 }', -4, "fit"),
        ('{ field = "emails", known = true }', 3, "reachability"),
        ('{ field = "emails", known = false }', -2, "reachability"),
        ('{ field = "emails", at_least = 2 }', 2, "reachability"),
        ('{ field = "any", within_days = 5 }', 1, "freshness"),
    )
)
VALUES = st.one_of(
    st.sampled_from(["Software", "retail", "mining", "", 0, 1, 2, 3, 4, True]),
    st.lists(st.sampled_from(["Retail", "x"]), max_size=3),
)
FACTS = st.dictionaries(
    st.sampled_from(["industry", "hiring", "emails", "mx"]), st.tuples(VALUES, st.floats(-1, 20)).map(lambda pair: fact(*pair))
)


@hypothesis.settings(max_examples=60)
@hypothesis.given(FACTS)
def test_a_slow_reading_of_the_model_gives_the_same_total(facts: dict[str, Fact]) -> None:
    model = model_text.parse(LEVEL)
    scorer, one = scoring.scorer(model), Company(id="co_1", facts=facts)
    found = scorer.score(one, NOW_MS)
    assert found.total == slow_total(model, facts, NOW_MS) == scorer.totals(scorer.sums(one, NOW_MS))[0]
    given = {part: sum(each.points for each in found.points if each.part == part) for part in PARTS}
    assert list(given.values()) == scorer.sums(one, NOW_MS)
    assert all(each.reason and each.points <= max(each.most, 0) for each in found.points if each.points > 0)
    assert timedelta(milliseconds=found.at_ms) == timedelta(milliseconds=NOW_MS)
