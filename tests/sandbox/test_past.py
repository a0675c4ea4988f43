"""The past that the demo invents: marked, with gaps and failures, in step with what the sandbox itself answers."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
import config
import models
from sandbox import past, rankings
from sandbox.server import Sandbox
from state.tracking import details, history, keywords, outcomes, projects, serp_summaries
from tests.state import DAY, NOON, TODAY, ranked, tracked
from topics.tracking import check, notes

WORLD = past.World(7, ("example.com",), 0.0)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_every_rank_is_marked_and_there_are_gaps_and_failures() -> None:
    found = tracked(60)
    assert past.write(["p"], WORLD) > 60 * 20
    ranks = history.of_many(found)
    assert all(rank.sandbox and rank.day < TODAY for one in ranks for rank in one)
    states = Counter(rank.state for one in ranks for rank in one)
    assert states[models.RankState.RANKED] > states[models.RankState.NOT_FOUND] > states[models.RankState.UNKNOWN] > 0
    days = {rank.day for rank in ranks[0]}
    assert 2 <= past.DAYS - len(days) <= 4, "days on which nobody checked"
    for seen in serp_summaries.of_many(found):
        assert all(one.sandbox and one.hosts and one.features for one in seen)
    known = [rank for rank in ranks[0] if rank.state is not models.RankState.UNKNOWN]
    assert [one.day for one in serp_summaries.of_many(found)[0]] == [rank.day for rank in reversed(known)]


def test_it_is_what_a_check_of_that_day_would_have_read() -> None:
    [word] = tracked(depth=30)
    past.write(["p"], WORLD)
    for rank in [one for one in history.of(word) if one.state is not models.RankState.UNKNOWN][:5]:
        with Sandbox(seed=7, domains=("example.com",), opaque=0) as sandbox, clock.frozen(NOON - (TODAY - rank.day)):
            assert _checked(word, sandbox.url) == rank


def _checked(word: str, url: str) -> models.Rank:
    with config.overridden(sandbox_url=url):
        check.tools.cache_clear()
        return check.Check(keywords.get(word), projects.get("p"), check.tools(), contextlib.nullcontext).run()


def test_a_second_time_nothing_changes_and_a_rank_that_is_there_stays() -> None:
    [word] = tracked()
    real = ranked(99, day=TODAY - timedelta(days=3))
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("reparsed", real))
    past.write(["p"], WORLD)
    before, texts = history.of(word), notes.of("p")
    assert real in before
    assert past.write(["p"], WORLD) == 0
    assert (history.of(word), notes.of("p")) == (before, texts) and len(texts) == len(past.NOTES)


def test_stopped_halfway_the_next_call_writes_the_rest() -> None:
    found, calls = tracked(10), iter([False] * 4)
    first = past.write(["p"], WORLD, stopped=lambda: next(calls, True))
    assert sum(bool(one) for one in history.of_many(found)) == 4
    second = past.write(["p"], WORLD)
    assert all(history.of_many(found)) and first and second and past.write(["p"], WORLD) == 0


def test_volumes_and_tags_are_invented_only_where_there_are_none() -> None:
    first, second = tracked(2)
    details.write_many("p", {first: details.Details(volume=5)})
    past.write(["p"], WORLD)
    assert keywords.get(first).volume == 5 and (keywords.get(second).volume or 0) >= 30


def test_a_keyword_for_which_nothing_is_found_has_no_results_in_the_past_either() -> None:
    [word] = tracked()
    past.write(["p"], past.World(7, ("example.com",), 1.0))
    assert {(rank.rank, rank.scanned) for rank in history.of(word)} == {(None, 0)}
    assert rankings.roll(7, "nothing", "word 0") < 1
