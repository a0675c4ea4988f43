"""What stops all work is seen: in one look, in the answer to a submit, and once a minute in the log."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import models
import queues
import scheduler
from jobs import serp
from scheduling import loop
from state.engine import heartbeats, leases, limits, looks, schedule_switches
from state.store import keys
from state.tracking import halts
from tests.state import NOON, tick, tracked
from tests.worker import test_consumer
from topics.operations import status, stops
from worker.rq import registration


@queues.job(queue="default", kind="stoppable")
def work(number: int) -> int:
    """A job that anybody could run."""
    return number


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def lives(*names: str, worker: str = "w") -> None:
    registration.WorkerRecord(names or queues.QUEUES, worker, lambda job: None).register_birth()


def armed() -> None:
    loop.Scheduler().register(scheduler.table())
    heartbeats.beat("scheduler")


def names() -> list[str]:
    return [stop.name for stop in stops.every()]


def suspended(store: Any) -> None:
    lives()
    store.set(keys.RQ_SUSPENDED, 1)


def suspended_for_a_while(store: Any) -> None:
    lives()
    store.set(keys.RQ_SUSPENDED, 1, ex=600)


def halted(store: Any) -> None:
    halts.halt("sandbox", "no credits")


def no_worker(store: Any) -> None:
    queues.submit(work, 1)


def workers_of_other_queues(store: Any) -> None:
    lives("low")
    queues.submit(work, 1)


def dead_workers_on_the_list(store: Any) -> None:
    lives()
    store.delete(f"{keys.RQ_WORKER}w")
    queues.submit(work, 1)


def delayed_job_that_is_due(store: Any) -> None:
    queues.submit(work, 1, delay_s=5)
    clock.advance(timedelta(seconds=9))


def workers_that_stand_still(store: Any) -> None:
    lives()
    queues.submit(work, 1)
    clock.advance(timedelta(minutes=6))


def no_scheduler(store: Any) -> None:
    loop.Scheduler().register(scheduler.table())


def scheduler_that_stands_still(store: Any) -> None:
    armed()
    clock.advance(timedelta(minutes=3))


def broken_entry(store: Any) -> None:
    armed()
    store.hset(keys.job("schedule-sweep"), "data", "garbage")


def entry_whose_hash_is_gone(store: Any) -> None:
    armed()
    store.delete(keys.job("schedule-begin-budget-month"))


def entry_that_is_not_armed(store: Any) -> None:
    armed()
    store.zrem(keys.RQ_SCHEDULER_JOBS, "schedule-begin-budget-month")


def entry_due_in_thirty_years(store: Any) -> None:
    armed()
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"schedule-sweep": NOON.timestamp() + 1e9})


STOPS: dict[Callable[[Any], None], tuple[str, str]] = {
    suspended: ("suspended", "rq resume"),
    suspended_for_a_while: ("suspended", "for another 10 min"),
    halted: ("halted", "serp resume"),
    no_worker: ("no worker", "`python manage.py worker`"),
    workers_of_other_queues: ("no worker", "worker --queues default"),
    dead_workers_on_the_list: ("no worker", "queue default, which holds 1 job"),
    delayed_job_that_is_due: ("no worker", "queue default, which holds 1 job"),
    workers_that_stand_still: ("stalled", "1 worker serves it"),
    no_scheduler: ("no scheduler", "`python manage.py scheduler`"),
    scheduler_that_stands_still: ("scheduler late", "has not run what was due: "),
    broken_entry: ("broken entry", "sweep"),
    entry_whose_hash_is_gone: ("broken entry", "begin-budget-month"),
    entry_that_is_not_armed: ("not armed", "schedule enable begin-budget-month"),
    entry_due_in_thirty_years: ("broken entry", "later than its rule says"),
}


@pytest.mark.parametrize("happens", STOPS, ids=lambda happens: happens.__name__)
def test_what_stops_all_work_is_named_with_what_ends_it(happens: Callable[[Any], None], store: Any) -> None:
    happens(store)
    before = {key: store.dump(key) for key in store.scan_iter("*")}
    name, says = STOPS[happens]

    [stop] = stops.every()

    assert stop.name == name and says in str(stop) and stop.wrong
    assert [one.name for one in status.now().stops if one.name != "redis"] == [name]
    assert {key: store.dump(key) for key in store.scan_iter("*")} == before


@pytest.mark.parametrize("happens", STOPS, ids=lambda happens: happens.__name__)
def test_it_is_said_once_a_minute_in_the_log(
    happens: Callable[[Any], None], store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    happens(store)
    watch = stops.Watch()

    with caplog.at_level(logging.WARNING, logger="trawl.stops"):
        watch.say()
        caplog.clear()
        watch.say()

    [line] = caplog.messages
    assert STOPS[happens][1] in line


def test_the_first_look_of_a_process_does_not_complain_of_others_that_start_with_it(
    store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    no_scheduler(store)
    no_worker(store)

    with caplog.at_level(logging.WARNING, logger="trawl.stops"):
        stops.Watch().say()

    assert caplog.messages == []


def test_a_system_at_work_shows_nothing(store: Any) -> None:
    lives()
    armed()
    queues.submit(work, 1)
    leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, threads=1))
    queues.submit(work, 2)
    queues.submit(work, 3, delay_s=9)
    limits.announce(queues.kinds())
    limits.put("stoppable", 1)
    tracked(3)
    tick(1)

    assert stops.every() == []


def test_an_empty_store_shows_nothing() -> None:
    assert stops.every() == []


def test_what_somebody_wants_so_is_told_and_not_wrong(store: Any) -> None:
    lives()
    armed()
    schedule_switches.disable("schedule-sweep", schedule_switches.HAND)
    limits.announce(queues.kinds())
    limits.put("stoppable", 0)
    queues.submit(work, 1)
    leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, threads=1))

    assert {(stop.name, stop.wrong) for stop in stops.every()} == {("disabled", False), ("limit", False)}


def test_an_entry_that_left_the_table_is_nothing_to_see(store: Any) -> None:
    armed()
    schedule_switches.disable("schedule-sweep", schedule_switches.REMOVED)
    store.hset(keys.job("schedule-sweep"), "data", "garbage")

    assert names() == []


def test_jobs_that_wait_for_a_place_of_their_kind_have_no_worker_either(store: Any) -> None:
    limits.announce(queues.kinds())
    limits.put("stoppable", 1)
    for number in range(3):
        queues.submit(work, number)
    leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, threads=3))

    [stop] = [stop for stop in stops.every() if stop.name == "no worker"]
    assert "holds 2 jobs" in stop.says


def test_keys_that_somebody_broke_do_not_blind_the_look(store: Any) -> None:
    for key in (keys.HALTED, keys.RQ_WORKERS, keys.RQ_SCHEDULER_JOBS, keys.LIMITS, keys.queue("high")):
        store.delete(key)
        store.sadd(key, "x") if key in (keys.HALTED, keys.LIMITS, keys.queue("high")) else store.set(key, "x", ex=60)
    store.set(keys.RQ_SUSPENDED, 1)

    assert names() == ["suspended"]
    store.delete(keys.HALTED, keys.LIMITS)


# --- the answer to a submit ---


def test_a_submit_that_will_run_warns_of_nothing(store: Any) -> None:
    lives()

    assert queues.submit(work, 1).warnings == ()
    assert queues.submit(work, 1, delay_s=5).warnings == ()


def test_a_submit_says_that_workers_are_suspended_and_stops_saying_so(store: Any) -> None:
    lives()
    assert queues.submit(work, 1).warnings == ()
    store.set(keys.RQ_SUSPENDED, 1)
    [warning] = queues.submit(work, 1).warnings
    assert "Suspended" in warning and "rq resume" in warning
    store.delete(keys.RQ_SUSPENDED)
    assert queues.submit(work, 1).warnings == ()


@pytest.mark.parametrize("happens", [no_worker, workers_of_other_queues, dead_workers_on_the_list])
def test_a_submit_says_that_no_worker_serves_its_queue(happens: Callable[[Any], None], store: Any) -> None:
    happens(store)
    [warning] = queues.submit(work, 1).warnings
    assert "No worker runs that serves the queue default" in warning and "python manage.py worker" in warning
    lives(worker="another")
    assert queues.submit(work, 1).warnings == ()


def test_one_of_many_workers_that_lives_is_enough(store: Any) -> None:
    for number in range(8):
        lives(worker=f"w{number}")
    for number in range(7):
        store.delete(f"{keys.RQ_WORKER}w{number}")
    for number in range(9):
        assert queues.submit(work, number).warnings == ()


def test_only_what_fetches_is_told_of_a_halt(store: Any) -> None:
    lives()
    [keyword] = tracked()
    halts.halt("sandbox", "no credits")

    assert queues.submit(work, 1).warnings == ()
    [warning] = queues.submit(serp.track_keyword, keyword).warnings
    assert "no credits" in warning and "serp resume" in warning


def test_a_submit_says_that_no_job_of_its_kind_may_start(store: Any) -> None:
    lives()
    limits.put("stoppable", 0)
    [warning] = queues.submit(work, 1).warnings
    assert "limit" in warning and "stoppable" in warning


def test_each_of_many_calls_is_told_of_its_own_queue_and_duplicates_too(store: Any) -> None:
    lives("high")
    keyed = [(number % 600, "high" if number % 2 else None) for number in range(1200)]
    calls = [models.Call(work, (number,), {}, f"k:{number}", queue) for number, queue in keyed]

    told = queues.submit_many(calls)

    assert {(bool(one.warnings), one.queue) for one in told} == {(True, "default"), (False, "high")}
    assert any(one.duplicate_of and one.warnings for one in told)


def test_a_flood_of_submits_looks_now_and_then_and_soon_tells_the_truth(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(looks, "latest", looks.Looks())
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    lives()
    for number in range(100):
        queues.submit(work, number)
    store.set(keys.RQ_SUSPENDED, 1)
    assert queues.submit(work, 1).warnings == (), "it has looked often enough"
    now += 2 * looks.LOOK_S
    assert queues.submit(work, 1).warnings != ()
    assert queues.submit(work, 1, queue="low").warnings != (), "a queue it has not looked at"


def test_a_worker_says_it_among_its_chores(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(stops.Watch, "say", lambda self: said.append("look"))
    at_work = test_consumer.made()

    at_work._timers.run_due()
    at_work.follow_ups.finish(30)

    assert said == ["look"]


def test_a_scheduler_says_it_among_its_chores(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(stops.Watch, "say", lambda self: said.append("look"))

    loop.Scheduler(stops.Watch().say)._look()

    assert said == ["look"]
