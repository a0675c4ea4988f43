"""What a process holds: coroutines that wait for a place begin in order, never wait long, and have their time from then on."""

import asyncio
import gc
import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import clock
import errors
import queues
from state.engine import execution_records, leases, settlements
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from tests.worker import ended_by
from worker import batching, consumer, in_flight, outcomes, pool
from worker import execution as executions

began: list[int] = []
go = threading.Event()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    began.clear()
    go.clear()
    yield
    go.set()


async def stay(number: int) -> int:
    """Hold a place until the test lets it go."""
    began.append(number)
    while not go.is_set():
        await asyncio.sleep(0.005)
    return number


async def block(number: int) -> None:
    """Hold the whole loop."""
    began.append(number)
    go.wait(patience.HANG_S)


def stay_in_thread(number: int) -> int:
    """Hold a thread until the test lets it go."""
    began.append(number)
    go.wait(patience.HANG_S)
    return number


def task(func: Callable[..., Any], number: int) -> executions.Execution:
    job = leases.Leased(f"job{number}", "w-1-1", "default", {})
    on_loop = asyncio.iscoroutinefunction(func)
    return executions.Execution(job, executions.Call("path", func, [number], {}, 60, False, on_loop))


def holding(*work: executions.Execution, places: int = 1, threads: int = 1) -> in_flight.InFlight:
    threads_and_loop = pool.Pool(threads, places, executions.Execution.run)
    made = in_flight.InFlight(threads_and_loop, batching.SettleBatching(), coroutines=["path"])
    made.batching.ended(0.1)
    for one in work:
        made.running.add(one)
        made.pool.submit(one)
    return made


def test_a_coroutine_waits_for_a_place_and_they_begin_in_order() -> None:
    work = [task(stay, number) for number in range(5)]
    made = holding(*work, places=2)
    until(lambda: len(began) == 2)
    assert [one.began == math.inf for one in work] == [False, False, True, True, True]
    go.set()
    until(lambda: len(made.pool.done) == 5)
    assert began == [0, 1, 2, 3, 4]


def test_the_time_of_a_job_runs_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    first, late = task(stay, 1), task(stay, 2)
    made = holding(first, late, places=1)
    until(lambda: began == [1])
    assert late.deadline == math.inf and first.deadline < clock.monotonic() + 61
    assert made.first_deadline() == first.deadline
    monkeypatch.setattr(in_flight, "PREFETCH_S", 1e9)
    late.call.timeout_s = 0  # it is over at once, when it began
    made.enforce_deadlines()
    assert late.interrupted_by is None
    go.set()
    until(lambda: len(made.pool.done) == 2)
    assert late.deadline <= clock.monotonic()


def test_what_waits_too_long_goes_back_in_its_order_and_nothing_waits_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    made = holding(*(task(stay, number) for number in range(7)), places=4)
    until(lambda: len(began) == 4)
    made.enforce_deadlines()
    assert not made.unsettled and made.room(may_prefetch=True)[1] == 0, "four run, two may wait, and three do"
    monkeypatch.setattr(in_flight, "PREFETCH_S", -1)
    made.enforce_deadlines()
    assert [(one.job.id, one.outcome) for one in made.unsettled] == [("job6", "again"), ("job5", "again"), ("job4", "again")]
    assert len(made.running) == 4 and made.room(may_prefetch=True)[1] == 0
    go.set()
    until(lambda: len(made.pool.done) == 4)
    made.collect()
    assert sorted(began) == [0, 1, 2, 3] and made.room(may_prefetch=True)[1] == 4, "as many as there are places"
    assert made.batching.is_quick
    monkeypatch.setattr(made, "_no_prefetch_until", 0)
    assert made.room(may_prefetch=True)[1] == 6, "two more may wait again"


def test_a_loop_that_somebody_blocks_gets_no_more_jobs_and_gives_back_what_it_did_not_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = holding(task(block, 1), places=8)
    until(lambda: began == [1])
    second = task(stay, 2)
    made.running.add(second)
    made.pool.submit(second)
    monkeypatch.setattr(in_flight, "PREFETCH_S", -1)
    made.enforce_deadlines()
    assert [one.job.id for one in made.unsettled] == ["job2"] and made.room(may_prefetch=True) == (1, 0)
    go.set()
    until(lambda: len(made.pool.done) == 1)
    assert began == [1]


