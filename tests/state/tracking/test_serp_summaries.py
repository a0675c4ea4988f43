"""What the checks of a keyword saw: it reads back as it was put in, stays small, and goes with the keyword."""

import random
from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

import config
import models
from errors import LostClaim
from parsing import serp_features, serp_json
from state.store import connection
from state.tracking import keys, keywords, outcomes, serp_summaries
from state.tracking.serp_summaries import FEATURES, Summary
from tests.state import DAY, TODAY, ranked, tracked

domains = st.text(st.characters(exclude_characters="\n\0", codec="utf-8"), min_size=1, max_size=30)


@st.composite
def summaries(draw: st.DrawFn, day: date | None = None) -> Summary:
    shown = draw(st.lists(st.none() | domains, max_size=20))
    ours = draw(st.lists(st.tuples(st.just("") | domains, st.integers(1, 255)), max_size=8, unique_by=lambda own: own[1]))
    return Summary(
        day or draw(st.dates(date(2020, 1, 1), date(2199, 1, 1))),
        tuple((domain, rank) for rank, domain in enumerate(shown, 1) if domain),
        frozenset(draw(st.sets(st.sampled_from(FEATURES)))),
        tuple(sorted(ours, key=lambda own: own[1])),
        draw(st.integers(0, 255)),
        cited=draw(st.booleans()),
        sandbox=draw(st.booleans()),
        sourced=draw(st.booleans()),
    )


def record(word: str, *seen: Summary) -> list[Summary]:
    """Store summaries in this order; what is kept afterwards, newest first."""
    for one in seen:
        outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("reparsed", ranked(day=one.day), serp=one))
    [kept] = serp_summaries.of_many([word])
    return kept


def on(day: int, *hosts: str, **fields: object) -> Summary:
    return Summary(
        TODAY + timedelta(days=day), tuple((host, rank) for rank, host in enumerate(hosts, 1)), frozenset({"general"}), **fields
    )  # type: ignore[arg-type]


@given(st.lists(summaries(), max_size=8, unique_by=lambda one: one.day))
def test_what_is_packed_reads_back_newest_first(seen: list[Summary]) -> None:
    assert serp_summaries.unpack(serp_summaries.pack(seen)) == sorted(seen, key=lambda one: one.day, reverse=True)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(summaries(), min_size=1, max_size=8, unique_by=lambda one: one.day))
def test_days_stored_in_any_order_are_kept_newest_first(seen: list[Summary]) -> None:
    connection.client().flushall()
    [word] = tracked()
    expected = sorted(seen, key=lambda one: one.day, reverse=True)
    assert record(word, *seen) == expected
    assert connection.client().get(keys.serps(word)) == serp_summaries.pack(expected), "no byte more than what is kept needs"


def test_the_last_check_of_a_day_stands() -> None:
    [word] = tracked()
    assert record(word, on(0, "a.test"), on(1, "b.test"), on(0, "c.test")) == [on(1, "b.test"), on(0, "c.test")]


def test_the_oldest_days_go() -> None:
    [word] = tracked()
    with config.overridden(serp_summary_days=3):
        kept = record(word, *(on(day, f"{day}.test") for day in range(5)))
        assert [one.day for one in kept] == [TODAY + timedelta(days=day) for day in (4, 3, 2)]
        assert b"0.test" not in connection.client().get(keys.serps(word))
        assert len(record(word, on(-9, "late.test"))) == 3, "a day that comes too late takes no other's place"


def test_where_the_domains_have_no_room_the_oldest_days_go_and_the_newest_stays_whole() -> None:
    [word] = tracked()
    seen = [on(day, *(f"{day}-{rank}.test" for rank in range(20))) for day in range(15)]
    assert record(word, *seen) == seen[:-13:-1], "12 days of 20 texts, of the 254 that have a number"


def test_nothing_is_kept_where_the_setting_says_so() -> None:
    [word] = tracked()
    with config.overridden(serp_summary_days=0):
        assert record(word, on(0, "a.test")) == []


def test_a_check_that_failed_changes_nothing() -> None:
    [word] = tracked()
    record(word, on(0, "a.test"))
    unknown = models.Rank(TODAY, models.RankState.UNKNOWN, reason="captcha")
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("failed", unknown, error={}))
    assert serp_summaries.latest_of_many([word]) == [on(0, "a.test")]


def test_an_outcome_that_lost_its_claim_changes_nothing() -> None:
    [word] = tracked()
    with pytest.raises(LostClaim):
        outcomes.finish(keywords.get(word), "other", DAY, outcomes.CheckOutcome("read", ranked(), serp=on(0, "a.test")))
    assert serp_summaries.latest_of_many([word]) == [None]


def test_it_goes_with_the_keyword() -> None:
    [word] = tracked()
    record(word, on(0, "a.test"))
    keywords.remove("p", [word])
    assert not connection.client().exists(keys.serps(word))


def test_of_days_has_both_ends_oldest_first_and_latest_of_many_says_none_where_nothing_was_seen() -> None:
    first, second = tracked(2)
    record(first, *(on(day, "a.test") for day in range(5)))
    since, until = TODAY + timedelta(days=1), TODAY + timedelta(days=3)
    assert [one.day.day for one in serp_summaries.of_days(first, since, until)] == [2, 3, 4]
    assert serp_summaries.latest_of_many([second, first]) == [None, on(4, "a.test")]


def test_a_text_that_cannot_be_kept_leaves_its_rank_and_the_others() -> None:
    hostile = on(0, "a\nb.test", "c\0d", "e.test", ours=(("https://example.com/" + "x" * 600, 4), ("\ud800", 5)))
    [read] = serp_summaries.unpack(serp_summaries.pack([hostile]))
    assert read.hosts == (("e.test", 3),) and read.ours == (("", 4), ("?", 5))


def test_every_feature_that_a_parser_names_has_a_number() -> None:
    named = {"general", *serp_features.FEATURES, *serp_json.FEATURE_KEYS.values()}
    assert named <= set(FEATURES) and len(FEATURES) == len(set(FEATURES)) <= 32


def test_thirty_days_of_ten_results_take_less_than_a_kilobyte() -> None:
    [word] = tracked()
    shown, chance = [f"www-site-{number}.example" for number in range(14)], random.Random(1)
    ours = (("https://example.com/products/red-shoes", 4),)
    record(word, *(on(day, *chance.sample(shown, 10), ours=ours, scanned=10) for day in range(40)))
    assert connection.client().strlen(keys.serps(word)) < 1024
