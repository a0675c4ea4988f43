"""A project that is changed keeps its history, says what changed, and gives its keywords new due times."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

import clock
from errors import ArgumentError, NotFound
from state.store import connection, keys
from state.tracking import arming, keywords, outcomes
from state.tracking import projects as stored
from tests.state import DAY, NOON, audit, due_in, job_of, pop, project, ranked, scraped, tick, tracked, words
from topics.tracking import days, projects

P = "p"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def due(word: str) -> datetime:
    found = keywords.next_due(word)
    assert found and keywords.get(word).due_at == found
    return found


def test_a_change_is_stored_kept_and_told_once() -> None:
    project(P)
    assert [str(one) for one in projects.change(P, {"country": "DE", "language": "de", "depth": 30})[0]] == [
        "country us → de", "language en → de", "depth 10 → 30"]  # fmt: skip
    clock.advance(HOUR)
    changed, _ = projects.change(P, {"country": "de", "depth": 20, "location": "Köln, Germany"})

    assert [str(one) for one in changed] == ["depth 30 → 20", "location none → Köln,Germany"]
    found = stored.get(P)
    assert (found.country, found.language, found.depth, found.location) == ("de", "de", 20, "Köln,Germany")
    told = stored.changes(P)
    assert [one.name for one in told] == ["country", "language", "depth", "depth", "location"] and told[-1].at == NOON + HOUR


def test_every_setting_can_be_changed_and_taken_back() -> None:
    project(P)
    values: dict[str, Any] = {"name": "Shop", "weight": 2.0, "country": "uk", "language": "es-419", "device": "mobile",
                              "depth": 100, "every_h": 48.0, "zone": "Asia/Tokyo", "hour": 6, "location": "A,B"}  # fmt: skip
    projects.change(P, values)
    found = stored.get(P)
    assert {name: getattr(found, name) for name in values} == values
    audit()
    projects.change(P, {"hour": None, "location": None, "weight": 1})
    assert (stored.get(P).hour, stored.get(P).location, stored.get(P).weight) == (None, None, 1)
    assert [str(one) for one in stored.changes(P)[-3:]] == [
        "weight 2 → 1", "hour 6 → none", "location A,B → none"]  # fmt: skip
    audit()


def test_a_project_of_an_older_version_is_changed_like_any_other() -> None:
    connection.client().hset(keys.project("old"), mapping={"domain": "a.com", "folder": "a.com", "active": "1"})
    assert projects.change("old", {"zone": "UTC", "country": "us", "every_h": 24})[0] == []
    assert [str(one) for one in projects.change("old", {"zone": "Europe/Paris", "depth": 20})[0]] == [
        "depth 10 → 20", "zone UTC → Europe/Paris"]  # fmt: skip


def test_the_oldest_changes_go_first() -> None:
    project(P)
    for number in range(130):
        projects.change(P, {"name": f"name {number}"})
    told = stored.changes(P)
    assert len(told) == stored.CHANGES_KEPT == 100 and told[-1].after == "name 129"


@pytest.mark.parametrize(
    "values",
    [{"country": "xx"}, {"language": "jp"}, {"depth": 15}, {"weight": 0}, {"device": "tv"}, {"every_h": 8785}, {"zone": "Berlin"},
     {"hour": 24}, {"hour": 6, "every_h": 5}, {"location": "Austin"}, {"name": " "},
     {"name": "a\x1b[0m"}, {"depth": 20, "country": "?"}],
)  # fmt: skip
def test_one_wrong_value_changes_nothing(values: dict[str, Any]) -> None:
    before = project(P)
    with pytest.raises(ArgumentError, match="--"):
        projects.change(P, values)
    assert stored.get(P) == before and stored.changes(P) == []
    with pytest.raises(NotFound):
        projects.change("nosuch", {"depth": 20})


def test_hours_that_do_not_go_with_the_hour_that_is_set_are_refused() -> None:
    project(P, hour=6)
    with pytest.raises(ArgumentError, match="--hour 6"):
        projects.change(P, {"every_h": 5})
    projects.change(P, {"every_h": 5, "hour": None})
    with pytest.raises(ArgumentError, match="--hour 6"):
        projects.change(P, {"hour": 6})


def test_another_interval_goes_on_from_the_last_slot() -> None:
    fresh, new, old = tracked(3)
    scraped(fresh, 2 * HOUR)
    scraped(old, 5 * HOUR)
    assert projects.change(P, {"every_h": 3.0})[1] == 2
    assert (due(fresh), due(old)) == (NOON + HOUR, NOON - 2 * HOUR) and due_in(P)[new] == 0
    audit()
    assert projects.change(P, {"every_h": 48.0})[1] == 2
    assert (due(fresh), due(old)) == (NOON + 46 * HOUR, NOON + 43 * HOUR)
    audit()


def test_a_check_that_was_late_keeps_its_slot() -> None:
    [word] = tracked()
    scraped(word, DAY)
    clock.advance(timedelta(minutes=7))
    scraped(word, timedelta(0))  # due at noon, checked seven minutes later
    projects.change(P, {"every_h": 12.0})
    assert due(word) == NOON + 12 * HOUR
    projects.change(P, {"every_h": 48.0})
    assert due(word) == NOON + 48 * HOUR


def test_an_hour_is_due_on_the_next_day_of_the_zone() -> None:
    first, second = tracked(2)
    scraped(first, 2 * HOUR)  # 10:00 UTC, 19:00 in Tokyo
    scraped(second, HOUR * 20)  # 16:00 UTC the day before, 01:00 of the same day in Tokyo
    projects.change(P, {"hour": 6, "zone": "Asia/Tokyo"})
    assert due(first) == due(second) == datetime.fromisoformat("2026-03-01T21:00+00:00")
    projects.change(P, {"zone": "UTC"})
    assert due(first) == datetime.fromisoformat("2026-03-02T06:00+00:00")
    assert due(second) == datetime.fromisoformat("2026-03-01T06:00+00:00"), "checked on the day before: due by now"
    audit()


def test_hours_taken_back_and_forth_end_where_they_began() -> None:
    [word] = tracked()
    scraped(word, 2 * HOUR)
    for values in ({"every_h": 168.0}, {"every_h": 24.0, "hour": 6}, {"every_h": 168.0}, {"every_h": 24.0, "hour": None}):
        projects.change(P, values)
    assert due(word) == NOON + 22 * HOUR


@pytest.mark.parametrize("former", [{}, {"every_h": 168.0}, {"hour": 3}, {"every_h": 6.0}])
@pytest.mark.parametrize(
    "values", [{"every_h": 48.0}, {"hour": 6, "every_h": 24.0}, {"hour": 6, "every_h": 168.0}, {"every_h": 12.0}]
)
def test_arming_twice_gives_the_same_times(former: dict[str, Any], values: dict[str, Any]) -> None:
    [word] = tracked(**former)
    scraped(word, 2 * HOUR)
    projects.change(P, values)
    first = keywords.get(word).due_at
    assert first and first > NOON - DAY
    connection.client().hset(keys.project(P), arming.MARK, 0 if "hour" in former else former.get("every_h", 24.0))
    days.rearm(stored.get(P))
    assert keywords.get(word).due_at == first


def test_a_change_killed_in_the_middle_is_finished_when_it_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "CHUNK", 3)
    every = tracked(10)
    for word in every:
        scraped(word, 2 * HOUR)

    def killed(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        projects.change(P, {"every_h": 12.0}, killed)
    audit()
    assert 0 < sum(due(word) == NOON + 10 * HOUR for word in every) < 10
    assert projects.change(P, {"every_h": 12.0})[0] == [] and {due(word) for word in every} == {NOON + 10 * HOUR}
    assert projects.change(P, {"every_h": 12.0}) == ([], 0) and arming.former_interval(P) is None
    assert len(stored.changes(P)) == 1


def test_what_is_being_checked_is_armed_by_its_outcome_and_retries_stay() -> None:
    busy, failing, rests = tracked(3)
    for word in (busy, failing, rests):
        scraped(word, DAY)
    keywords.set_archived(rests, True)
    tick(1)
    [held] = [word for word in (busy, failing) if not keywords.next_due(word)]
    [failed] = {busy, failing} - {held}
    outcomes.finish(keywords.get(failed), None, DAY, outcomes.CheckOutcome("failed", None, 300, error={}))
    projects.change(P, {"every_h": 8760.0})

    assert not keywords.next_due(held) and keywords.next_due(failed) == NOON + timedelta(minutes=5)
    assert keywords.get(rests).due_at == NOON - DAY + timedelta(hours=8760)
    outcomes.finish(keywords.get(held), job_of(held), timedelta(hours=8760), outcomes.CheckOutcome("read", ranked()))
    pop()
    assert keywords.next_due(held) == NOON - DAY + timedelta(hours=8760)
    audit()


def test_a_keyword_checked_while_the_change_runs_keeps_what_the_check_gave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    scraped(word, DAY)
    read = keywords.find_many

    def checked_meanwhile(ids: Any) -> Any:
        found = read(ids)
        monkeypatch.setattr(keywords, "find_many", read)
        outcomes.finish(keywords.get(word), None, timedelta(hours=6), outcomes.CheckOutcome("read", ranked()))
        return found

    monkeypatch.setattr(keywords, "find_many", checked_meanwhile)
    assert projects.change(P, {"every_h": 6.0})[1] == 0 and due(word) == NOON + 6 * HOUR


def test_a_new_interval_leaves_other_projects_alone() -> None:
    [word] = tracked()
    scraped(word, HOUR)
    [other] = words(project("q").id, 1)
    scraped(other, HOUR)
    before = due(other)
    projects.change(P, {"every_h": 2.0})
    assert due(other) == before and days.rearm(stored.get("q")) == 0
    audit([P, "q"])
