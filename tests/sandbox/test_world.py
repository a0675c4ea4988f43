"""Who ranks where in the sandbox: the same for the same question, near it the day after."""

import itertools
from datetime import timedelta

import pytest

import clock
import models
from parsing import serp as parsing_serp
from sandbox import source
from tests.sandbox.conftest import TODAY
from tests.sandbox.stage import asked, invented, running


def _rank(world: source.Invented, text: str, host: str, **query: str) -> int | None:
    for start in range(0, 100, 10):
        for row in world.rows(asked(text, start, **query)):
            if host in row["link"]:
                return start + int(row["position"])
    return None


def test_the_same_question_has_the_same_answer_and_another_seed_another() -> None:
    question = asked("best running shoes")

    assert invented().page(question, opaque=True) == invented().page(question, opaque=True)
    assert invented(seed=1).rows(question) != invented(seed=2).rows(question)


def test_a_rank_moves_a_little_from_day_to_day_and_never_jumps() -> None:
    world = invented()
    moves = []
    for number in range(20):
        ranks = []
        for day in range(20):
            with clock.frozen(TODAY + timedelta(days=day)):
                ranks.append(_rank(world, f"keyword {number}", "example.com"))
        assert len({rank is None for rank in ranks}) == 1  # it ranks on all days or on none
        moves += [abs(after - before) for before, after in itertools.pairwise(ranks) if before and after]
    assert 0 < sum(moves) / len(moves) < 1
    assert max(moves) <= 5


def test_a_named_domain_ranks_for_most_keywords_and_mostly_on_the_first_page() -> None:
    ranks = [_rank(invented(domains=("mine.example",)), f"keyword {number}", "mine.example") for number in range(100)]

    assert sum(rank is not None for rank in ranks) >= 85
    assert sum(rank is not None and rank <= 10 for rank in ranks) >= 50
    assert None in ranks


def test_naming_another_domain_reshuffles_nothing() -> None:
    question = asked("best running shoes")
    before = [row["link"] for row in invented(domains=("a.example",)).rows(question)]
    after = [row["link"] for row in invented(domains=("b.example", "a.example")).rows(question) if "b.example" not in row["link"]]

    assert after == before[: len(after)]


def test_countries_and_devices_differ_a_little() -> None:
    here = [row["link"] for row in invented().rows(asked("coffee"))]
    for other in ({"country": "de"}, {"language": "fr"}, {"device": "mobile"}):
        there = [row["link"] for row in invented().rows(asked("coffee", **other))]
        assert there != here and len(set(here) & set(there)) >= 5


def test_pages_follow_each_other_without_overlap_until_google_finds_nothing_more() -> None:
    with running(opaque=0) as (_, provider):
        links: list[str | None] = []
        for start in range(0, 110, 10):
            page = parsing_serp.parse(provider.page(models.SerpQuery("coffee"), start=start).body)
            if page.page_class is models.PageClass.NO_RESULTS:
                break
            links += [row.url for row in page.organic]
        else:
            pytest.fail("there was always another page")
    assert 35 <= len(links) == len(set(links)) <= 90
