"""Registered any number of times, at once too, the table is what a start says, and no run is lost by it."""

import multiprocessing
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
import queues
import scheduler
from errors import ConfigError
from jobs import serp
from scheduling import loop
from scheduling.entries import Entry
from state.engine import schedule_records, schedule_switches, schedules
from state.store import connection, keys
from tests import patience
from tests.scheduling import (
    MINUTE,
    START,
    TICK,
    by_cron,
    dues,
    dumped,
    entries,
    every,
    jobs_state,
    occur,
    occurrences,
    registered,
)
from worker import inline

fork = multiprocessing.get_context("fork")


def test_the_table_holds_the_batch_tick_with_the_interval_of_the_settings() -> None:
    entry = scheduler.table()[0]
    assert (entry.name, entry.func, entry.every_s, entry.pass_due) == ("enqueue-keyword-scrapes", serp.enqueue_batch, 60, True)
    with config.overridden(serp_enqueue_interval=15):
        assert scheduler.table()[0].every_s == 15


@pytest.mark.usefixtures("at_noon")
def test_every_row_of_the_table_can_run_and_is_run_by_a_worker() -> None:
    rows = scheduler.table()
    mine = registered(*rows)
    assert set(entries()) == {row.id for row in rows}
    clock.advance(timedelta(days=31))
    mine.enqueue_jobs()
    queued = [name for queue in queues.QUEUES for name in occurrences(queue)]
    late = {row.id for row in rows if row.missed != "skip"}
    assert {name.rpartition("-")[0] for name in queued} >= late
    inline.run_until_idle()
    states = {name: jobs_state(name) for name in queued}
    assert set(states.values()) == {"finished"}, states


@pytest.mark.usefixtures("at_noon")
def test_registering_again_changes_nothing(store: Any) -> None:
    rows = scheduler.table()
    assert loop.Scheduler().register(rows) == len(rows)
    assert entries()[TICK] == START, "due at once"
    before = dumped(store)
    for _ in range(3):
        clock.advance(7 * MINUTE)
        assert loop.Scheduler().register(rows) == 0
    assert dumped(store) == before, "an overdue run is kept as it is"


@pytest.mark.usefixtures("at_noon")
def test_a_changed_interval_is_taken_over_and_an_overdue_run_kept() -> None:
    registered(every(60))
    clock.advance(4 * MINUTE)
    assert loop.Scheduler().register([every(300)]) == 1
    assert entries() == {"schedule-often": START}
    registered(every(300)).enqueue_jobs()
    assert dues() == [0]
    assert entries() == {"schedule-often": START + 300}


@pytest.mark.usefixtures("at_noon")
def test_a_shorter_interval_does_not_wait_for_the_longer_one_to_end() -> None:
    registered(every(3600)).enqueue_jobs()
    registered(every(60))
    assert entries() == {"schedule-often": START + 60}
    registered(every(7200))
    assert entries() == {"schedule-often": START + 60}


@pytest.mark.usefixtures("at_noon")
def test_a_changed_cron_string_is_due_by_the_new_one() -> None:
    registered(by_cron("0 13 * * *"))
    assert entries() == {"schedule-often": START + 3600}
    registered(by_cron("0 14 * * *"))
    assert entries() == {"schedule-often": START + 7200}
    registered(by_cron("0 14 * * *", zone="Asia/Kolkata"))
    assert entries() == {"schedule-often": START + 86400 - 12600}
    clock.advance(timedelta(days=2))
    registered(by_cron("0 15 * * *"))
    assert entries() == {"schedule-often": START + 86400 - 12600}, "overdue: kept"


@pytest.mark.usefixtures("at_noon")
def test_an_interval_that_became_a_cron_string_follows_it() -> None:
    registered(every(60)).enqueue_jobs()
    registered(by_cron("0 14 * * *"))
    assert entries() == {"schedule-often": START + 7200}


@pytest.mark.usefixtures("at_noon")
def test_an_entry_that_left_the_table_is_disabled_and_foreign_ones_stay(store: Any) -> None:
    registered(every(60), every(60, "other"))
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"somebody-elses": 10**10, b"\xff": 10**10})
    assert loop.Scheduler().register([every(60)]) == 1
    assert set(store.zrange(keys.RQ_SCHEDULER_JOBS, 0, -1)) == {b"schedule-often", b"somebody-elses", b"\xff"}
    gone = schedule_records.find("schedule-other")
    assert gone and gone.off == "removed" and gone.fields[b"description"] == b"other"
    assert loop.Scheduler().register([every(60)]) == 0


