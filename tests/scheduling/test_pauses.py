"""A paused entry of the schedule is not queued; when it goes on, its rule for missed occurrences decides."""

from datetime import timedelta
from typing import Any

import pytest

import clock
from scheduling import loop
from state.engine import pauses
from state.store import keys
from tests.scheduling import MINUTE, counts, dues, dumped, entries, every, occurrences, registered
from tests.state import NOON
from topics.operations import pauses as by_hand
from topics.operations import schedule, stops

SCOPE = "schedule:often"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.frozen(NOON):
        yield


def paused(missed: str = "one") -> loop.Scheduler:
    """An entry every minute, paused at noon for an hour after its first run; five minutes pass."""
    made = registered(every(60, missed=missed))
    made.enqueue_jobs()
    pauses.put(SCOPE, "r", "ada", NOON + timedelta(hours=1))
    clock.advance(5 * MINUTE)
    return made


def test_a_paused_entry_stays_due_as_it_is_and_is_looked_at_soon_again(store: Any) -> None:
    made = paused()
    before = dumped(store)
    assert made.enqueue_jobs() <= loop.POLL_S
    assert dues() == [0] and dumped(store) == before
    assert [row["state"] for row in schedule.every()] == ["paused"]
    assert "scheduler late" not in {stop.name for stop in stops.every()}


@pytest.mark.parametrize("missed,expected", [("skip", [0]), ("one", [0, 1200]), ("all", [0, 600, 1200])])
def test_what_was_due_in_the_pause_follows_the_rule_for_missed_occurrences(missed: str, expected: list[int]) -> None:
    made = registered(every(600, missed=missed))
    made.enqueue_jobs()
    pauses.put(SCOPE, "r", "ada")
    clock.advance(25 * MINUTE)
    made.enqueue_jobs()
    assert dues() == [0]
    pauses.remove(SCOPE)
    made.enqueue_jobs()
    assert dues() == expected


def test_it_goes_on_by_itself_when_the_time_of_the_pause_is_over() -> None:
    made = paused()
    clock.advance(timedelta(minutes=54, seconds=59))
    made.enqueue_jobs()
    assert dues() == [0]
    clock.advance(timedelta(seconds=1))
    made.enqueue_jobs()
    assert dues() == [0, 3600] and counts()["missed"] == 59


def test_who_resumes_it_by_hand_waits_for_no_scheduler() -> None:
    paused()
    by_hand.resume(SCOPE)
    assert dues() == [0, 300]
    assert entries()["schedule-often"] > clock.now().timestamp()


def test_a_paused_entry_holds_up_no_other_and_runs_by_hand(store: Any) -> None:
    made = registered(every(60), every(60, name="other"))
    pauses.put(SCOPE, "r", "ada")
    made.enqueue_jobs()
    assert [name.rpartition("-")[0] for name in occurrences()] == ["schedule-other"]
    assert schedule.run("often").is_queued
    store.delete(keys.PAUSES)


def test_more_paused_entries_than_one_look_holds_hold_up_no_other() -> None:
    made = registered(*(every(60, name=f"e{number}") for number in range(loop.PAGE + 5)), every(61, name="z"))
    for number in range(loop.PAGE + 5):
        pauses.put(f"schedule:e{number}", "r", "ada", NOON + timedelta(hours=1))
    made.enqueue_jobs()
    assert [name.rpartition("-")[0] for name in occurrences()] == ["schedule-z"]
