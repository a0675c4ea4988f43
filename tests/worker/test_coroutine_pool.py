"""Coroutines at their places: the next one begins at once, nobody is starved, and what was meant for one never hits another."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from errors import JobTimeout
from state.engine import leases
from tests.local.real import until
from tests.worker import ended_by, value_of
from worker import coroutine_pool
from worker import execution as executions

said: list[str] = []
ended: list[executions.Execution] = []
go = threading.Event()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    said.clear()
    ended.clear()
    go.clear()
    yield
    go.set()


def task(func: Callable[..., Any], *args: Any) -> executions.Execution:
    job = leases.Leased(f"job-{args}", "w-1-1", "default", {})
    return executions.Execution(job, executions.Call("path", func, list(args), {}, 60, False, True))


def made(most: int) -> coroutine_pool.CoroutinePool:
    return coroutine_pool.CoroutinePool(most, ended.append)


async def wait_for_go(name: str) -> None:
    said.append(f"{name} begins")
    while not go.is_set():
        await asyncio.sleep(0.002)
    said.append(f"{name} ends")


async def instant(name: str) -> None:
    said.append(name)


def test_the_next_one_begins_in_the_step_in_which_one_ended() -> None:
    """Both become ready in one round of the loop; the third must not wait for the second."""
    gate: list[asyncio.Future[None]] = []

    async def ready_together(name: str) -> None:
        if not gate:
            gate.append(asyncio.get_running_loop().create_future())
        said.append(f"{name} begins")
        await asyncio.shield(gate[0])
        said.append(f"{name} ends")

    where = made(2)
    for one in (task(ready_together, "a"), task(ready_together, "b"), task(instant, "c")):
        where.submit(one)
    until(lambda: len(said) == 2)
    gate[0].get_loop().call_soon_threadsafe(gate[0].set_result, None)
    until(lambda: len(ended) == 3)
    assert said == ["a begins", "b begins", "a ends", "c", "b ends"]


def test_jobs_that_wait_for_nothing_leave_the_others_their_turns() -> None:
    turns: list[int] = []

    async def take_turns() -> None:
        while not go.is_set():
            turns.append(len(said))
            await asyncio.sleep(0)

    where = made(4)
    where.submit(task(take_turns))
    until(lambda: turns)
    for number in range(400):
        where.submit(task(instant, str(number)))
    until(lambda: len(ended) == 400)
    go.set()
    until(lambda: len(ended) == 401)
    assert said == [str(number) for number in range(400)]
    amid = {count for count in turns if 0 < count < 400}
    assert len(amid) >= 50, "each round begins as many as there are places, and no more"


def test_a_job_that_was_cancelled_leaves_its_place_clean_for_the_next() -> None:
    async def counts() -> int:
        me = asyncio.current_task()
        async with asyncio.timeout(5):
            await asyncio.sleep(0)
        return me.cancelling() if me else -1

    where, first, second = made(1), task(wait_for_go, "first"), task(counts)
    where.submit(first)
    where.submit(second)
    until(lambda: said)
    first.interrupted_by = JobTimeout
    assert where.cancel(first)
    until(lambda: len(ended) == 2)
    assert ended_by(first, JobTimeout) and second.error is None and value_of(second) == 0


def test_a_cancel_that_comes_late_does_not_hit_the_next_at_the_same_place() -> None:
    where, first, second = made(1), task(instant, "first"), task(wait_for_go, "second")
    where.submit(first)
    where.submit(second)
    until(lambda: "second begins" in said)
    assert not where.cancel(first)
    where._cancel(first)
    go.set()
    until(lambda: len(ended) == 2)
    assert second.error is None and first.error is None


def test_one_that_was_interrupted_while_it_waited_never_runs_and_one_withdrawn_is_not_begun() -> None:
    where, first, second, third = made(1), task(wait_for_go, "first"), task(instant, "second"), task(instant, "third")
    for one in (first, second, third):
        where.submit(one)
    until(lambda: said)
    assert where.withdraw() == [third, second] and not where.waiting
    second.interrupted_by = JobTimeout
    assert not where.cancel(second)
    where.submit(second)
    go.set()
    until(lambda: len(ended) == 2)
    assert ended_by(second, JobTimeout) and said == ["first begins", "first ends"]


def test_what_is_submitted_between_the_last_look_of_a_place_and_its_end_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    where, looks = made(1), [0]
    look = where._next

    def look_and_be_late() -> executions.Execution | None:
        found = look()
        looks[0] += found is None
        if found is None and looks[0] == 1:
            where.submit(task(instant, "late"))  # the one place counts as busy still: nobody wakes the loop
        return found

    monkeypatch.setattr(where, "_next", look_and_be_late)
    where.submit(task(instant, "first"))
    until(lambda: len(ended) == 2)
    assert said == ["first", "late"]


def test_whatever_is_submitted_runs_while_places_end_and_begin() -> None:
    """One place, submits from outside at every moment of its end."""
    where = made(1)
    for number in range(3000):
        where.submit(task(instant, str(number)))
        if number % 50 == 0:
            until(lambda number=number: len(ended) == number + 1)  # type: ignore[misc]
    until(lambda: len(ended) == 3000)
    assert said == [str(number) for number in range(3000)]


async def exits() -> None:
    raise SystemExit(3)


async def interrupts() -> None:
    raise KeyboardInterrupt


async def end_in_a_task() -> None:
    await asyncio.gather(exits())


async def end_in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(interrupts())


async def end_in_a_callback() -> None:
    asyncio.get_running_loop().call_soon(sys.exit)
    await asyncio.sleep(0.01)


async def stop_the_loop() -> None:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0.01)


async def cancel_all() -> None:
    for one in asyncio.all_tasks():
        one.cancel()
    await asyncio.sleep(0.01)


async def clean_up_as_for_a_loop_of_ones_own() -> None:
    await asyncio.get_running_loop().shutdown_asyncgens()
    await asyncio.get_running_loop().shutdown_default_executor()


async def lines() -> AsyncIterator[int]:
    while True:
        yield 1
        await asyncio.sleep(0.002)


async def use_all_of_the_loop() -> str:
    said.append("begins")
    async for _ in lines():
        if go.is_set():
            break
    return await asyncio.to_thread(str, "whole")


@pytest.mark.parametrize(
    "harm",
    [end_in_a_task, end_in_a_group, end_in_a_callback, stop_the_loop, cancel_all, clean_up_as_for_a_loop_of_ones_own],
)
def test_no_job_ends_the_loop_or_what_belongs_to_all_on_it(harm: Callable[..., Any]) -> None:
    where = made(3)
    beside, bad, after = task(use_all_of_the_loop), task(harm), task(use_all_of_the_loop)
    where.submit(beside)
    until(lambda: said == ["begins"])
    where.submit(bad)
    until(lambda: ended == [bad])
    where.submit(after)
    until(lambda: len(said) == 2)
    go.set()
    until(lambda: len(ended) == 3)
    assert (value_of(beside), value_of(after)) == ("whole", "whole")
    if harm in (end_in_a_task, end_in_a_group):
        assert bad.error is not None and bad.error.name in ("SystemExit", "KeyboardInterrupt")


async def wait_in_a_thread() -> None:
    await asyncio.to_thread(go.wait)


async def look_in_a_thread() -> str:
    return await asyncio.to_thread(str, "seen")


def test_jobs_that_wait_in_threads_leave_a_thread_for_each_of_the_others() -> None:
    where, one = made(81), task(look_in_a_thread)
    for _ in range(80):
        where.submit(task(wait_in_a_thread))
    where.submit(one)
    until(lambda: ended == [one])
    assert value_of(one) == "seen"
