"""Periodic work: registered any number of times, armed for ever, each occurrence once."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import rq_scheduler

import clock
import config
import queues
import scheduler
from errors import StoreUnreachable
from jobs import serp
from state import activity, connection, jobs, keys
from tests.state import NOON
from worker import inline

fork = multiprocessing.get_context("fork")

TICK = "schedule-enqueue-keyword-scrapes"
MINUTE = timedelta(minutes=1)


@queues.job(queue="low", timeout_s=10)
def occur(due_s: int) -> int:
    """One occurrence."""
    return due_s


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def entries() -> dict[str, float]:
    """Every armed entry and when it is due."""
    return {name.decode(): due for name, due in connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, -1, withscores=True)}


def occurrences(queue: str = "high") -> list[str]:
    return [raw.decode() for raw in connection.client().lrange(keys.queue(queue), 0, -1)]


def every(seconds: int, name: str = "often") -> scheduler.Entry:
    return scheduler.Entry(name, occur, seconds, pass_due=True)


# --- registering ----------------------------------------------------------------------------------------------------


def dumped(store: Any) -> dict[bytes, Any]:
    return {key: store.dump(key) for key in store.scan_iter()}


def test_the_table_holds_the_batch_tick_with_the_interval_of_the_settings() -> None:
    [entry] = scheduler.table()
    assert (entry.name, entry.func, entry.every_s, entry.pass_due) == ("enqueue-keyword-scrapes", serp.enqueue_batch, 60, True)
    with config.overridden(serp_enqueue_interval=15):
        assert scheduler.table()[0].every_s == 15


@pytest.mark.usefixtures("at_noon")
def test_registering_again_changes_nothing(store: Any) -> None:
    assert scheduler.Scheduler().register(scheduler.table()) == 1
    assert entries() == {TICK: NOON.timestamp()}, "due at once"
    before = dumped(store)
    for _ in range(3):
        clock.advance(7 * MINUTE)
        assert scheduler.Scheduler().register(scheduler.table()) == 0
    assert dumped(store) == before, "an overdue run is kept as it is"


@pytest.mark.usefixtures("at_noon")
def test_a_changed_interval_is_taken_over_and_an_overdue_run_kept() -> None:
    scheduler.Scheduler().register([every(60)])
    clock.advance(5 * MINUTE)
    assert scheduler.Scheduler().register([every(300)]) == 1
    assert entries() == {"schedule-often": NOON.timestamp()}
    scheduler.Scheduler().enqueue_jobs()
    assert occurrences("low") == [f"schedule-often-{int(NOON.timestamp())}"]
    assert entries() == {"schedule-often": NOON.timestamp() + 600}


@pytest.mark.usefixtures("at_noon")
def test_a_shorter_interval_does_not_wait_for_the_longer_one_to_end() -> None:
    scheduler.Scheduler().register([every(3600)])
    scheduler.Scheduler().enqueue_jobs()
    scheduler.Scheduler().register([every(60)])
    assert entries() == {"schedule-often": NOON.timestamp() + 60}


@pytest.mark.usefixtures("at_noon")
def test_an_entry_that_left_the_table_is_dropped_and_foreign_ones_stay(store: Any) -> None:
    scheduler.Scheduler().register([every(60), every(60, "other")])
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"somebody-elses": 10**10, b"\xff": 10**10})
    assert scheduler.Scheduler().register([every(60)]) == 1
    assert set(store.zrange(keys.RQ_SCHEDULER_JOBS, 0, -1)) == {b"schedule-often", b"somebody-elses", b"\xff"}
    assert not store.exists(keys.job("schedule-other"))


@pytest.mark.usefixtures("at_noon")
def test_a_start_beside_a_running_scheduler_never_sets_an_entry_back(monkeypatch: pytest.MonkeyPatch) -> None:
    running, starting = scheduler.Scheduler(), scheduler.Scheduler()
    running.register([every(60)])
    real = starting._create_job

    def slowly(*args: Any, **options: Any) -> Any:
        running.enqueue_jobs()
        return real(*args, **options)

    monkeypatch.setattr(starting, "_create_job", slowly)
    starting.register([every(90)])
    assert entries() == {"schedule-often": NOON.timestamp() + 60}
    assert occurrences("low") == [f"schedule-often-{int(NOON.timestamp())}"]


@pytest.mark.real_redis
def test_two_processes_that_register_at_once_leave_one_entry() -> None:
    gate = fork.Barrier(3)

    def register() -> None:
        connection.client().connection_pool.reset()
        gate.wait(20)
        for _ in range(20):
            scheduler.Scheduler().register([every(60), every(30, "other")])

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
    mine = scheduler.Scheduler()
    mine.register([every(60)])
    for _ in range(5):
        for _ in range(3):
            mine.enqueue_jobs()
        clock.advance(MINUTE)
    start = int(NOON.timestamp())
    assert occurrences("low") == [f"schedule-often-{start + 60 * number}" for number in range(5)]
    job = queues.Job.fetch(occurrences("low")[2], connection=connection.client())
    assert (job.func_name, job.kwargs, job.origin) == ("tests.test_scheduler.occur", {"due_s": start + 120}, "low")


@pytest.mark.usefixtures("at_noon")
def test_missed_occurrences_become_one_and_the_grid_is_kept() -> None:
    mine = scheduler.Scheduler()
    mine.register([every(60)])
    clock.advance(timedelta(hours=3, seconds=25))
    mine.enqueue_jobs(), mine.enqueue_jobs()
    assert occurrences("low") == [f"schedule-often-{int(NOON.timestamp())}"]
    assert entries()["schedule-often"] == NOON.timestamp() + 3 * 3600 + 60


@pytest.mark.usefixtures("at_noon")
def test_a_late_look_does_not_shift_the_times_behind_it() -> None:
    mine = scheduler.Scheduler()
    mine.register([every(60)])
    for late_s in (0.9, 59.9, 3.3, 1.0):
        with clock.frozen(clock.now() + timedelta(seconds=late_s)):
            mine.enqueue_jobs()
        clock.advance(MINUTE)
    assert [int(name.rpartition("-")[2]) - int(NOON.timestamp()) for name in occurrences("low")] == [0, 60, 120, 180]


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("point", ["submitted", "armed"])
def test_a_scheduler_killed_between_its_steps_repeats_and_loses_nothing(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = scheduler.Scheduler()
    dying.register([every(60)])

    class Killed(BaseException):
        pass

    def killed(*args: Any, **options: Any) -> None:
        raise Killed

    if point == "submitted":
        monkeypatch.setattr(dying.connection, "zadd", killed)
    else:
        monkeypatch.setattr(scheduler.log, "info", killed)
    with pytest.raises(Killed):
        dying.enqueue_jobs()
    monkeypatch.undo()
    scheduler.Scheduler().enqueue_jobs()
    clock.advance(MINUTE)
    scheduler.Scheduler().enqueue_jobs()
    start = int(NOON.timestamp())
    assert occurrences("low") == [f"schedule-often-{start}", f"schedule-often-{start + 60}"]


@pytest.mark.usefixtures("at_noon")
def test_a_scheduler_that_was_paused_never_sets_an_entry_back(monkeypatch: pytest.MonkeyPatch) -> None:
    paused, other = scheduler.Scheduler(), scheduler.Scheduler()
    paused.register([every(60)])
    real = queues.submit_many

    def pauses(calls: Any) -> Any:
        monkeypatch.setattr(queues, "submit_many", real)
        submitted = real(calls)
        late = connection.now
        for _ in range(5):
            other.enqueue_jobs()
            clock.advance(MINUTE)
        monkeypatch.setattr(connection, "now", lambda: late() - 5 * MINUTE)
        return submitted

    monkeypatch.setattr(queues, "submit_many", pauses)
    paused.enqueue_jobs()
    assert entries()["schedule-often"] == NOON.timestamp() + 300
    assert len(occurrences("low")) == len(set(occurrences("low"))) == 5


@pytest.mark.usefixtures("at_noon")
def test_an_occurrence_whose_predecessor_still_runs_is_left_out_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    mine = scheduler.Scheduler()
    mine.register(scheduler.table())
    with caplog.at_level(logging.INFO, logger="trawl.scheduler"):
        mine.enqueue_jobs()
        clock.advance(MINUTE)
        mine.enqueue_jobs()
    assert len(occurrences()) == 1 and entries()[TICK] == NOON.timestamp() + 120
    assert [record.getMessage() for record in caplog.records] == ["Occurrence queued", "Occurrence still runs"]


@pytest.mark.usefixtures("at_noon")
def test_the_tick_is_run_by_a_worker_under_the_slot_of_its_due_time() -> None:
    mine = scheduler.Scheduler()
    mine.register(scheduler.table())
    mine.enqueue_jobs()
    [job_id] = occurrences()
    inline.run_until_idle()
    assert queues.Job.fetch(job_id, connection=connection.client()).return_value()["outcome"] == "enqueued"


# --- what may be broken ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_noon")
def test_an_entry_whose_hash_is_gone_is_written_anew_and_runs(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "table", lambda: [every(60)])
    mine = scheduler.Scheduler()
    mine.register(scheduler.table())
    store.delete(keys.job("schedule-often"))
    mine.enqueue_jobs()
    mine.enqueue_jobs()
    assert occurrences("low") == [f"schedule-often-{int(NOON.timestamp())}"]


BROKEN: dict[str, Callable[[Any, str], object]] = {
    "unknown function": lambda redis, key: redis.hset(key, "data", '["os.system", null, [], {}]'),
    "no JSON": lambda redis, key: redis.hset(key, "data", b"\x80\x04pickle"),
    "JSON of another shape": lambda redis, key: redis.hset(key, "data", "5"),
    "arguments of another shape": lambda redis, key: redis.hset(key, "data", '["tests.test_scheduler.occur", null, [], 7]'),
    "unknown status": lambda redis, key: redis.hset(key, "status", "dreaming"),
    "no date": lambda redis, key: redis.hset(key, "created_at", "yesterday"),
    "no interval": lambda redis, key: redis.hset(key, "meta", "{}"),
    "meta of another shape": lambda redis, key: redis.hset(key, "meta", "[]"),
    "interval of words": lambda redis, key: redis.hset(key, "meta", '{"interval": "often"}'),
    "interval of nothing": lambda redis, key: redis.hset(key, "meta", '{"interval": 0}'),
    "another type of key": lambda redis, key: (redis.delete(key), redis.set(key, "x")),
}


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("how", BROKEN)
def test_one_broken_entry_never_stops_the_others(how: str, store: Any, caplog: pytest.LogCaptureFixture) -> None:
    mine = scheduler.Scheduler()
    mine.register([every(60, "a-broken"), every(60, "good")])
    BROKEN[how](store, keys.job("schedule-a-broken"))
    store.zadd(keys.RQ_SCHEDULER_JOBS, {b"\xff\xfe": 5})
    with caplog.at_level(logging.ERROR, logger="trawl.scheduler"):
        mine.enqueue_jobs()
    assert occurrences("low") == [f"schedule-good-{int(NOON.timestamp())}"]
    assert any("schedule-a-broken is broken" in record.getMessage() for record in caplog.records)


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_entry_of_the_table_is_mended_by_the_next_start(how: str, store: Any) -> None:
    scheduler.Scheduler().register([every(60)])
    BROKEN[how](store, keys.job("schedule-often"))
    mine = scheduler.Scheduler()
    assert mine.register([every(60)]) == 1
    mine.enqueue_jobs()
    assert occurrences("low") == [f"schedule-often-{int(NOON.timestamp())}"]


def test_redis_going_away_ends_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    mine, waits = scheduler.Scheduler(), []
    looks = iter([connection.redis.ConnectionError("gone"), connection.redis.TimeoutError("slow"), StoreUnreachable("no"), None])

    def look() -> None:
        problem = next(looks)
        if problem:
            raise problem
        mine.stopping = True

    monkeypatch.setattr(mine, "_look", look)
    monkeypatch.setattr(clock, "wait", waits.append)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert mine.run_forever() == 0
    assert waits == [2, 4, 5, 1]
    assert len([record for record in caplog.records if "Trying again" in record.getMessage()]) == 3


def test_its_entries_are_seen_by_rq_schedulers_own_tools(store: Any) -> None:
    scheduler.Scheduler().register(scheduler.table())
    stock_scheduler = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    assert TICK in stock_scheduler
    [(job, _)] = list(stock_scheduler.get_jobs(with_times=True))
    assert (job.id, job.meta["interval"], job.func_name) == (TICK, 60, "jobs.serp.enqueue_batch")


def test_a_look_says_that_the_scheduler_lives_and_moves_delayed_jobs() -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(occur, 1, delay_s=5).job_id
        clock.advance(MINUTE)
        scheduler.Scheduler()._look()
        assert occurrences("low") == [job_id] and activity.last_beat("scheduler") == NOON + MINUTE


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
    times = [int(name.rpartition("-")[2]) for name in occurrences("low")]
    assert len(times) >= 5 and times == sorted(set(times)), "each once, in order"
