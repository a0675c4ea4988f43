"""How many jobs come into a queue and are over: counted by the scripts, told as a rate of the last minutes."""

from datetime import timedelta
from typing import Any

import pytest

import clock
import queues
from state.engine import flow, leases, outbox
from state.engine.settlements import Settlement
from state.store import connection, keys
from tests.scheduling import every, registered
from tests.state import NOON, project, tick, words
from topics.operations import jobs
from worker import inline


@queues.job(queue="low", kind="test", retries=0)
def work(number: int = 0, fail: bool = False) -> None:
    """Ends well, or not."""
    if fail:
        raise ValueError(number)


def rate(queue: str = "low") -> flow.Rate:
    now = connection.now()
    with connection.client().pipeline(transaction=False) as pipe:
        for name in flow.names(now):
            pipe.hgetall(name)
        return flow.rates(now, pipe.execute(raise_on_error=False), queues.QUEUES)[queue]


def test_jobs_that_came_and_were_over_are_counted_by_queue() -> None:
    with clock.frozen(NOON):
        made = [queues.submit(work, number, fail=number == 1).job_id for number in range(6)]
        jobs.cancel_job(made[5])
        clock.advance(timedelta(minutes=1))

        assert rate() == flow.Rate(6 / 15, 1 / 15) and rate("high") == flow.Rate()
        inline.run_until_idle()
        clock.advance(timedelta(minutes=1))
        assert rate() == flow.Rate(6 / 15, 6 / 15)
        clock.advance(timedelta(minutes=15))
        assert rate() == flow.Rate()


def test_the_present_minute_is_left_out_and_the_last_of_fifteen_counts() -> None:
    with clock.frozen(NOON):
        queues.submit(work)
        assert rate() == flow.Rate()
        clock.advance(timedelta(minutes=15))
        assert rate().came == 1 / 15


def test_minutes_of_two_hours_are_added_up() -> None:
    with clock.frozen(NOON - timedelta(minutes=1)):
        queues.submit(work)
        clock.advance(timedelta(minutes=3))
        queues.submit(work)
        clock.advance(timedelta(minutes=1))

        assert rate().came == 2 / 15


@pytest.mark.parametrize("came,left,seconds", [(1.0, 3.0, 300.0), (3.0, 3.0, None), (0.0, 0.0, None), (4.0, 1.0, None)])
def test_a_queue_is_empty_when_more_leave_than_come(came: float, left: float, seconds: float | None) -> None:
    assert flow.Rate(came, left).empty_in_s(10) == seconds


def test_a_broken_key_holds_no_job_up(store: Any) -> None:
    with clock.frozen(NOON):
        store.set(keys.flow(NOON), "x", ex=60)
        queues.submit(work)
        inline.run_until_idle()
        clock.advance(timedelta(minutes=1))

        assert rate() == flow.Rate()


def came(queue: str) -> float:
    clock.advance(timedelta(minutes=1))
    return rate(queue).came * 15


def test_all_jobs_of_one_script_are_counted() -> None:
    with clock.frozen(NOON):
        queues.submit_many([(work, number) for number in range(7)])
        taken = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 7)).taken
        settled = [Settlement(job, "finished", kind="test", ran_ms=3) for job in taken]
        leases.exchange("w1", settled, None)
        assert came("low") == 7 and rate().left * 15 == 7


def test_a_tick_is_counted() -> None:
    with clock.frozen(NOON):
        project("p")
        words("p", 5)
        tick()
        assert came("high") + rate("default").came * 15 == 5


def test_an_occurrence_of_the_schedule_is_counted() -> None:
    with clock.frozen(NOON):
        made = registered(every(60))
        clock.advance(timedelta(minutes=1))
        made.enqueue_jobs()
        assert came("low") == 1


def test_a_job_that_reads_the_outbox_is_counted() -> None:
    with clock.frozen(NOON):
        outbox.want_all(["completed"])
        queues.submit(work)
        taken = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
        leases.exchange("w1", [Settlement(job, "finished", kind="test", ran_ms=3) for job in taken], None)
        outbox.rouse()
        assert came("high") == 1
