"""Keywords as they are stored: added once, found again, put to rest, removed without a trace."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
from errors import DataError, LostClaim, NotFound
from state.engine import dedup
from state.store import connection, keys
from state.tracking import keywords, outcomes, projects
from tests.state import DAY, NOON, audit, due_in, project, ranked, tick, tracked, words

P = "p"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def names_of(store: Any, pattern: str) -> list[str]:
    return sorted(key.decode() for key in store.scan_iter(pattern))


def test_adding_again_changes_nothing_and_says_so() -> None:
    project()
    assert keywords.add_many(P, ["a", "b", "a"]) == (2, 1)
    assert keywords.add_many(P, ["b", "c"]) == (1, 1)
    assert len(due_in(P)) == 3
    audit()


def test_many_keywords_are_added_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "CHUNK", 7)
    assert len(tracked(50)) == 50 and len(due_in(P)) == 50


def test_a_keyword_for_an_unknown_project_is_refused() -> None:
    with pytest.raises(NotFound, match="project add"):
        keywords.add_many("nosuch", ["a"])


def test_two_texts_with_one_id_are_refused_before_anything_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    project()
    monkeypatch.setattr(keywords, "id_of", lambda project_id, text: f"id-{text[0]}")
    keywords.add_many(P, ["apple"])
    with pytest.raises(DataError, match="'avocado'"):
        keywords.add_many(P, ["banana", "avocado"])
    assert set(due_in(P)) == {"id-a"}


def test_the_same_text_in_two_projects_is_two_keywords() -> None:
    assert keywords.id_of("a", "shoes") != keywords.id_of("b", "shoes")
    assert keywords.id_of("a", "bc") != keywords.id_of("ab", "c")


def test_a_keyword_reads_back_and_a_missing_one_says_what_to_do() -> None:
    [word] = tracked()
    keyword = keywords.get(word)
    assert (keyword.text, keyword.project_id, keyword.due_at, keyword.scraped_at, keyword.failures) == (
        "word 0",
        P,
        None,
        None,
        0,
    )
    assert keywords.find_many([word, "nosuch"]) == [keyword, None]
    with pytest.raises(NotFound, match="keyword list"):
        keywords.get("nosuch")


def test_resting_keywords_are_told_apart() -> None:
    first, second = tracked(2)
    keywords.set_archived(second, True)
    assert list(keywords.ids_of(P)) == [first] and list(keywords.ids_of(P, archived=True)) == [second]
    assert sorted(keywords.ids_of(P, archived=None)) == sorted([first, second])
    assert keywords.get(second).archived and keywords.next_due(second) is None
    assert {keyword.id for keyword in keywords.in_project(P, archived=None)} == {first, second}


def test_a_keyword_that_wakes_has_the_due_time_it_had() -> None:
    [word] = tracked()
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    assert keywords.set_archived(word, True) and not keywords.set_archived(word, True)
    assert keywords.set_archived(word, False) and not keywords.set_archived(word, False)
    assert keywords.next_due(word) == NOON + DAY
    audit()


def test_a_removed_keyword_leaves_nothing(store: Any) -> None:
    kept, gone = tracked(2)
    for word in (kept, gone):
        outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
        outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("failed", again_in_s=5, error={"message": "x"}))
    assert keywords.remove(P, [gone, "nosuch"]) == 1
    assert names_of(store, f"*{gone}*") == []
    assert set(due_in(P)) == {kept} and keywords.failed_count() == 1
    audit()


def test_the_last_error_is_kept_for_30_days_and_gone_after_a_good_check() -> None:
    [word] = tracked()
    error = {"category": "network", "message": "timed out", "job": "j"}
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("failed", again_in_s=60, error=error))
    assert keywords.last_error(word) == {**error, "at": "2026-03-01T12:00:00+00:00"}
    assert 0 < connection.client().ttl(keys.last_error(word)) <= 30 * 86400
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    assert keywords.last_error(word) is None and keywords.failed_count() == 0


def test_an_outcome_without_the_claim_is_refused_and_changes_nothing(store: Any) -> None:
    [word] = tracked()
    tick()
    before = {name: store.dump(name) for name in names_of(store, "*")}
    for owner in ("somebody", "serp-x-y"):
        with pytest.raises(LostClaim, match="refused"):
            outcomes.finish(keywords.get(word), owner, DAY, outcomes.CheckOutcome("read", ranked()))
    assert {name: store.dump(name) for name in names_of(store, "*")} == before


def test_an_outcome_sent_a_second_time_changes_nothing(store: Any) -> None:
    [word] = tracked()
    tick()
    [claim] = dedup.held()
    outcomes.finish(keywords.get(word), claim.job_id, DAY, outcomes.CheckOutcome("read", ranked()))
    before = {name: store.dump(name) for name in names_of(store, "trawl:*")}
    with pytest.raises(LostClaim):
        outcomes.finish(keywords.get(word), claim.job_id, DAY, outcomes.CheckOutcome("read", ranked()))
    assert {name: store.dump(name) for name in names_of(store, "trawl:*")} == before


def test_a_keyword_whose_project_is_gone_brings_nothing_of_it_back(store: Any) -> None:
    [word] = tracked()
    store.delete(keys.project(P), keys.due(P))
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    assert not store.exists(keys.due(P)) and not store.zscore(keys.RING, P)


def test_a_reparsed_rank_touches_neither_due_time_nor_claim() -> None:
    [word] = tracked()
    tick()
    before = due_in(P), keywords.get(word), dedup.count()
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("reparsed", ranked()))
    assert (due_in(P), keywords.get(word), dedup.count()) == before


@pytest.mark.parametrize(
    ("late", "next_after"),
    [
        (timedelta(0), DAY),
        (timedelta(hours=23, minutes=59, seconds=59), DAY),
        (DAY, 2 * DAY),
        (DAY + timedelta(seconds=1), 2 * DAY),
        (10 * DAY + timedelta(hours=5), 11 * DAY),
    ],
)
def test_the_next_slot_is_the_first_of_the_grid_that_lies_ahead(late: timedelta, next_after: timedelta) -> None:
    [word] = tracked()
    with clock.frozen(NOON - DAY):
        outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    clock.advance(late)
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    assert keywords.next_due(word) == NOON + next_after


@pytest.mark.real_redis
def test_a_keyword_is_small_enough_for_the_compact_encoding(store: Any) -> None:
    project()
    keywords.add_many(P, ["best running shoes for flat feet women"])
    [word] = keywords.ids_of(P)
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    assert store.object("encoding", keys.keyword(word)) in (b"listpack", b"ziplist")


def test_keywords_are_counted_per_project() -> None:
    tracked(3)
    words(project("q").id, 2)
    tick(4)
    counts = projects.counts(["p", "q"])
    assert [counts[name][0] for name in ("p", "q")] == [3, 2] and sum(due for _, due in counts.values()) == 1
    for name in ("p", "q"):
        for late_s in (0, 3600):
            assert projects.standing(name, late_s) == (*counts[name], projects.late([name], late_s)[name])
