"""A call that goes with a job: with one job only, and only where that job was written."""

from typing import Any

import pytest

import models
import queues
from state.access import audit_lines, keys
from state.store import riders, scripts

KEEP_S = 1000


@queues.job(queue="low", kind="test", dedup_key="one")
def once() -> None:
    """One at a time."""


@queues.job(queue="low", kind="test")
def plain() -> None:
    """Any number."""


def line_of(job_id: str) -> scripts.Call:
    return audit_lines.call({"what": job_id}, KEEP_S, is_routine=False, job_id=job_id)


def lines(store: Any) -> list[str]:
    return [fields[b"what"].decode() for _, fields in store.xrange(keys.AUDIT)]


def test_it_goes_with_the_first_job_and_with_no_other(store: Any) -> None:
    with riders.riding(line_of) as ride:
        assert not ride.is_done
        first = queues.submit(plain)
        queues.submit(plain)
    assert ride.is_done and lines(store) == [first.job_id]


def test_it_does_nothing_with_a_job_that_was_there_before(store: Any) -> None:
    queues.submit(once)
    with riders.riding(line_of) as ride:
        assert queues.submit(once).duplicate_of
    assert not ride.is_done and lines(store) == []


def test_it_goes_with_no_job_outside_and_with_none_of_many(store: Any) -> None:
    with riders.riding(line_of) as ride:
        queues.submit_many([models.Call(plain), models.Call(plain)])
    queues.submit(plain)
    assert not ride.is_done and lines(store) == []


def test_an_error_of_it_is_none_of_the_job(store: Any) -> None:
    store.set(keys.AUDIT, "no stream", ex=KEEP_S)
    with riders.riding(line_of) as ride:
        made = queues.submit(plain)
    assert not ride.is_done and store.exists(f"rq:job:{made.job_id}")


@pytest.fixture(autouse=True)
def nobody_rides() -> Any:
    """After each test."""
    yield
    assert riders.waiting() is None
