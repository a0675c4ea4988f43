"""Armed for ever, each occurrence once, whatever was missed and whoever looks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import config
import queues
import scheduler
from scheduling import loop
from scheduling.entries import Entry
from state.engine import counters, dedup, schedules
from state.store import connection, keys, scripts
from tests.scheduling import MINUTE, START, by_cron, counts, dues, dumped, entries, every, occur_alone, occurrences, registered
from tests.state import NOON
from worker import inline


@pytest.mark.usefixtures("at_noon")
def test_each_occurrence_is_a_job_of_its_own_named_after_its_due_time() -> None:
    mine = registered(every(60))
    for _ in range(5):
        for _ in range(3):
            mine.enqueue_jobs()
        clock.advance(MINUTE)
    assert occurrences() == [f"schedule-often-{START + 60 * number}" for number in range(5)]
    job = queues.Job.fetch(occurrences()[2], connection=connection.client())
    assert (job.func_name, job.kwargs, job.origin) == ("tests.scheduling.occur", {"due_s": START + 120}, "low")


@pytest.mark.usefixtures("at_noon")
def test_its_job_has_the_very_fields_of_a_submitted_one(store: Any) -> None:
    submitted = queues.submit(occur_alone, due_s=START).job_id
    inline.run_until_idle()
    again = queues.submit(occur_alone, due_s=START).job_id
    fields = store.hgetall(keys.job(again))
    store.flushall()
    registered(Entry("alone", occur_alone, 60, pass_due=True)).enqueue_jobs()
    [name] = occurrences()
    assert store.hgetall(keys.job(name)) == fields and submitted != again
    assert store.smembers(keys.RQ_QUEUES) == {b"rq:queue:low"} and store.llen(keys.WAKE) == 1
    assert [claim.job_id for claim in dedup.held("test")] == [name]


@pytest.mark.usefixtures("at_noon")
def test_a_late_look_does_not_shift_the_times_behind_it() -> None:
    mine = registered(every(60))
    for late_s in (0.9, 59.9, 3.3, 1.0):
        with clock.frozen(clock.now() + timedelta(seconds=late_s)):
            mine.enqueue_jobs()
        clock.advance(MINUTE)
    assert dues() == [0, 60, 120, 180]


@pytest.mark.usefixtures("at_noon")
def test_nothing_is_due_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = registered(every(60))
    mine.enqueue_jobs()
    clock.advance(timedelta(seconds=59.99))
    real = schedules.due_entries

    def too_early(*args: Any) -> schedules.DuePage:
        with clock.frozen(clock.now() + 10 * MINUTE):
            return real(*args)

    monkeypatch.setattr(schedules, "due_entries", too_early)
    mine.enqueue_jobs()
    assert dues() == [0], "the script compares with the time itself"


@pytest.mark.usefixtures("at_noon")
def test_the_next_look_comes_when_something_is_due_or_after_the_idle_interval() -> None:
    assert loop.Scheduler().enqueue_jobs() == config.settings().idle_poll_interval
    mine = registered(every(60))
    assert mine.enqueue_jobs() == config.settings().idle_poll_interval
    clock.advance(timedelta(seconds=59.75))
    assert mine.enqueue_jobs() == pytest.approx(0.25)


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("missed", ["skip", "one", "all"])
def test_what_was_missed_is_left_out_made_up_for_once_or_made_up_for_and_counted(missed: str) -> None:
    mine = registered(every(60, missed=missed, at_most=100))
    mine.enqueue_jobs()
    clock.advance(timedelta(hours=3, seconds=45))
    mine.enqueue_jobs(), mine.enqueue_jobs()
    expected = {"skip": [], "one": [10800], "all": list(range(10800 - 99 * 60, 10801, 60))}[missed]
    assert dues() == [0, *expected]
    assert counts()["missed"] == 180 - len(expected)
    assert entries()["schedule-often"] == START + 3 * 3600 + 60, "the grid is kept"
    assert counters.counted("missed") == counts()["missed"] and counters.counted("late") == counts()["late"]
    assert counts()["late"] == {"skip": 0, "one": 1, "all": 100}[missed]
    clock.advance(timedelta(seconds=20))
    mine.enqueue_jobs()
    assert dues()[-1] == 10860


@pytest.mark.usefixtures("at_noon")
def test_a_monthly_run_missed_by_days_comes_once_with_its_own_due_time() -> None:
    mine = registered(by_cron("0 0 1 * *"))
    clock.advance(datetime(2026, 4, 3, 17, 20, tzinfo=UTC) - NOON)
    mine.enqueue_jobs(), mine.enqueue_jobs()
    [name] = occurrences()
    assert int(name.rpartition("-")[2]) == int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
    assert entries()["schedule-often"] == datetime(2026, 5, 1, tzinfo=UTC).timestamp()


@pytest.mark.usefixtures("at_noon")
def test_a_scheduler_that_was_paused_neither_sets_an_entry_back_nor_repeats(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    paused, other = registered(every(60)), registered(every(60))
    real = schedules.enqueue_occurrences

    def pauses(*args: Any) -> Any:
        monkeypatch.setattr(schedules, "enqueue_occurrences", real)
        for _ in range(5):
            other.enqueue_jobs()
            clock.advance(MINUTE)
        store.delete(*(keys.job(name) for name in occurrences()))  # they are over and forgotten by now
        return real(*args)

    monkeypatch.setattr(schedules, "enqueue_occurrences", pauses)
    paused.enqueue_jobs()
    assert entries()["schedule-often"] == START + 360
    assert dues() == [0, 60, 120, 180, 240, 300]


@pytest.mark.usefixtures("at_noon")
def test_an_entry_changed_between_look_and_script_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = registered(every(60))
    real = schedules.enqueue_occurrences

    def changes(*args: Any) -> Any:
        monkeypatch.setattr(schedules, "enqueue_occurrences", real)
        registered(every(300))
        return real(*args)

    monkeypatch.setattr(schedules, "enqueue_occurrences", changes)
    mine.enqueue_jobs()
    assert dues() == [0] and entries() == {"schedule-often": START + 300}


@pytest.mark.usefixtures("at_noon")
def test_a_sending_that_is_repeated_gets_the_same_answers_and_does_nothing(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, real = [], scripts.run_each

    def twice(calls: Any) -> Any:
        first = real(calls)
        if not calls or calls[0][0] != "engine/enqueue_occurrence":
            return first
        before = dumped(store)
        answers.append((first, real(calls)))
        assert dumped(store) == before
        return first

    monkeypatch.setattr(scripts, "run_each", twice)
    one = [every(60, rule, overlap=rule) for rule in ("allow", "skip", "queue_one")]
    mine = registered(*one, every(60, "gap", missed="skip"))
    for _ in range(2):
        mine.enqueue_jobs()
        clock.advance(MINUTE)
    clock.advance(timedelta(minutes=10, seconds=45))
    mine.enqueue_jobs()
    told = {reply for first, second in answers for reply in first if isinstance(reply, bytes)}
    assert all(first == second for first, second in answers)
    assert told == {b"queued", b"overlaps", b"waits", b"missed"}


@pytest.mark.usefixtures("at_noon")
def test_thousands_that_are_due_at_once_are_all_queued_within_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAGE", 7)
    mine = registered(*(every(60, f"n{number}") for number in range(100)))
    mine.enqueue_jobs()
    assert len(set(occurrences())) == len(occurrences()) == 100


@pytest.mark.usefixtures("at_noon")
def test_the_tick_is_run_by_a_worker_under_the_slot_of_its_due_time() -> None:
    registered(scheduler.table()[0]).enqueue_jobs()
    [job_id] = occurrences("high")
    inline.run_until_idle()
    assert queues.Job.fetch(job_id, connection=connection.client()).return_value()["outcome"] == "enqueued"
