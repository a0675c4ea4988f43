"""Threads and coroutines: how many run, how they are told of an end, and how they are interrupted."""

import asyncio
import contextvars
import decimal
import functools
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import clock
import logs
from errors import JobTimeout
from state.engine import leases
from tests import patience
from tests.local.real import until
from tests.worker import ended_by, value_of
from worker import execution as executions
from worker import outcomes, pool


def task(func: Callable[..., Any], *args: Any, isolated: bool = False) -> executions.Execution:
    job = leases.Leased(f"job{id(func)}", "w-1-1", "default", {})
    call = executions.Call("path", func, list(args), {}, 60, isolated, asyncio.iscoroutinefunction(func))
    return executions.Execution(job, call)


def ended(made: pool.Pool, count: int) -> list[executions.Execution]:
    until(lambda: len(made.done) >= count)
    return list(made.done)


class Meter:
    """Counts how many are inside at a time."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.lock = threading.Lock()
        self.go = threading.Event()

    def work(self) -> None:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.go.wait(patience.HANG_S)
        with self.lock:
            self.inside -= 1


@pytest.mark.parametrize("size", [1, 3, 8])
def test_as_many_jobs_run_at_a_time_as_there_are_threads(size: int) -> None:
    made, meter = pool.Pool(size, 1, executions.Execution.run), Meter()
    for _ in range(2 * size):
        made.submit(task(meter.work))
    until(lambda: meter.inside == size)
    meter.go.set()
    assert len(ended(made, 2 * size)) == 2 * size and meter.most == size


def test_coroutines_share_one_loop_and_block_no_thread() -> None:
    made, inside, loops = pool.Pool(1, 100, executions.Execution.run), [], set()

    async def work(number: int) -> int:
        inside.append(number)
        loops.add(asyncio.get_running_loop())
        while len(inside) < 50:
            await asyncio.sleep(0.001)
        return number

    waiting = [task(work, number) for number in range(50)]
    for one in waiting:
        made.submit(one)
    ended(made, 50)
    assert sorted(value_of(one) for one in waiting) == list(range(50)) and len(loops) == 1


def test_an_isolated_job_is_given_to_the_zygote_and_a_coroutine_too() -> None:
    apart: list[executions.Execution] = []
    made = pool.Pool(1, 1, apart.append)

    async def later() -> None: ...

    made.submit(task(print, isolated=True))
    made.submit(task(later, isolated=True))
    assert len(ended(made, 2)) == len(apart) == 2


def test_the_wake_pipe_is_readable_when_a_job_ends_and_the_consumer_waits() -> None:
    made = pool.Pool(1, 1, executions.Execution.run)
    made.waiting = True
    made.submit(task(int))
    assert select.select([made.wake_reader], [], [], 10)[0] == [made.wake_reader]
    made.drain()
    assert select.select([made.wake_reader], [], [], 0)[0] == []


def test_wake_ups_that_nobody_reads_fill_no_pipe_and_stop_no_job() -> None:
    made = pool.Pool(2, 1, executions.Execution.run)
    made.waiting = True
    for _ in range(70_000):
        made.wake_up()
    with pytest.raises(BlockingIOError):
        os.write(made._wake_writer, b".")
    made.submit(task(int))
    assert [value_of(one) for one in ended(made, 1)] == [0]
    made.drain()
    assert select.select([made.wake_reader], [], [], 0)[0] == []
    made.wake_up()
    assert select.select([made.wake_reader], [], [], 0)[0] == [made.wake_reader]


def test_an_interruption_ends_a_coroutine_as_what_it_is() -> None:
    made, started = pool.Pool(1, 1, executions.Execution.run), threading.Event()

    async def hang() -> None:
        started.set()
        await asyncio.sleep(60)

    one = task(hang)
    made.submit(one)
    assert started.wait(patience.HANG_S)
    made.interrupt(one, JobTimeout)
    ended(made, 1)
    assert ended_by(one, JobTimeout)


@pytest.mark.parametrize("spawned", [True, False])
def test_a_coroutine_interrupted_before_its_first_step_is_no_success(spawned: bool) -> None:
    """Another one blocks the loop until the time of the second is up: it never ran, so it must not count as done."""
    made, go, blocked, ran = pool.Pool(1, 2, executions.Execution.run), threading.Event(), threading.Event(), []

    async def block() -> None:
        blocked.set()
        go.wait(patience.HANG_S)

    async def second() -> None:
        ran.append(1)

    first, late = task(block), task(second)
    made.submit(first)
    assert blocked.wait(patience.HANG_S)

    def spawn_and_interrupt() -> None:
        made.coroutine_pool.waiting.append(late)
        made.coroutine_pool._start_runners()
        made.interrupt(late, JobTimeout)

    assert made.coroutine_pool._loop is not None
    if spawned:
        made.coroutine_pool._loop.call_soon_threadsafe(spawn_and_interrupt)
    else:
        made.submit(late)
        made.interrupt(late, JobTimeout)
    go.set()
    ended(made, 2)
    assert ran == [] and ended_by(late, JobTimeout) and outcomes.of(late).outcome == "failed"


def test_an_interruption_that_comes_after_the_end_harms_no_other_job() -> None:
    made = pool.Pool(1, 1, executions.Execution.run)
    first = task(int)
    made.submit(first)
    ended(made, 1)
    made.interrupt(first, JobTimeout)
    results = [task(int, number) for number in range(20)]
    for one in results:
        made.submit(one)
    ended(made, 21)
    assert [value_of(one) for one in results] == list(range(20)) and all(one.error is None for one in results)


def test_interruptions_at_any_moment_lose_no_thread(request: pytest.FixtureRequest) -> None:
    """Hundreds of short jobs, each interrupted about when it ends: every job ends in some way and the threads go on."""
    made = pool.Pool(2, 1, executions.Execution.run)
    request.addfinalizer(functools.partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-5)  # else a job is over before we can interrupt it

    def spin(seconds: float = 0.001) -> None:
        end = clock.monotonic() + seconds
        while clock.monotonic() < end:
            pass

    hit = [task(spin) for _ in range(400)]
    late = clock.monotonic() + patience.HANG_S
    for number, one in enumerate(hit):
        made.submit(one)
        while not (one.running or one in made.done):
            assert clock.monotonic() < late, "a thread is gone"
        spin(number * 0.004 / len(hit))
        made.interrupt(one, JobTimeout)
    both = threading.Barrier(2)
    last = [task(both.wait, patience.HANG_S) for _ in range(2)]
    for one in last:
        made.submit(one)
    assert len(ended(made, 402)) == 402
    assert {one.error and one.error.name for one in hit} == {None, "JobTimeout"}, "some were hit, and some were not"
    assert {value_of(one) for one in last} == {0, 1}, "a thread is gone"


def test_a_thread_that_was_written_off_is_replaced_and_its_late_end_is_not_told() -> None:
    made, go = pool.Pool(1, 1, executions.Execution.run), threading.Event()
    stuck = task(go.wait, patience.HANG_S)
    made.submit(stuck)
    until(lambda: stuck.running)
    made.write_off(stuck)
    made.submit(task(int))
    assert [one.call.func for one in ended(made, 1)] == [int]
    go.set()
    until(lambda: not stuck.running)
    made.submit(task(int))
    assert stuck not in ended(made, 2)


VAR: "contextvars.ContextVar[str]" = contextvars.ContextVar("var", default="none")


def see_and_leave(name: str) -> list[str]:
    """What an earlier run left: in a context variable, in the rules of decimal numbers, in what the log lines carry."""
    seen = [VAR.get(), str(decimal.getcontext().prec), ",".join(logs._bound.get().values())]
    VAR.set(name)
    decimal.getcontext().prec = 3
    logs.bind(job=name).__enter__()
    return seen


async def see_and_leave_later(name: str) -> list[str]:
    """The same on the loop."""
    seen = see_and_leave(name)
    await asyncio.sleep(0)
    assert VAR.get() == name, "a run keeps what it has set"
    return seen


@pytest.mark.parametrize("func", [see_and_leave, see_and_leave_later])
def test_a_run_sees_nothing_of_the_run_before(func: Callable[..., Any]) -> None:
    made = pool.Pool(1, 1, executions.Execution.run)
    work = [task(func, str(number)) for number in range(6)]  # one place: they follow each other without a break
    for one in work:
        made.submit(one)
    ended(made, 6)
    assert [value_of(one) for one in work] == [["none", "28", one.job.id] for one in work]


def test_a_coroutine_in_a_context_of_its_own_gets_its_errors_and_cancellations() -> None:
    made = pool.Pool(1, 1, executions.Execution.run)

    async def tries() -> list[str]:
        told = []
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(10)
        except TimeoutError:
            told.append("timeout")
        inner = asyncio.create_task(asyncio.sleep(0, VAR.set("mine") and VAR.get()))
        told.append(await inner)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except TimeoutError:
            told.append("again")
        return told

    one = task(tries)
    made.submit(one)
    ended(made, 1)
    assert value_of(one) == ["timeout", "mine", "again"]


def test_a_defect_of_ours_in_a_run_ends_the_job_and_not_the_thread() -> None:
    def breaks(task: executions.Execution) -> None:
        raise KeyError("defect")

    made = pool.Pool(1, 1, breaks)
    first, second = task(int, isolated=True), task(int)
    made.submit(first)
    made.submit(second)
    ended(made, 2)
    assert first.error and first.error.name == "KeyError" and value_of(second) == 0


async def ran_on_loop(begun: list[str]) -> None:
    """Note that it ran."""
    begun.append("loop")


@pytest.mark.parametrize("func", [lambda begun: begun.append("thread"), ran_on_loop], ids=["thread", "coroutine"])
def test_nothing_begins_under_a_lease_that_may_have_run_out(func: Callable[..., Any]) -> None:
    """It goes back, nothing spent: while this process stood still, another worker may have begun it."""
    made, begun = pool.Pool(1, 1, executions.Execution.run), []
    stale, held = task(func, begun), task(func, begun)
    stale.proven_until, held.proven_until = clock.boottime() - 0.001, clock.boottime() + patience.HANG_S
    made.submit(stale)
    made.submit(held)
    ended(made, 2)
    assert len(begun) == 1 and held.error is None
    assert outcomes.of(stale) == outcomes.requeued(stale.job)
