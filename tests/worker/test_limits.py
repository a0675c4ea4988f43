"""Limits per kind in worker processes: threads and coroutines share the places, and a free one is taken soon."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import clock
import queues
from state.engine import jobs, leases, limits
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from worker import consumer, inline, pool
from worker import execution as executions

running: set[str] = set()
most: list[int] = []
started: list[tuple[Any, float]] = []
go = threading.Event()


@contextmanager
def counted() -> Iterator[None]:
    """One of those that run now."""
    job_id = queues.current_job_id() or ""
    running.add(job_id)
    most.append(len(running))
    yield
    running.discard(job_id)


@queues.job(kind="form", retries=0)
def form(value: Any = None) -> None:
    """Run for a moment in a thread."""
    with counted():
        clock.wait(0.005)


@queues.job(kind="form", retries=0)
async def form_on_loop(value: Any = None) -> None:
    """The same on the loop."""
    with counted():
        await asyncio.sleep(0.005)


@queues.job(kind="form", retries=0)
def hold(value: Any = None) -> None:
    """Keep a place until the test lets go."""
    started.append((value, clock.monotonic()))
    go.wait(patience.HANG_S)


@queues.job(kind="form", retries=0)
def pass_by(value: Any = None) -> None:
    """The same kind, done at once."""


@queues.job(kind="page", retries=0)
def page(value: Any = None) -> None:
    """Another kind."""
    started.append((value, clock.monotonic()))


@pytest.fixture(autouse=True)
def fresh(store: Any) -> Iterator[None]:
    for seen in (running, most, started):
        seen.clear()
    go.clear()
    limits.announce(queues.kinds())
    yield
    go.set()


def made(names: Any = queues.QUEUES, threads: int = 8, burst: bool = False) -> consumer.Consumer:
    ends, threads_of = consumer.Policy(burst), pool.Pool(threads, 8, executions.Execution.run)
    return consumer.Consumer(f"w-{leases.token()}", lambda: names, threads_of, ends, lambda running: None)


@contextmanager
def working(*workers: consumer.Consumer) -> Iterator[None]:
    """These at work, each in a thread; stopped at the end."""
    threads = [threading.Thread(target=at_work.run) for at_work in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        go.set()
        for at_work, thread in zip(workers, threads, strict=True):
            at_work.guard.stop()
            thread.join(patience.HANG_S)
        assert not any(thread.is_alive() for thread in threads)


def status(job_id: str) -> str:
    return (connection.client().hget(keys.job(job_id), "status") or b"").decode()


def test_threads_and_coroutines_share_the_places_of_their_kind() -> None:
    limits.put("form", 3)
    calls = [(func, number) for number in range(60) for func in (form, form_on_loop)]
    ids = [one.job_id for one in queues.submit_many(calls)]
    made(burst=True).run()
    assert max(most) == 3 and len(most) == 120 and {status(job_id) for job_id in ids} == {"finished"}


@pytest.mark.real_redis
def test_two_processes_share_the_places_and_nobody_waits_without_need(store: Any) -> None:
    limits.put("form", 3)
    ids = [one.job_id for one in queues.submit_many([(form, number) for number in range(300)])]
    with working(made(), made()):
        until(lambda: all(status(job_id) == "finished" for job_id in ids[-3:]))
        until(lambda: not store.exists(keys.LEASES))
    assert max(most) == 3 and len(most) == 300


@pytest.mark.real_redis
def test_a_full_kind_holds_up_no_other() -> None:
    limits.put("form", 1)
    queues.submit_many([(hold, number) for number in range(5)])
    with working(made(threads=3)):
        until(lambda: started)
        pages = [queues.submit(page, "page").job_id for _ in range(10)]
        until(lambda: all(status(job_id) == "finished" for job_id in pages))
        assert [value for value, _ in started].count("page") == 10 and len(started) == 11


@pytest.mark.real_redis
def test_a_place_that_a_worker_of_another_queue_freed_is_taken_within_a_second_or_so() -> None:
    limits.put("form", 1)
    queues.submit(hold, "low", queue="low")
    with working(made(("low",)), made(("default",))):
        until(lambda: started)
        waits = queues.submit(hold, "default")
        until(lambda: jobs.depths(["default"])["default"] == 1 and limits.every(queues.QUEUES)[0].blocked == 1)
        freed = clock.monotonic()
        go.set()
        until(lambda: len(started) == 2)
        assert started[1][1] - freed < patience.leeway(2 * consumer.POLL_S) and waits.duplicate_of is None


@pytest.mark.real_redis
def test_a_raised_limit_is_obeyed_by_idle_workers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "POLL_S", 1000.0)
    limits.put("form", 0)
    queues.submit(hold, 1)
    with working(made()):
        until(lambda: limits.every(queues.QUEUES)[0].blocked == 1)
        limits.put("form", 1)
        until(lambda: started)


def test_burst_works_off_what_waits_for_a_place_and_leaves_what_can_never_start() -> None:
    limits.put("form", 1)
    limits.put("page", 0)
    forms = [queues.submit(form, number).job_id for number in range(10)]
    never = queues.submit(page).job_id
    made(burst=True).run()
    assert {status(job_id) for job_id in forms} == {"finished"} and status(never) == "queued"


def test_a_backlog_of_thousands_is_passed_by_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look moves a thousand; the next one follows at once, not when an idle worker looks again."""
    monkeypatch.setattr(consumer, "POLL_S", 1000.0)
    limits.put("form", 0)
    queues.submit_many([(form, number) for number in range(3500)])
    behind = queues.submit(page, 1).job_id
    at_work = made(burst=True)
    with working(at_work):
        until(lambda: status(behind) == "finished")
    assert at_work.leasing._request <= 6 and jobs.depths(["default"])["default"] == 3500


# --- in one process without threads ---------------------------------------------------------------------------------


def test_inline_runs_all_of_a_limited_kind_one_after_the_other() -> None:
    limits.put("form", 1)
    queues.submit_many([(form, 1), (form_on_loop, 2), (page, 3), (form, 4)])
    assert inline.run_until_idle() == 4 and max(most) == 1


@pytest.mark.parametrize("count", [1, 1500])
def test_inline_leaves_what_has_no_place_and_does_not_spin(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    limits.put("form", 0)
    queues.submit_many([(pass_by, number) for number in range(count)])
    queues.submit(page, 1)
    looks: list[Any] = []
    exchange = leases.exchange
    monkeypatch.setattr(leases, "exchange", lambda *given: looks.append(given) or exchange(*given))
    assert inline.run_until_idle() == 1 and len(started) == 1
    assert len(looks) <= count // 1000 + 4 and jobs.depths(["default"])["default"] == count
    limits.put("form", 5)
    assert inline.run_until_idle() == count


def test_inline_knows_the_kinds_without_any_worker(store: Any) -> None:
    store.delete(keys.KINDS)
    limits.put("form", 0)
    queues.submit(form)
    assert inline.run_until_idle() == 0


def test_inline_leaves_what_other_workers_hold_all_places_of() -> None:
    limits.put("form", 1)
    ids = [queues.submit(form, number).job_id for number in range(3)]
    [held] = leases.exchange("other", [], leases.LeaseRequest(1, queues.QUEUES, 5)).taken
    assert inline.run_until_idle() == 0
    leases.exchange("other", [leases.Settlement(held, "finished")], None)
    assert inline.run_until_idle() == 2 and {status(job_id) for job_id in ids} == {"finished"}
