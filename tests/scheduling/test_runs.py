"""The last runs of an entry are kept where they begin and where they end; and an entry is disabled with a note, for a time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import models
import queues
from errors import ArgumentError, NetworkError
from scheduling import loop
from scheduling.entries import Entry
from state.engine import schedule_records, schedule_runs, schedule_switches
from state.store import connection, keys
from tests.counting import asked
from tests.scheduling import MINUTE, TICK, dues, every, occurrences, registered
from tests.state import NOON
from topics.operations import jobs, schedule, stops
from worker import inline


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@queues.job(queue="low", timeout_s=10, retries=0)
def fail(due_s: int = 0) -> None:
    """Ends badly."""
    raise ValueError("no")


@queues.job(queue="low", timeout_s=10, retries=1)
def try_again(due_s: int = 0) -> None:
    """Fails at its first attempt."""
    raise NetworkError("not now")


def runs(name: str = "often") -> list[schedule.Run]:
    return schedule.runs(name)


def test_a_run_says_when_it_was_due_how_late_it_was_and_how_it_ended() -> None:
    made = registered(every(60), Entry("bad", fail, 60))
    clock.advance(timedelta(seconds=40))
    made.enqueue_jobs()
    assert [(run.state, run.due_at, run.late_s, run.ended_at) for run in runs()] == [("pending", NOON, 40.0, None)]

    inline.run_until_idle()
    [run], [bad] = runs(), runs("bad")
    assert (run.state, run.ended_at, run.by_hand) == ("completed", NOON + timedelta(seconds=40), False)
    assert (bad.state, bad.category) == ("failed", "system") and run.ran_s is not None


def test_an_end_begins_no_list(store: Any) -> None:
    """The name of a job alone makes no entry: where nothing was queued, nothing is kept."""
    registered(every(60)).enqueue_jobs()
    store.delete(keys.schedule_runs("schedule-often"))
    inline.run_until_idle()
    assert not store.exists(keys.schedule_runs("schedule-often"))


def test_of_two_ends_of_a_run_the_last_one_counts(store: Any) -> None:
    """One that failed and was run again under its name."""
    ended = ["failed schedule-often-1 2000 5 network", "finished schedule-often-1 3000 7 "]
    store.lpush(keys.schedule_runs("schedule-often"), "queued schedule-often-1 1 1000", *ended)
    store.expire(keys.schedule_runs("schedule-often"), 60)
    [[run]] = schedule_runs.of(["schedule-often"])
    assert (run.outcome, run.category, run.ran_s) == ("finished", "", 0.007)


def test_the_newest_come_first_and_thirty_are_kept(store: Any) -> None:
    made = registered(every(60))
    for _ in range(45):
        made.enqueue_jobs()
        inline.run_until_idle()
        clock.advance(MINUTE)

    found = runs()
    assert len(found) == schedule_runs.MOST and {run.state for run in found} == {"completed"}
    assert [run.due_at for run in found] == sorted((run.due_at for run in found if run.due_at), reverse=True)
    assert store.llen(keys.schedule_runs("schedule-often")) <= 100 and store.ttl(keys.schedule_runs("schedule-often")) > 0


def test_an_attempt_that_is_tried_again_is_no_end() -> None:
    made = registered(Entry("again", try_again, 3600))
    made.enqueue_jobs()
    inline.run_until_idle()
    assert [run.state for run in runs("again")] == ["scheduled"]
    clock.advance(timedelta(minutes=30))
    inline.run_until_idle()
    assert [(run.state, run.category) for run in runs("again")] == [("failed", "network")]


def test_a_run_by_hand_and_one_that_was_cancelled_are_told() -> None:
    registered(every(60))
    job = schedule.run("often").job
    assert job
    jobs.cancel_job(job)

    assert [(run.job, run.state, run.by_hand) for run in runs()] == [(job, "cancelled", True)]


def test_one_that_runs_again_after_its_end_tells_the_last_end() -> None:
    made = registered(Entry("bad", fail, 3600))
    made.enqueue_jobs()
    inline.run_until_idle()
    connection.client().hset(keys.job(occurred := runs("bad")[0].job), "status", "queued")
    connection.client().rpush(keys.queue("low"), occurred)
    jobs.cancel_job(occurred)

    assert [run.state for run in runs("bad")] == ["cancelled"]


def test_a_run_whose_record_is_gone_without_an_end_is_unknown(store: Any) -> None:
    made = registered(every(60))
    made.enqueue_jobs()
    store.delete(keys.job(occurrences()[0]))

    assert [run.state for run in runs()] == ["unknown"]


def test_a_job_that_is_no_run_is_not_noted(store: Any) -> None:
    registered(every(60))
    queues.submit_many([models.Call(fail, job_id=name) for name in ("schedule-other-12", "schedule-often-12x")])
    inline.run_until_idle()

    assert not store.exists(keys.schedule_runs("schedule-other")) and not store.exists(keys.schedule_runs("schedule-often"))


def test_a_broken_list_holds_no_run_up(store: Any) -> None:
    made = registered(every(60))
    store.set(keys.schedule_runs("schedule-often"), "x", ex=60)
    made.enqueue_jobs()
    assert inline.run_until_idle() == 1 and runs() == []


def test_lists_of_many_entries_are_two_round_trips() -> None:
    made = registered(*(every(60, name=f"e{number}") for number in range(40)))
    made.enqueue_jobs()
    with asked() as sent:
        assert [len(found) for found in schedule_runs.of([f"schedule-e{number}" for number in range(40)])] == [1] * 40
    assert sent.trips == 2


# --- disabled with a note ---


def record(name: str = "often") -> schedule_records.Record:
    return schedule.find(name)


def test_who_disables_may_say_why_and_for_how_long() -> None:
    registered(every(60))
    assert schedule.disable("often", "the provider moves", "ada", for_s=3600) == (True, NOON + timedelta(hours=1))

    told = record()
    assert (told.off_reason, told.off_by, told.off_since, told.off_until) == (
        *("the provider moves", "ada", NOON),
        NOON + timedelta(hours=1),
    )
    assert schedule.disable("often") == (False, None) and record().off_reason == "the provider moves"
    clock.advance(MINUTE)
    assert schedule.disable("often", "for ever", "bob")[0] is False
    told = record()
    assert (told.off_reason, told.off_by, told.off_since, told.off_until) == ("for ever", "bob", NOON, None)
    assert schedule_switches.over() == []


def test_it_is_enabled_again_by_itself_and_what_it_missed_follows_its_rule() -> None:
    made = registered(every(60, missed="one"))
    schedule.disable("often", "a while", "ada", for_s=600)
    clock.advance(timedelta(minutes=9))
    loop._enable_over(made._table)
    made.enqueue_jobs()
    assert occurrences() == []
    clock.advance(timedelta(minutes=2))
    loop._enable_over(made._table)
    made.enqueue_jobs()

    assert dues() == [660] and record().off == "" and record().off_reason == ""
    assert schedule_switches.over() == []


def test_the_scheduler_does_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made = registered(every(60))
    schedule.disable("often", "a while", "ada", for_s=60)
    clock.advance(timedelta(minutes=2))
    made._look()

    assert record().off == "" and len(occurrences()) == 1


def test_enabled_by_hand_it_is_not_disabled_and_not_enabled_again(store: Any) -> None:
    registered(every(60))
    schedule.disable("often", "a while", "ada", for_s=600)
    assert schedule.enable("often") and record().off_until is None
    schedule.disable("often")
    clock.advance(timedelta(hours=1))

    assert schedule_switches.over() == [] and not schedule_switches.enable("schedule-often", only_over=True)
    assert record().off == "hand"


def test_an_entry_that_left_the_table_meanwhile_stays_off() -> None:
    registered(every(60), every(60, name="other"))
    schedule.disable("often", "a while", "ada", for_s=600)
    made = registered(every(60, name="other"))
    clock.advance(timedelta(hours=1))
    loop._enable_over(made._table)

    assert record().off == "hand"


@pytest.mark.parametrize(
    "terms",
    [{"for_s": 60.0}, {"reason": "x", "for_s": 0.0}, {"reason": "x", "until": NOON - MINUTE}, {"reason": "x" * 300}],
)
def test_wrong_terms_change_nothing(terms: dict[str, Any]) -> None:
    registered(every(60))
    with pytest.raises(ArgumentError):
        schedule.disable("often", **{"actor": "ada", **terms})
    assert record().off == "" and TICK not in record().id


def test_status_says_who_disabled_it_why_and_until_when() -> None:
    registered(every(60))
    schedule.disable("often", "the provider moves", "ada", for_s=3600)
    [stop] = [stop for stop in stops.every() if stop.name == "disabled"]

    until = NOON + timedelta(hours=1)
    says = f"The entry often of the schedule is disabled by ada until {until:%Y-%m-%d %H:%M} UTC: the provider moves."
    assert (stop.says, stop.until, stop.wrong) == (says, until, False)
