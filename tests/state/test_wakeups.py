"""Waking idle workers: one submit, one worker; and no wake-up is lost or believed for ever."""

import math
import select
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import redis

import models
import queues
from state.engine import leases, wakeups
from state.store import connection, keys, scripts
from tests import patience


@queues.job(retries=0)
def work() -> None:
    """A plain job."""


@pytest.fixture
def alarm() -> Iterator[wakeups.BlockingWait]:
    made = wakeups.BlockingWait()
    yield made
    made.abandon()


def call(number: int = 1) -> scripts.Call:
    return leases.lease_call("w", leases.LeaseRequest(number, queues.QUEUES, 1, channel="s"), later=True)


def heard(alarm: wakeups.BlockingWait, within_s: float = patience.HANG_S, number: int = 1) -> bool:
    """Whether the wait ended because somebody woke us."""
    return bool(select.select([alarm.wait(call(number))], [], [], within_s)[0]) and alarm.read()[0]


def test_a_submit_leaves_a_wake_up_for_each_job_but_never_a_heap(store: Any) -> None:
    queues.submit(work)
    assert store.llen(keys.WAKE) == 1
    queues.submit_many((work,) for _ in range(500))
    assert store.llen(keys.WAKE) == 64 and 0 < store.ttl(keys.WAKE) <= 60


def test_a_delayed_job_wakes_a_worker_only_where_it_is_due_before_all_others(store: Any) -> None:
    queues.submit(work, delay_s=60)
    assert store.llen(keys.WAKE) == 1, "a worker learns when to look"
    queues.submit_many([models.Call(work, delay_s=90), models.Call(work, delay_s=75)])
    assert store.llen(keys.WAKE) == 1
    queues.submit(work, delay_s=30)
    assert store.llen(keys.WAKE) == 2


@pytest.mark.real_redis
def test_a_submit_wakes_one_waiting_worker_and_not_two(alarm: wakeups.BlockingWait, store: Any) -> None:
    other = wakeups.BlockingWait()
    first, second = alarm.wait(call()), other.wait(call())
    queues.submit(work)
    ready = select.select([first, second], [], [], patience.HANG_S)[0]
    assert len(ready) == 1 and (alarm if ready == [first] else other).read()[0]
    assert select.select([second if ready == [first] else first], [], [], 0)[0] == []
    other.abandon()


@pytest.mark.real_redis
def test_a_wake_up_left_before_the_wait_is_heard(alarm: wakeups.BlockingWait) -> None:
    queues.submit(work)
    assert heard(alarm)


@pytest.mark.real_redis
def test_setting_it_twice_waits_once(alarm: wakeups.BlockingWait, store: Any) -> None:
    alarm.wait(call())
    alarm.wait(call())
    queues.submit_many((work,) for _ in range(3))
    assert heard(alarm) and store.llen(keys.WAKE) == 2


@pytest.mark.real_redis
def test_who_is_woken_has_a_job_in_hand(alarm: wakeups.BlockingWait, store: Any) -> None:
    scripts.check()  # loads them
    descriptor = alarm.wait(call())
    job_id = queues.submit(work).job_id
    assert select.select([descriptor], [], [], patience.HANG_S)[0]
    woken, reply = alarm.read()
    [job] = leases.exchange_result([], reply, math.inf).taken
    assert woken and job.id == job_id and store.zcard(keys.LEASES) == 1
    started = datetime.strptime(store.hget(keys.job(job_id), "started_at").decode(), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs((connection.now() - started).total_seconds()) < patience.leeway(5)


@pytest.mark.real_redis
def test_a_server_that_forgot_the_script_wakes_us_all_the_same(alarm: wakeups.BlockingWait, store: Any) -> None:
    descriptor = alarm.wait(call())
    store.script_flush()
    store.lpush(keys.WAKE, 1)
    store.expire(keys.WAKE, 60)
    assert select.select([descriptor], [], [], patience.HANG_S)[0] and alarm.read() == (True, None)
    queues.submit(work)
    assert heard(alarm)


@pytest.mark.real_redis
def test_a_wait_that_nobody_ends_is_over_in_time_and_is_no_wake_up(
    alarm: wakeups.BlockingWait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeups, "WAIT_S", 1)
    assert not heard(alarm)


@pytest.mark.real_redis
def test_after_a_cut_the_next_wait_connects_anew(alarm: wakeups.BlockingWait, store: Any) -> None:
    alarm.wait(call())
    for client in store.client_list():
        if client["cmd"] == "blpop":
            store.client_kill_filter(_id=client["id"])
    with pytest.raises(redis.ConnectionError):
        heard(alarm)
    alarm.abandon()
    queues.submit(work)
    assert heard(alarm)


def test_forgetting_what_was_never_set_is_nothing() -> None:
    wakeups.BlockingWait().abandon()
    assert connection.client().ping()


@pytest.mark.real_redis
def test_a_connection_that_was_closed_between_two_waits_is_renewed_without_an_error(
    alarm: wakeups.BlockingWait, store: Any
) -> None:
    queues.submit(work)
    assert heard(alarm)
    store.client_kill_filter(_id=_client_of(alarm, store), skipme=False)

    queues.submit(work)
    assert heard(alarm, number=2)


def _client_of(alarm: wakeups.BlockingWait, store: Any) -> str:
    """The id of the connection that waited, as the server knows it."""
    alarm._connection.send_command("CLIENT", "ID")
    return str(alarm._connection.read_response())