def test_a_job_that_runs_on_is_shown_once_and_one_that_waits_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, dict[str, float]]] = []
    monkeypatch.setattr(execution_records, "write_records", lambda worker, those: shown.append((worker, dict(those))))
    first, waits = task(stay_in_thread, 1), task(stay_in_thread, 2)
    made = holding(first, waits, threads=1)
    until(lambda: began == [1])
    in_flight.record_executions(made, "w-1")
    assert shown == [], "it began a moment ago"
    monkeypatch.setattr(settlements, "RECORD_AFTER_S", 0.05)
    until(lambda: clock.monotonic() - first.began > 0.05)
    in_flight.record_executions(made, "w-1")
    in_flight.record_executions(made, "w-1")
    [(worker, those)] = shown
    assert worker == "w-1" and list(those) == [first.job.lease]
    age_s = clock.monotonic() - first.began
    assert abs(those[first.job.lease] - (clock.now().timestamp() - age_s)) < patience.leeway(0.25)
    go.set()
    until(lambda: len(made.pool.done) == 2)


def test_a_job_of_which_rqs_tools_may_have_a_record_is_settled_as_one_that_they_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to that record was lost: nobody knows."""

    def lost(worker: str, those: dict[str, float]) -> None:
        raise ConnectionError

    monkeypatch.setattr(execution_records, "write_records", lost)
    monkeypatch.setattr(settlements, "RECORD_AFTER_S", 0)
    only = task(stay_in_thread, 1)
    only.job = only.job._replace(prefetched=True)
    made = holding(only, threads=1)
    until(lambda: began == [1])
    with pytest.raises(ConnectionError):
        in_flight.record_executions(made, "w-1")
    assert not only.recorded
    go.set()
    until(lambda: len(made.pool.done) == 1)
    made.collect()
    assert [one.started_at for one in made.unsettled] == [""]


def test_a_job_that_has_ended_is_shown_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settlement is on its way, and would leave the record behind."""
    shown: list[dict[str, float]] = []
    monkeypatch.setattr(execution_records, "write_records", lambda worker, those: shown.append(dict(those)))
    monkeypatch.setattr(settlements, "RECORD_AFTER_S", 0)
    made = holding(task(stay_in_thread, 1), threads=1)
    go.set()
    until(lambda: len(made.pool.done) == 1)
    in_flight.record_executions(made, "w-1")
    assert shown == []


def test_threads_have_some_ahead_too_and_begin_them_in_order() -> None:
    made = holding(*(task(stay_in_thread, number) for number in range(9)), threads=8)
    until(lambda: len(began) == 8)
    assert made.room(may_prefetch=True)[0] == 3, "four may wait, one does"
    assert made.room()[0] == 0, "and none where nothing more waits: another process may have free threads"
    assert [one.began == math.inf for one in made.running.values()] == [False] * 8 + [True]
    go.set()
    until(lambda: len(made.pool.done) == 9)
    assert began[8] == 8


def test_a_job_for_a_thread_that_waits_too_long_goes_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made = holding(*(task(stay_in_thread, number) for number in range(4)), threads=2)
    until(lambda: len(began) == 2)
    monkeypatch.setattr(in_flight, "PREFETCH_S", -1)
    made.enforce_deadlines()
    assert [one.job.id for one in made.unsettled] == ["job3", "job2"] and len(made.running) == 2
    go.set()
    until(lambda: len(made.pool.done) == 2)
    made.collect()
    assert sorted(began) == [0, 1] and made.room(may_prefetch=True)[0] == 2


def test_nothing_is_taken_ahead_of_jobs_that_may_be_long() -> None:
    made = in_flight.InFlight(pool.Pool(8, 8, executions.Execution.run), batching.SettleBatching(), coroutines=["path"])
    assert made.room(may_prefetch=True) == (8, 8)
    made.batching.ended(0.1)
    assert made.room(may_prefetch=True) == (12, 12) and made.room() == (8, 8)
    for _ in range(100):
        made.batching.ended(60)
    assert made.room(may_prefetch=True) == (8, 8)