@pytest.mark.usefixtures("at_noon")
def test_a_row_that_comes_back_runs_what_was_overdue_when_it_left() -> None:
    registered(every(60), every(60, "other"))
    registered(every(60))
    clock.advance(MINUTE / 2)
    registered(every(60), every(60, "other")).enqueue_jobs()
    assert sorted(occurrences()) == [f"schedule-often-{START}", f"schedule-other-{START}"]


@pytest.mark.usefixtures("at_noon")
def test_what_is_disabled_stays_so_over_every_start_and_change(store: Any) -> None:
    registered(every(60))
    assert schedule_switches.disable("schedule-often", schedule_switches.HAND)
    assert not schedule_switches.disable("schedule-often", schedule_switches.HAND)
    for row in (every(60), every(30), by_cron("* * * * *")):
        clock.advance(5 * MINUTE)
        mine = registered(row)
        store.delete(keys.job("schedule-often"))
        mine.heal([row])
        mine.enqueue_jobs()
    registered()
    registered(every(60)).enqueue_jobs()
    assert entries() == {} and occurrences() == []
    record = schedule_records.find("schedule-often")
    assert record and record.off == "hand" and record.fields


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize(("missed", "ran"), [("skip", []), ("one", [600]), ("all", list(range(0, 601, 60)))])
def test_an_overdue_entry_that_is_enabled_follows_its_rule(missed: str, ran: list[int]) -> None:
    mine = registered(every(60, missed=missed))
    schedule_switches.disable("schedule-often", schedule_switches.HAND)
    clock.advance(10 * MINUTE + MINUTE * 0.75)
    mine.enqueue_jobs()
    assert occurrences() == []
    assert schedule_switches.enable("schedule-often") and not schedule_switches.enable("schedule-often")
    mine.enqueue_jobs()
    assert dues() == ran


REFUSED = {
    "61 * * * *": "out of range",
    "0 0 30 2 *": "never due",
    "* * * *": "five fields",
    "@reboot": "no cron string",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_cron_string_that_cannot_be_is_refused_before_anything_is_written(text: str, store: Any) -> None:
    with pytest.raises(ConfigError, match=REFUSED[text]) as told:
        registered(every(60), by_cron(text, "odd"))
    assert "'odd'" in str(told.value) and list(store.scan_iter()) == []


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"every_s": 0}, "1 s to a year, not 0"),
        ({"every_s": 60, "cron": "* * * * *"}, "either"),
        ({}, "either"),
        ({"cron": "* * * * *", "zone": "Mars/Base"}, "no time zone"),
        ({"every_s": 60, "missed": "some"}, "missed is one of"),
        ({"every_s": 60, "overlap": "maybe"}, "overlap one of"),
        ({"every_s": 60, "at_most": 0}, "at_most must be"),
        ({"every_s": 60, "name": "a b"}, "its name must be"),
        ({"every_s": 60, "func": print}, "is not a job"),
        ({"every_s": 60, "kwargs": {"nope": 1}}, "unexpected keyword"),
    ],
)
def test_a_row_that_cannot_work_is_refused(rules: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        registered(Entry(**{"name": "odd", "func": occur, **rules}))


@pytest.mark.usefixtures("at_noon")
def test_a_start_beside_a_running_scheduler_never_sets_an_entry_back(monkeypatch: pytest.MonkeyPatch) -> None:
    running, starting = registered(every(60)), loop.Scheduler()
    real = schedules.register

    def slowly(*args: Any, **options: Any) -> int:
        running.enqueue_jobs()
        return real(*args, **options)

    monkeypatch.setattr(schedules, "register", slowly)
    starting.register([every(90)])
    assert entries() == {"schedule-often": START + 60}
    assert dues() == [0]


@pytest.mark.real_redis
def test_two_processes_that_register_at_once_leave_one_entry() -> None:
    gate = fork.Barrier(3)

    def register() -> None:
        connection.client().connection_pool.reset()
        gate.wait(patience.HANG_S)
        for _ in range(20):
            registered(every(60), every(30, "other"))

    racers = [fork.Process(daemon=True, target=register) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(patience.HANG_S)
    assert [racer.exitcode for racer in racers] == [0, 0, 0]
    assert set(entries()) == {"schedule-often", "schedule-other"}
    assert loop.Scheduler().register([every(60), every(30, "other")]) == 0
