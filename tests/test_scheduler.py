"""Periodic work: registered any number of times, armed for ever, each occurrence once."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rq_scheduler

import clock
import config
import queues
import scheduler
from errors import ConfigError, StoreUnreachable
from jobs import serp
from state import activity, claims, connection, jobs, keys, schedules, scripts
from tests.state import NOON
from worker import inline

fork = multiprocessing.get_context("fork")

TICK = "schedule-enqueue-keyword-scrapes"
MINUTE = timedelta(minutes=1)
START = int(NOON.timestamp())


@queues.job(queue="low", timeout_s=10)
def occur(due_s: int = 0) -> int:
    """One occurrence."""
    return due_s


@queues.job(queue="low", timeout_s=10, dedup_key="test:occur")
def occur_alone(due_s: int = 0) -> int:
    """One occurrence under a dedup key."""
    return due_s


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def entries() -> dict[str, float]:
    """Every armed entry and when it is due."""
    rows = connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, -1, withscores=True)
    return {name.decode(errors="replace"): due for name, due in rows}


def occurrences(queue: str = "low") -> list[str]:
    return [raw.decode() for raw in connection.client().lrange(keys.queue(queue), 0, -1)]


def dues(queue: str = "low") -> list[int]:
    """Due times of the queued occurrences, in seconds after noon."""
    return [int(name.rpartition("-")[2]) - START for name in occurrences(queue)]


def every(seconds: int, name: str = "often", **rules: Any) -> scheduler.Entry:
    return scheduler.Entry(name, occur, seconds, **{"pass_due": True, "overlap": "allow", **rules})


def by_cron(text: str, name: str = "often", **rules: Any) -> scheduler.Entry:
    return scheduler.Entry(name, occur, cron=text, **{"pass_due": True, "overlap": "allow", **rules})


def registered(*given: scheduler.Entry) -> scheduler.Scheduler:
    made = scheduler.Scheduler()
    made.register(given)
    return made


def counts(name: str = "schedule-often") -> dict[str, int]:
    record = schedules.find(name)
    assert record
    return record.counts


def dumped(store: Any) -> dict[bytes, Any]:
    return {key: store.dump(key) for key in store.scan_iter()}


def run_all() -> int:
    """Let workers run what is queued; says how many."""
    waiting = len(occurrences())
    inline.run_until_idle()
    return waiting


# --- registering ----------------------------------------------------------------------------------------------------


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


def jobs_state(job_id: str) -> str:
    return str((connection.client().hget(keys.job(job_id), "status") or b"gone").decode())


@pytest.mark.usefixtures("at_noon")
def test_registering_again_changes_nothing(store: Any) -> None:
    rows = scheduler.table()
    assert scheduler.Scheduler().register(rows) == len(rows)
    assert entries()[TICK] == START, "due at once"
    before = dumped(store)
    for _ in range(3):
        clock.advance(7 * MINUTE)
        assert scheduler.Scheduler().register(rows) == 0
    assert dumped(store) == before, "an overdue run is kept as it is"


@pytest.mark.usefixtures("at_noon")
def test_a_changed_interval_is_taken_over_and_an_overdue_run_kept() -> None:
    registered(every(60))
    clock.advance(4 * MINUTE)
    assert scheduler.Scheduler().register([every(300)]) == 1
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
    assert scheduler.Scheduler().register([every(60)]) == 1
    assert set(store.zrange(keys.RQ_SCHEDULER_JOBS, 0, -1)) == {b"schedule-often", b"somebody-elses", b"\xff"}
    gone = schedules.find("schedule-other")
    assert gone and gone.off == "removed" and gone.fields[b"description"] == b"other"
    assert scheduler.Scheduler().register([every(60)]) == 0


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
    assert schedules.disarm("schedule-often", schedules.HAND) and not schedules.disarm("schedule-often", schedules.HAND)
    for row in (every(60), every(30), by_cron("* * * * *")):
        clock.advance(5 * MINUTE)
        mine = registered(row)
        store.delete(keys.job("schedule-often"))
        mine.heal([row])
        mine.enqueue_jobs()
    registered()
    registered(every(60)).enqueue_jobs()
    assert entries() == {} and occurrences() == []
    record = schedules.find("schedule-often")
    assert record and record.off == "hand" and record.fields


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize(("missed", "ran"), [("skip", []), ("one", [600]), ("all", list(range(0, 601, 60)))])
def test_an_overdue_entry_that_is_enabled_follows_its_rule(missed: str, ran: list[int]) -> None:
    mine = registered(every(60, missed=missed))
    schedules.disarm("schedule-often", schedules.HAND)
    clock.advance(10 * MINUTE + MINUTE * 0.75)
    mine.enqueue_jobs()
    assert occurrences() == []
    assert schedules.arm("schedule-often") and not schedules.arm("schedule-often")
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
        registered(scheduler.Entry(**{"name": "odd", "func": occur, **rules}))


@pytest.mark.usefixtures("at_noon")
def test_a_start_beside_a_running_scheduler_never_sets_an_entry_back(monkeypatch: pytest.MonkeyPatch) -> None:
    running, starting = registered(every(60)), scheduler.Scheduler()
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
        gate.wait(20)
        for _ in range(20):
            registered(every(60), every(30, "other"))

    racers = [fork.Process(daemon=True, target=register) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0, 0]
    assert set(entries()) == {"schedule-often", "schedule-other"}
    assert scheduler.Scheduler().register([every(60), every(30, "other")]) == 0


# --- occurrences ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_noon")
def test_each_occurrence_is_a_job_of_its_own_named_after_its_due_time() -> None:
    mine = registered(every(60))
    for _ in range(5):
        for _ in range(3):
            mine.enqueue_jobs()
        clock.advance(MINUTE)
    assert occurrences() == [f"schedule-often-{START + 60 * number}" for number in range(5)]
    job = queues.Job.fetch(occurrences()[2], connection=connection.client())
    assert (job.func_name, job.kwargs, job.origin) == ("tests.test_scheduler.occur", {"due_s": START + 120}, "low")


@pytest.mark.usefixtures("at_noon")
def test_its_job_has_the_very_fields_of_a_submitted_one(store: Any) -> None:
    submitted = queues.submit(occur_alone, due_s=START).job_id
    inline.run_until_idle()
    again = queues.submit(occur_alone, due_s=START).job_id
    fields = store.hgetall(keys.job(again))
    store.flushall()
    registered(scheduler.Entry("alone", occur_alone, 60, pass_due=True)).enqueue_jobs()
    [name] = occurrences()
    assert store.hgetall(keys.job(name)) == fields and submitted != again
    assert store.smembers(keys.RQ_QUEUES) == {b"rq:queue:low"} and store.llen(keys.WAKE) == 1
    assert [claim.job_id for claim in claims.held("test")] == [name]


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
    real = schedules.look

    def too_early(*args: Any) -> schedules.Look:
        with clock.frozen(clock.now() + 10 * MINUTE):
            return real(*args)

    monkeypatch.setattr(schedules, "look", too_early)
    mine.enqueue_jobs()
    assert dues() == [0], "the script compares with the time itself"


@pytest.mark.usefixtures("at_noon")
def test_the_next_look_comes_when_something_is_due_or_after_a_second() -> None:
    assert scheduler.Scheduler().enqueue_jobs() == 1
    mine = registered(every(60))
    assert mine.enqueue_jobs() == 1
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
    assert activity.counted("missed") == counts()["missed"] and activity.counted("late") == counts()["late"]
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
    real = schedules.occur

    def pauses(*args: Any) -> Any:
        monkeypatch.setattr(schedules, "occur", real)
        for _ in range(5):
            other.enqueue_jobs()
            clock.advance(MINUTE)
        store.delete(*(keys.job(name) for name in occurrences()))  # they are over and forgotten by now
        return real(*args)

    monkeypatch.setattr(schedules, "occur", pauses)
    paused.enqueue_jobs()
    assert entries()["schedule-often"] == START + 360
    assert dues() == [0, 60, 120, 180, 240, 300]


@pytest.mark.usefixtures("at_noon")
def test_an_entry_changed_between_look_and_script_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = registered(every(60))
    real = schedules.occur

    def changes(*args: Any) -> Any:
        monkeypatch.setattr(schedules, "occur", real)
        registered(every(300))
        return real(*args)

    monkeypatch.setattr(schedules, "occur", changes)
    mine.enqueue_jobs()
    assert dues() == [0] and entries() == {"schedule-often": START + 300}


@pytest.mark.usefixtures("at_noon")
def test_a_sending_that_is_repeated_gets_the_same_answers_and_does_nothing(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, real = [], scripts.run_each

    def twice(calls: Any) -> Any:
        first = real(calls)
        if calls[0][0] != "occur":
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
    monkeypatch.setattr(scheduler, "PAGE", 7)
    mine = registered(*(every(60, f"n{number}") for number in range(100)))
    mine.enqueue_jobs()
    assert len(set(occurrences())) == len(occurrences()) == 100


@pytest.mark.usefixtures("at_noon")
def test_the_tick_is_run_by_a_worker_under_the_slot_of_its_due_time() -> None:
    registered(scheduler.table()[0]).enqueue_jobs()
    [job_id] = occurrences("high")
    inline.run_until_idle()
    assert queues.Job.fetch(job_id, connection=connection.client()).return_value()["outcome"] == "enqueued"


# --- an earlier one is not over -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_noon")
def test_skip_leaves_out_what_is_due_while_an_earlier_one_is_not_over(caplog: pytest.LogCaptureFixture) -> None:
    mine = registered(every(60, overlap="skip"))
    with caplog.at_level(logging.INFO, logger="trawl.scheduler"):
        for _ in range(3):
            mine.enqueue_jobs()
            clock.advance(MINUTE)
    assert dues() == [0] and counts() == {"missed": 0, "skipped": 2, "late": 0}
    said = [record.getMessage() for record in caplog.records]
    assert said == ["Occurrence queued", *["Occurrence left out: an earlier one is not over"] * 2]
    run_all()
    mine.enqueue_jobs()
    assert dues() == [180]


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("missed", ["skip", "one"])
def test_queue_one_begins_the_one_that_waited_as_soon_as_the_earlier_one_is_over(missed: str) -> None:
    mine = registered(every(60, overlap="queue_one", missed=missed))
    for _ in range(4):  # due at 0, 60, 120, 180
        mine.enqueue_jobs()
        clock.advance(MINUTE)
    record = schedules.find("schedule-often")
    assert dues() == [0] and record and record.waits
    clock.advance(-MINUTE / 2)
    run_all()
    mine.enqueue_jobs()
    assert dues() == [60], "the first that waited"
    assert counts()["skipped"] == 2 and counts()["missed"] == 0
    assert entries() == {"schedule-often": START + 240}
    clock.advance(MINUTE / 2)
    mine.enqueue_jobs()
    assert dues() == [60], "it waits in its turn"
    run_all()
    mine.enqueue_jobs()
    record = schedules.find("schedule-often")
    assert dues() == [240] and record and not record.waits


@pytest.mark.usefixtures("at_noon")
def test_queue_one_with_all_missed_runs_each_after_the_other() -> None:
    mine = registered(every(60, overlap="queue_one", missed="all"))
    clock.advance(4 * MINUTE)
    ran = []
    for _ in range(7):
        mine.enqueue_jobs()
        ran.append(dues())
        run_all()
    assert ran == [[0], [60], [120], [180], [240], [], []]


@pytest.mark.usefixtures("at_noon")
def test_allow_lets_them_run_beside_each_other() -> None:
    mine = registered(every(60, overlap="allow"))
    for _ in range(3):
        mine.enqueue_jobs()
        clock.advance(MINUTE)
    assert dues() == [0, 60, 120]


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize(("overlap", "later"), [("skip", [60]), ("queue_one", [0]), ("allow", [60])])
def test_work_that_a_user_submitted_under_the_same_dedup_key_counts_too(overlap: str, later: list[int]) -> None:
    by_user = queues.submit(occur_alone).job_id
    mine = registered(scheduler.Entry("often", occur_alone, 60, overlap=overlap, pass_due=True))
    mine.enqueue_jobs()
    assert occurrences() == [by_user]
    run_all()
    clock.advance(MINUTE / 2)
    mine.enqueue_jobs()
    clock.advance(MINUTE / 2)
    mine.enqueue_jobs()
    assert dues() == later


@pytest.mark.usefixtures("at_noon")
def test_a_retry_is_not_over(store: Any) -> None:
    mine = registered(every(60, overlap="skip"))
    mine.enqueue_jobs()
    [name] = occurrences()
    for status, over in (("scheduled", False), ("started", False), ("failed", True)):
        clock.advance(MINUTE)
        store.hset(keys.job(name), "status", status)
        mine.enqueue_jobs()
        assert (len(occurrences()) == 2) == over, status


# --- what may be broken ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_noon")
def test_an_entry_whose_hash_is_gone_is_written_anew_and_runs(store: Any) -> None:
    mine = registered(every(60))
    store.delete(keys.job("schedule-often"))
    mine.enqueue_jobs()
    assert dues() == [0]


@pytest.mark.usefixtures("at_noon")
def test_an_entry_that_rq_schedulers_tools_dropped_with_its_hash_comes_back_due_as_it_was(store: Any) -> None:
    mine = registered(every(60))
    mine.enqueue_jobs()
    store.delete(keys.job("schedule-often"))
    assert list(rq_scheduler.Scheduler(connection=store, job_class=queues.Job).get_jobs()) == []
    assert entries() == {}
    clock.advance(10 * MINUTE)
    mine._look()
    assert dues() == [0, 600] and counts()["missed"] == 9


@pytest.mark.usefixtures("at_noon")
def test_healing_changes_nothing_that_another_version_wrote(store: Any) -> None:
    old = registered(every(60), every(60, "left"))
    registered(every(30), every(60, "new"))
    before = dumped(store)
    old._look()
    old.heal([every(60), every(60, "left")])
    changed = {key for key in dumped(store) if before.get(key) != store.dump(key)}
    assert b"rq:job:schedule-often" not in changed and "schedule-left" not in entries()
    assert f"schedule-new-{START}" in occurrences(), "and it runs what it does not know"


BROKEN: dict[str, Callable[[Any, str], object]] = {
    "unknown function": lambda redis, key: redis.hset(key, "data", '["os.system", null, [], {}]'),
    "no JSON": lambda redis, key: redis.hset(key, "data", b"\x80\x04pickle"),
    "JSON of another shape": lambda redis, key: redis.hset(key, "data", "5"),
    "arguments of another shape": lambda redis, key: redis.hset(key, "data", '["tests.test_scheduler.occur", null, [], 7]'),
    "no data": lambda redis, key: redis.hdel(key, "data"),
    "no interval": lambda redis, key: redis.hset(key, "meta", "{}"),
    "no meta": lambda redis, key: redis.hdel(key, "meta"),
    "meta of another shape": lambda redis, key: redis.hset(key, "meta", "[]"),
    "interval of words": lambda redis, key: redis.hset(key, "meta", '{"interval": "often"}'),
    "interval of nothing": lambda redis, key: redis.hset(key, "meta", '{"interval": 0}'),
    "impossible cron": lambda redis, key: redis.hset(key, "meta", '{"cron_string": "0 0 30 2 *"}'),
    "unknown queue": lambda redis, key: redis.hset(key, "origin", "urgent"),
    "another type of key": lambda redis, key: (redis.delete(key), redis.set(key, "x")),
    "a damaged record": lambda redis, key: (redis.delete(keys.schedule(key[7:])), redis.set(keys.schedule(key[7:]), "x")),
    "a broken time": lambda redis, key: redis.zadd(keys.RQ_SCHEDULER_JOBS, {key[7:]: "-inf"}),
}

#: Damage that stops no run; a start mends it all the same.
HARMLESS: dict[str, Callable[[Any, str], object]] = {
    "unknown status": lambda redis, key: redis.hset(key, "status", "dreaming"),
    "no date": lambda redis, key: redis.hset(key, "created_at", "yesterday"),
}


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("how", BROKEN)
def test_one_broken_entry_never_stops_the_others(how: str, store: Any, caplog: pytest.LogCaptureFixture) -> None:
    mine = registered(every(60, "a-broken"), every(60, "good"))
    BROKEN[how](store, keys.job("schedule-a-broken"))
    store.zadd(keys.RQ_SCHEDULER_JOBS, {b"\xff\xfe": 5})
    with caplog.at_level(logging.ERROR, logger="trawl.scheduler"):
        for _ in range(3):
            mine.enqueue_jobs()
    assert occurrences() == [f"schedule-good-{START}"]
    said = [record.getMessage() for record in caplog.records]
    assert sum("schedule-a-broken is broken" in line for line in said) == 1, "said, and not every second"
    assert "schedule-a-broken" in entries()


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("how", {**BROKEN, **HARMLESS})
def test_a_broken_entry_of_the_table_is_mended_by_the_next_start(how: str, store: Any) -> None:
    registered(every(60))
    {**BROKEN, **HARMLESS}[how](store, keys.job("schedule-often"))
    mine = scheduler.Scheduler()
    assert mine.register([every(60)]) == (how != "a broken time")
    mine.enqueue_jobs()
    assert dues() == ([] if how == "a broken time" else [0])


@pytest.mark.usefixtures("at_noon")
def test_many_broken_entries_hold_nobody_up(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "PAGE", 3)
    store.zadd(keys.RQ_SCHEDULER_JOBS, {f"broken {number}": number for number in range(20)})
    registered(every(60)).enqueue_jobs()
    assert dues() == [0]


@pytest.mark.usefixtures("at_noon")
def test_a_queue_that_is_no_list_stops_only_its_own_entries(store: Any) -> None:
    store.set(keys.queue("low"), "x")
    mine = registered(every(60, "a-low"), scheduler.Entry("tick", serp.enqueue_batch, 60, pass_due=True))
    before = store.dump(keys.schedule("schedule-a-low"))
    mine.enqueue_jobs()
    assert occurrences("high") == [f"schedule-tick-{START}"]
    assert entries()["schedule-a-low"] == START and store.dump(keys.schedule("schedule-a-low")) == before
    store.delete(keys.queue("low"))
    mine.enqueue_jobs()
    assert dues() == [0]


def test_redis_going_away_ends_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    mine, waits = scheduler.Scheduler(), []
    looks = iter([connection.redis.ConnectionError("gone"), connection.redis.TimeoutError("slow"), StoreUnreachable("no"), None])

    def look() -> float:
        problem = next(looks)
        if problem:
            raise problem
        mine.stopping = True
        return 0.5

    monkeypatch.setattr(mine, "_look", look)
    monkeypatch.setattr(clock, "wait", waits.append)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert mine.run_forever() == 0
    assert waits == [1, 2, 4, 0.5]
    assert len([record for record in caplog.records if "Trying again" in record.getMessage()]) == 3


@pytest.mark.usefixtures("at_noon")
def test_a_chore_that_fails_does_not_keep_occurrences_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = registered(every(60))
    monkeypatch.setattr(jobs, "promote", lambda *names: (_ for _ in ()).throw(connection.ResponseError("broken")))
    with pytest.raises(connection.ResponseError):
        mine._look()
    mine._look()
    assert dues() == [0]


# --- rq-scheduler's own tools, and entries made with them -----------------------------------------------------------


def test_its_entries_are_seen_by_rq_schedulers_own_tools(store: Any) -> None:
    registered(scheduler.table()[0], by_cron("0 9 * * *"))
    stock = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    assert TICK in stock and stock.count() == 2
    (tick, _), (daily, due) = list(stock.get_jobs(with_times=True))
    assert (tick.id, tick.meta["interval"], tick.func_name) == (TICK, 60, "jobs.serp.enqueue_batch")
    assert (daily.meta["cron_string"], daily.origin, due.hour, due.minute) == ("0 9 * * *", "low", 9, 0)
    assert daily.get_status() == "scheduled" and daily.result_ttl == -1 and daily.timeout == 10


@pytest.mark.usefixtures("at_noon")
def test_an_entry_cancelled_with_rq_schedulers_own_tools_does_not_run_until_the_next_start(store: Any) -> None:
    mine = registered(every(60))
    stock = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    [job] = stock.get_jobs()
    stock.cancel(job)
    assert job not in stock
    mine._look()
    assert occurrences() == []
    registered(every(60)).enqueue_jobs()
    assert dues() == [0]


@pytest.mark.usefixtures("at_noon")
def test_an_occurrence_put_off_with_rq_schedulers_own_tools_waits(store: Any) -> None:
    mine = registered(every(60))
    stock = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    [job] = stock.get_jobs()
    stock.change_execution_time(job, (NOON + 5 * MINUTE).replace(tzinfo=None))
    mine.enqueue_jobs()
    clock.advance(5 * MINUTE)
    mine.enqueue_jobs()
    assert dues() == [300]


@pytest.mark.usefixtures("at_noon")
def test_an_entry_set_back_to_a_time_that_was_does_not_run_it_again(store: Any) -> None:
    mine = registered(every(60))
    mine.enqueue_jobs()
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"schedule-often": START})
    mine.enqueue_jobs()
    assert dues() == [0] and entries() == {"schedule-often": START + 60}


@pytest.mark.usefixtures("at_noon")
def test_a_job_of_enqueue_at_runs_once_when_it_is_due(store: Any) -> None:
    stock = rq_scheduler.Scheduler("low", connection=store, job_class=queues.Job)
    job = stock.enqueue_at((NOON + MINUTE).replace(tzinfo=None), occur, 7)
    other = stock.enqueue_at((NOON + MINUTE).replace(tzinfo=None), occur, 8)
    gone = stock.enqueue_at((NOON + MINUTE).replace(tzinfo=None), occur, 9)
    queues.Job.fetch(other.id, connection=store).cancel()
    store.delete(keys.job(gone.id))
    mine = scheduler.Scheduler()
    mine.enqueue_jobs()
    assert occurrences() == []
    clock.advance(MINUTE)
    mine.enqueue_jobs(), mine.enqueue_jobs()
    assert occurrences() == [job.id] and entries() == {}
    inline.run_until_idle()
    assert queues.Job.fetch(job.id, connection=store).return_value() == 7


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of what rq-scheduler asks of crontab
@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("rule", ["schedule", "cron"])
def test_a_periodic_job_of_rq_schedulers_api_runs_as_jobs_of_its_own(rule: str, store: Any) -> None:
    stock = rq_scheduler.Scheduler("low", connection=store, job_class=queues.Job)
    if rule == "schedule":
        stock.schedule((NOON + MINUTE).replace(tzinfo=None), occur, interval=60, id="theirs")
    else:
        stock.cron("* * * * *", occur, id="theirs", queue_name="low")
        stock.change_execution_time(queues.Job.fetch("theirs", connection=store), (NOON + MINUTE).replace(tzinfo=None))
    mine = scheduler.Scheduler()
    for _ in range(3):
        clock.advance(MINUTE)
        mine.enqueue_jobs()
        run_all()
    assert entries() == {"theirs": START + 240}
    assert [jobs_state(f"theirs-{START + 60 * number}") for number in (1, 2, 3)] == ["finished"] * 3


@pytest.mark.usefixtures("at_noon")
def test_the_repeat_count_of_rq_scheduler_is_refused_and_said_so(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    stock = rq_scheduler.Scheduler("low", connection=store, job_class=queues.Job)
    stock.schedule(NOON.replace(tzinfo=None), occur, interval=60, repeat=3, id="theirs")
    scheduler.Scheduler().enqueue_jobs()
    assert occurrences() == [] and "`repeat` is not kept here" in caplog.text


# --- the process ----------------------------------------------------------------------------------------------------


def test_a_look_says_that_the_scheduler_lives_and_moves_delayed_jobs() -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(occur, 1, delay_s=5).job_id
        clock.advance(MINUTE)
        scheduler.Scheduler()._look()
        assert occurrences() == [job_id] and activity.last_beat("scheduler") == NOON + MINUTE


@pytest.mark.real_redis
def test_two_scheduler_processes_bring_each_occurrence_once(monkeypatch: pytest.MonkeyPatch, real_server: str) -> None:
    monkeypatch.setattr(scheduler, "table", lambda: [every(1)])

    def run() -> None:
        connection.use(connection.connect(real_server))
        os._exit(scheduler.run())

    running = [fork.Process(daemon=True, target=run) for _ in range(2)]
    for process in running:
        process.start()
    deadline = clock.monotonic() + 30
    while jobs.depths(["low"])["low"] < 5 and clock.monotonic() < deadline:
        clock.wait(0.05)
    for process in running:
        os.kill(process.pid or 0, signal.SIGTERM)
    for process in running:
        process.join(20)
    assert [process.exitcode for process in running] == [0, 0]
    times = dues()
    assert len(times) >= 5 and times == sorted(set(times)), "each once, in order"
