"""Waking idle workers: one submit, one worker; and no wake-up is lost or believed for ever."""

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
def alarm() -> Iterator[wakeups.Alarm]:
    made = wakeups.Alarm()
    yield made
    made.forget()


def call(number: int = 1) -> scripts.Call:
    return leases.lease_call("w", leases.Wanted(number, queues.QUEUES, 1, conversation="s"), later=True)


def heard(alarm: wakeups.Alarm, within_s: float = patience.HANG_S, number: int = 1) -> bool:
    """Whether the wait ended because somebody woke us."""
    return bool(select.select([alarm.set(call(number))], [], [], within_s)[0]) and alarm.rang()[0]


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
def test_a_submit_wakes_one_waiting_worker_and_not_two(alarm: wakeups.Alarm, store: Any) -> None:
    other = wakeups.Alarm()
    first, second = alarm.set(call()), other.set(call())
    queues.submit(work)
    ready = select.select([first, second], [], [], patience.HANG_S)[0]
    assert len(ready) == 1 and (alarm if ready == [first] else other).rang()[0]
    assert select.select([second if ready == [first] else first], [], [], 0)[0] == []
    other.forget()


@pytest.mark.real_redis
def test_a_wake_up_left_before_the_wait_is_heard(alarm: wakeups.Alarm) -> None:
    queues.submit(work)
    assert heard(alarm)


@pytest.mark.real_redis
def test_setting_it_twice_waits_once(alarm: wakeups.Alarm, store: Any) -> None:
    alarm.set(call())
    alarm.set(call())
    queues.submit_many((work,) for _ in range(3))
    assert heard(alarm) and store.llen(keys.WAKE) == 2


@pytest.mark.real_redis
def test_who_is_woken_has_a_job_in_hand(alarm: wakeups.Alarm, store: Any) -> None:
    scripts.check()  # loads them
    descriptor = alarm.set(call())
    job_id = queues.submit(work).job_id
    assert select.select([descriptor], [], [], patience.HANG_S)[0]
    woken, reply = alarm.rang()
    [job] = leases.exchanged([], reply).taken
    assert woken and job.id == job_id and store.zcard(keys.LEASES) == 1
    started = datetime.strptime(store.hget(keys.job(job_id), "started_at").decode(), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs((connection.now() - started).total_seconds()) < patience.leeway(5)


@pytest.mark.real_redis
def test_a_server_that_forgot_the_script_wakes_us_all_the_same(alarm: wakeups.Alarm, store: Any) -> None:
    descriptor = alarm.set(call())
    store.script_flush()
    store.lpush(keys.WAKE, 1)
    store.expire(keys.WAKE, 60)
    assert select.select([descriptor], [], [], patience.HANG_S)[0] and alarm.rang() == (True, None)
    queues.submit(work)
    assert heard(alarm)


@pytest.mark.real_redis
def test_a_wait_that_nobody_ends_is_over_in_time_and_is_no_wake_up(alarm: wakeups.Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "WAIT_S", 1)
    assert not heard(alarm)


@pytest.mark.real_redis
def test_after_a_cut_the_next_wait_connects_anew(alarm: wakeups.Alarm, store: Any) -> None:
    alarm.set(call())
    for client in store.client_list():
        if client["cmd"] == "blpop":
            store.client_kill_filter(_id=client["id"])
    with pytest.raises(redis.ConnectionError):
        heard(alarm)
    alarm.forget()
    queues.submit(work)
    assert heard(alarm)


def test_forgetting_what_was_never_set_is_nothing() -> None:
    wakeups.Alarm().forget()
    assert connection.client().ping()
