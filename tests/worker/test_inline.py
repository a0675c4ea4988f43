"""The engine in one process without threads: what tests and fakeredis run on."""

import asyncio
import contextvars
import threading
from typing import Any

import pytest

import queues
from state.store import connection, keys
from worker import inline

runs: list[Any] = []


@queues.job(dedup_key="note:{value}", retries=0)
def note(value: Any) -> Any:
    """Remember a call."""
    runs.append(value)
    return value


@queues.job(retries=0)
def plant(count: int) -> None:
    """Submit other jobs."""
    for number in range(count):
        queues.submit(note, number)


@queues.job(retries=0)
async def later(value: int) -> int:
    """A coroutine that knows which job it is."""
    await asyncio.sleep(0)
    runs.append(queues.current_job_id())
    return value


@queues.job(isolated=True, retries=0)
def apart() -> str:
    """Run in place here."""
    return threading.current_thread().name


@queues.job(retries=1)
def fail() -> None:
    """Fail in a way that may pass."""
    runs.append("fail")
    raise ValueError("x")


@pytest.fixture(autouse=True)
def fresh() -> None:
    runs.clear()


def fetch(job_id: str) -> queues.Job:
    return queues.Job.fetch(job_id, connection=connection.client())


def test_it_runs_what_waits_and_what_that_submits_and_says_how_many() -> None:
    queues.submit(plant, 3)
    assert inline.run_until_idle() == 4 and runs == [0, 1, 2]
    assert inline.run_until_idle() == 0


def test_async_and_isolated_jobs_run_in_place() -> None:
    one, other = queues.submit(later, 7).job_id, queues.submit(apart).job_id
    assert inline.run_until_idle() == 2
    assert (fetch(one).return_value(), fetch(other).return_value()) == (7, threading.current_thread().name)
    assert runs == [one] and queues.current_job_id() is None


def test_a_job_that_failed_waits_for_its_retry_and_is_not_run_before() -> None:
    job_id = queues.submit(fail).job_id
    assert inline.run_until_idle() == 1 and inline.run_until_idle() == 0
    assert fetch(job_id).get_status() == "scheduled"
    connection.client().zadd(f"{keys.RQ_SCHEDULED}default", {job_id: 1})
    assert inline.run_until_idle() == 1 and fetch(job_id).get_status() == "failed"


def test_a_job_may_submit_its_own_work_again_only_after_it_ended() -> None:
    queues.submit(note, 1)
    assert queues.submit(note, 1).duplicate_of
    inline.run_until_idle()
    assert queues.submit(note, 1).duplicate_of is None


def test_it_leaves_no_worker_lease_or_wip_behind(store: Any) -> None:
    queues.submit(note, 1)
    inline.run_until_idle()
    left = {key.decode() for key in store.scan_iter("*")}
    assert not {key for key in left if key.startswith(("rq:worker", "rq:wip", "rq:execution", "trawl:leases", "trawl:claims:"))}


def test_it_starts_no_thread() -> None:
    before = threading.active_count()
    queues.submit(later, 1)
    queues.submit(note, 1)
    inline.run_until_idle()
    assert threading.active_count() == before


VAR: "contextvars.ContextVar[int]" = contextvars.ContextVar("var", default=0)


@queues.job(retries=0)
def count_up() -> int:
    """Change a context variable."""
    VAR.set(VAR.get() + 1)
    return VAR.get()


@queues.job(retries=0)
async def count_up_later() -> int:
    """The same as a coroutine."""
    return count_up()


def test_a_run_sees_nothing_of_the_run_before_and_leaves_nothing_to_its_caller() -> None:
    ids = [queues.submit(func).job_id for func in (count_up, count_up_later, count_up, count_up_later)]
    assert inline.run_until_idle() == 4
    assert [fetch(one).return_value() for one in ids] == [1] * 4 and VAR.get() == 0
