"""Workers that look once in five minutes: one that hears of jobs that are not its own, or too many for it, tells the others."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import queues
from state.engine import jobs, leases, wakeups
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from tests.worker.test_consumer import done, fresh, go, hold, note, working
from tests.worker.test_polling import quiet, seldom
from worker import consumer, pool, supervisor
from worker import execution as executions

__all__ = ["fresh", "seldom"]  # fixtures

pytestmark = [pytest.mark.real_redis, pytest.mark.usefixtures("seldom")]


@contextmanager
def serving(*names: str, threads: int = 1, count: int = 1) -> Iterator[list[consumer.Consumer]]:
    """So many workers of these queues, each idle before the next one waits."""
    with ExitStack() as stack:
        made = [stack.enter_context(_one(names, threads)) for _ in range(count)]
        yield made


@contextmanager
def _one(names: Sequence[str], threads: int) -> Iterator[consumer.Consumer]:
    where = pool.Pool(threads, 100, executions.Execution.run)
    at_work = consumer.Consumer(f"w-{leases.token()}", lambda: names, where, consumer.Policy(), lambda running: None)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    try:
        until(lambda: quiet(at_work))
        yield at_work
    finally:
        at_work.guard.stop()
        go.set()
        thread.join(patience.HANG_S)
        assert not thread.is_alive()


@pytest.mark.parametrize("delay_s", [0, 1])
def test_a_worker_of_other_queues_that_is_woken_passes_it_on(delay_s: int) -> None:
    with serving("low", count=2), serving("default"):
        began = clock.monotonic()
        queues.submit(note, delay_s=delay_s)
        until(lambda: done)
        assert clock.monotonic() - began < 2 * delay_s + patience.leeway(2)


def test_a_worker_that_is_asked_to_end_after_its_last_turn_takes_no_job_with_it(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over, asked = consumer.Consumer._is_over, threading.Event()

    def asked_to_end(self: consumer.Consumer) -> bool:
        self.guard.stop()
        asked.set()
        return is_over(self)

    with serving("default") as [at_work]:
        monkeypatch.setattr(consumer.Consumer, "_is_over", asked_to_end)
        at_work.pool.wake_up()
        until(asked.is_set)
    queues.submit(note)
    clock.wait(0.2)  # a fetch that nobody reads would have leased it
    assert store.llen("rq:queue:default") == 1 and not store.zcard(keys.LEASES)


def test_jobs_that_rq_left_in_a_queue_of_others_reach_them(store: Any) -> None:
    """E.g. what waited for a job: RQ's own handlers queue it, and wake nobody."""
    with serving("low") as [low], serving("default"):
        rq.Queue("default", connection=store, serializer=JSONSerializer).enqueue("tests.worker.test_consumer.note")
        low._timers.schedule("poll", 0)
        queues.submit(note, queue="low")  # it wakes for a job of its own
        until(lambda: len(done) == 2)


def test_a_busy_worker_that_finds_more_than_it_can_run_wakes_the_others(store: Any) -> None:
    with serving(*queues.QUEUES, threads=2) as [busy], serving(*queues.QUEUES, threads=2):
        queues.submit(hold)
        until(lambda: busy.in_flight.running)
        queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
        for _ in range(3):
            queue.enqueue("tests.worker.test_consumer.hold")
        until(lambda: len(done) == 4)


def test_passing_on_has_an_end_where_nobody_serves_the_queue(store: Any) -> None:
    with serving("low", count=2):
        queues.submit(note, queue="high")
        before, began = store.info("commandstats")["cmdstat_blpop"]["calls"], clock.monotonic()
        clock.wait(3)
        waits = store.info("commandstats")["cmdstat_blpop"]["calls"] - before
        assert waits / (clock.monotonic() - began) < 8


def test_jobs_of_a_dead_worker_wake_those_that_idle() -> None:
    queues.submit_many([(hold, number) for number in range(3)])
    assert len(leases.exchange("gone", [], leases.LeaseRequest(1, queues.QUEUES, threads=3)).taken) == 3
    connection.client().rename(keys.LEASES, "aside")
    with serving(*queues.QUEUES, count=3):
        connection.client().rename("aside", keys.LEASES)
        supervisor.rescue_jobs("gone")
        until(lambda: len(done) == 3)


def test_one_that_takes_back_more_than_it_can_run_wakes_the_others() -> None:
    queues.submit_many([(hold, number) for number in range(3)])
    taken = leases.exchange("gone", [], leases.LeaseRequest(1, queues.QUEUES, threads=3)).taken
    connection.client().delete(keys.LEASES)
    with serving(*queues.QUEUES, count=3) as [one, *_]:
        connection.client().zadd(keys.LEASES, {job.lease: 1 for job in taken})
        one.polling.is_quiet = False
        one._timers.schedule("rescue", 0)
        one.pool.wake_up()
        until(lambda: len(done) == 3)


def test_a_worker_that_ends_tells_another_of_the_delayed_jobs_it_knew_of() -> None:
    with serving(*queues.QUEUES):
        with serving(*queues.QUEUES) as [first]:
            connection.client().rpush(keys.WAKE, 1)  # the one that waits longest hears of it
            until(lambda: not connection.client().llen(keys.WAKE))
            until(lambda: quiet(first))
            queues.submit(note, delay_s=2)
        until(lambda: done)


def test_many_that_are_due_at_once_are_moved_one_look_after_the_other() -> None:
    queues.submit_many([(note, number) for number in range(3)])
    ids = [job.decode() for job in connection.client().lrange(keys.queue("default"), 0, -1)]
    connection.client().delete(keys.queue("default"))
    for job_id in ids:
        connection.client().hset(keys.job(job_id), "status", "scheduled")
    connection.client().zadd(keys.RQ_SCHEDULED + "default", dict.fromkeys(ids, 1.0))
    assert jobs.promote_due("default", at_most=2) == (2, 0.0)


def test_a_worker_that_gets_no_connection_to_wait_on_looks_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object) -> int:
        raise connection.NoFreeClient("none is free")

    monkeypatch.setattr(wakeups.BlockingWait, "wait", refused)
    with working() as deaf:
        until(lambda: deaf.polling.is_quiet)
        queues.submit(note)
        until(lambda: done)