def test_a_job_that_was_stopped_while_it_waited_for_a_thread_never_runs() -> None:
    first, second = task(stay_in_thread, 1), task(stay_in_thread, 2)
    made = holding(first, second)
    until(lambda: began == [1])
    made.pool.interrupt(second, errors.LeaseLost)
    go.set()
    until(lambda: len(made.pool.done) == 2)
    assert began == [1] and ended_by(second, errors.LeaseLost)


@queues.job(timeout_s=60, retries=0)
async def stay_job(number: int) -> int:
    """The same as a job."""
    return await stay(number)


@pytest.mark.real_redis
def test_jobs_that_waited_behind_long_ones_are_free_for_other_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "PREFETCH_S", 0.3)
    monkeypatch.setattr(outcomes, "_hooks", [])
    ids = [one.job_id for one in queues.submit_many([(stay_job, number) for number in range(7)])]
    pool_of_four = pool.Pool(1, 4, executions.Execution.run)
    at_work = consumer.Consumer("w-1", lambda: queues.QUEUES, pool_of_four, consumer.Policy(), lambda ids: None)
    at_work.in_flight.batching.ended(0.1)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    try:
        until(lambda: len(began) == 4)
        redis, queue = connection.client(), keys.queue("default")
        until(lambda: [raw.decode() for raw in redis.lrange(queue, 0, -1)] == ids[4:])
        assert redis.zcard(keys.LEASES) == 4 and redis.hget(keys.job(ids[4]), "status") == b"queued"
        go.set()
        until(lambda: all(redis.hget(keys.job(one), "status") == b"finished" for one in ids))
        assert sorted(began) == list(range(7)) and redis.hget(keys.job(ids[4]), "deaths") is None
    finally:
        at_work.guard.stop()
        thread.join(patience.HANG_S)


@pytest.mark.parametrize("walk", [lambda made: made.enforce_deadlines(), lambda made: in_flight.record_executions(made, "w")])
def test_a_walk_over_what_runs_goes_on_though_the_other_thread_takes_something_out_of_it(
    walk: Callable[[in_flight.InFlight], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A garbage collection comes with any new tuple, and lets the other thread in."""
    monkeypatch.setattr(execution_records, "write_records", lambda worker, unrecorded: None)
    made = in_flight.InFlight(pool.Pool(0, 1, executions.Execution.run), batching.SettleBatching())
    made.running |= {f"job{number}": task(stay_in_thread, number) for number in range(2000)}

    def collected(phase: str, info: dict[str, int]) -> None:
        if made.running:
            made.running.pop(next(iter(made.running)))

    before = gc.get_threshold()
    gc.callbacks.append(collected)
    gc.set_threshold(1)
    try:
        walk(made)
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(collected)
    assert len(made.running) < 2000, "something was taken out meanwhile"


def test_two_jobs_over_their_time_are_written_off_in_one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    made = in_flight.InFlight(pool.Pool(0, 1, executions.Execution.run), batching.SettleBatching())
    monkeypatch.setattr(made.pool, "write_off", lambda execution: None)
    for number in range(2):
        made.running[f"job{number}"] = late = task(stay_in_thread, number)
        late.began -= late.call.timeout_s + in_flight.GRACE_S + 1
    made.enforce_deadlines()
    assert not made.running and made.stuck == 2 and len(made.unsettled) == 2


def test_a_process_that_nobody_would_replace_takes_more_than_its_number_of_jobs() -> None:
    made = in_flight.InFlight(pool.Pool(8, 8, executions.Execution.run), batching.SettleBatching(), max_jobs=20)
    made.ended = 20
    assert made.jobs_until_recycle() == 0 and made.room() == (0, 0)
    made.watchdog.ask_to_stay(True)
    assert made.jobs_until_recycle() > 20 and made.room()[0] == 8
    made.watchdog.ask_to_stay(False)
    assert made.jobs_until_recycle() == 0 and made.room() == (0, 0)
