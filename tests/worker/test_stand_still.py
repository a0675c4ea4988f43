"""A process that stood still, because it was stopped or its machine slept: it renews its leases before any is taken back."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import clock
import queues
from state.engine import leases
from state.store import connection, keys
from tests import patience
from worker import consumer, pool, stand_still
from worker import execution as executions

go = threading.Event()


@queues.job(retries=0)
def hold(value: Any = None) -> None:
    """Wait until the test lets it go."""
    go.wait(patience.HANG_S)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    go.clear()
    yield
    go.set()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the machine has slept, until now (s): the last item."""
    seconds = [0.0]
    monkeypatch.setattr(clock, "boottime", lambda: clock.monotonic() + seconds[-1])
    return seconds


def made() -> consumer.Consumer:
    where = pool.Pool(1, 1, executions.Execution.run)
    return consumer.Consumer(f"w-{leases.token()}", lambda: queues.QUEUES, where, consumer.Policy(), lambda ids: None)


def status(job_id: str) -> bytes:
    return bytes(connection.client().hget(keys.job(job_id), "status"))


def test_after_a_stand_still_a_process_renews_its_own_leases_and_takes_back_nobodys_yet(store: Any, slept: list[float]) -> None:
    """All leases ran out meanwhile. Who holds a job must come before who would take it back, the same process included."""
    ids = [one.job_id for one in queues.submit_many([(hold, 0), (hold, 1)])]
    [others] = leases.exchange("other", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    at_work = made()
    at_work._turn()
    [ours] = at_work.in_flight.running
    store.zadd(keys.LEASES, {others.lease: 1, ours: 1})
    at_work._timers.schedule("rescue", -2)  # it is due before the renewal is
    at_work._timers.schedule("renew", -1)
    slept.append(60.0)
    at_work._turn()
    assert store.zscore(keys.LEASES, others.lease) == 1 and store.zscore(keys.LEASES, ours) > 1e12
    assert status(ids[1]) == b"started" and not store.hexists(keys.job(ids[1]), "rescues")
    at_work._timers.schedule("rescue", 0)
    at_work._turn()
    assert status(ids[0]) == b"queued", "in the end it is lost"


@pytest.mark.parametrize(
    ("waits_s", "passed_s", "noticed"), [(0.0, 4.0, False), (0.0, 6.0, True), (60.0, 64.0, False), (60.0, 66.0, True)]
)
def test_a_wait_as_long_as_it_should_be_is_no_stand_still(
    waits_s: float, passed_s: float, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "boottime", lambda: now)
    watch = stand_still.StandStill()
    assert not watch.noticed(), "it has just begun"
    watch.expect(waits_s)
    now += passed_s
    assert watch.noticed() == noticed


def test_where_every_turn_is_slow_lost_jobs_come_back_and_never_its_own(store: Any, slept: list[float]) -> None:
    """Redis may be that slow for an hour: the others are given time once, its own leases are renewed each time."""
    ids = [one.job_id for one in queues.submit_many([(hold, 0), (hold, 1)])]
    [others] = leases.exchange("other", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    at_work = made()
    at_work._turn()
    [ours] = at_work.in_flight.running
    for _ in range(2):
        store.zadd(keys.LEASES, {others.lease: 1, ours: 1})
        at_work._timers.schedule("rescue", -2)
        at_work._timers.schedule("renew", -1)
        slept.append(slept[-1] + 20.0)
        at_work._turn()
    assert status(ids[0]) == b"queued" and status(ids[1]) == b"started" and store.zscore(keys.LEASES, ours) > 1e12
    assert not store.hexists(keys.job(ids[1]), "rescues")


def test_an_idle_process_does_not_take_its_rest_for_a_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, now = made(), 1000.0
    monkeypatch.setattr(clock, "boottime", lambda: now)

    def rest(fd: int | None, seconds: float) -> bool:
        nonlocal now
        now += seconds
        return False

    monkeypatch.setattr(at_work.pool, "wait", rest)
    at_work._turn()
    monkeypatch.setattr(at_work._timers, "wait_s", lambda: 45.0)
    at_work._wait()
    assert not at_work._stand_still.noticed()
    at_work.blocking_fetch.abandon()
