"""The jobs of the schedule that keep house, and the month of the budgets."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import queues
from jobs import budgets, maintenance
from state.budgets import periods
from state.engine import dedup, history, leases, quarantined, rescues, statistics
from state.store import connection, keys
from state.tracking import halts
from tests.commands.conftest import answers
from tests.state import NOON, tracked
from topics.operations.maintenance import RENEWED_S
from worker import inline

DAY = timedelta(days=1)


@queues.job(queue="low", retries=0)
def nothing() -> None:
    """A job."""


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def kept(registry: str) -> list[bytes]:
    found: list[bytes] = connection.client().zrange(registry + "low", 0, -1)
    return found


def test_sweep_frees_claims_whose_job_is_gone_and_no_others() -> None:
    [word] = tracked()
    dedup.take(dedup.SERP, word, "serp-gone")
    dedup.take("jobs", "report", "gone")
    alive = queues.submit(nothing, dedup_key="report-2").job_id
    assert maintenance.sweep() == {"freed": 2, "rescued": 0, "expired": 0, "workers": 0, "packed": 0}
    assert [claim.job_id for claim in dedup.held("jobs")] == [alive] and dedup.count() == 0


def test_sweep_lets_expired_jobs_out_of_the_registries_of_what_is_over(store: Any) -> None:
    job = queues.submit(nothing).job_id
    inline.run_until_idle()
    store.zadd(keys.RQ_FINISHED + "low", {"for ever": -1})
    assert maintenance.sweep()["expired"] == 0 and set(kept(keys.RQ_FINISHED)) == {job.encode(), b"for ever"}
    clock.advance(timedelta(seconds=501))
    assert maintenance.sweep()["expired"] == 1 and kept(keys.RQ_FINISHED) == [b"for ever"]


def test_sweep_takes_workers_off_rqs_lists_whose_record_has_ended_and_no_others(store: Any) -> None:
    for name in ("alive", "gone"):
        for served in ("", ":high", ":low"):
            store.sadd(keys.RQ_WORKERS + served, keys.RQ_WORKER + name)
    store.hset(keys.RQ_WORKER + "alive", "state", "idle")
    assert maintenance.sweep()["workers"] == 1
    for served in ("", ":high", ":low"):
        assert store.smembers(keys.RQ_WORKERS + served) == {b"rq:worker:alive"}
    assert maintenance.sweep()["workers"] == 0


def lost(count: int) -> list[leases.Leased]:
    """Jobs whose worker is silent for longer than any worker waits before it takes them back."""
    for _ in range(count):
        queues.submit(nothing)
    taken = leases.exchange("w1", [], leases.LeaseRequest(1, queues.QUEUES, count)).taken
    clock.advance(timedelta(milliseconds=leases.LEASE_MS) + timedelta(seconds=31))
    return taken


def test_sweep_takes_back_leases_that_no_worker_took_back(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = lost(2)
    queues.submit(nothing)
    [running] = leases.exchange("w2", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    waits: list[float] = []
    monkeypatch.setattr(clock, "wait", waits.append)
    assert maintenance.sweep()["rescued"] == 2 and waits == [RENEWED_S]
    assert store.zrange(keys.LEASES, 0, -1) == [running.lease.encode()]
    assert sorted(store.lrange(keys.queue("low"), 0, -1)) == sorted([first.id.encode(), second.id.encode()])
    assert inline.run_until_idle() == 2 and maintenance.sweep()["rescued"] == 0 and len(waits) == 1


def test_sweep_leaves_what_is_renewed_right_after_an_outage(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held, gone = lost(2)
    monkeypatch.setattr(clock, "wait", lambda _: leases.renew([held.lease]))
    assert maintenance.sweep()["rescued"] == 1
    assert store.zrange(keys.LEASES, 0, -1) == [held.lease.encode()]
    assert store.lrange(keys.queue("low"), 0, -1) == [gone.id.encode()]


def test_sweep_leaves_what_workers_take_back_in_time_and_poisons_nothing(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wait", lambda _: None)
    [job] = lost(1)
    clock.advance(timedelta(seconds=-2))
    assert maintenance.sweep()["rescued"] == 0 and store.zcard(keys.LEASES) == 1
    clock.advance(timedelta(seconds=2))
    store.hset(keys.job(job.id), "rescues", rescues.POISON_RESCUES - 1)
    assert maintenance.sweep()["rescued"] == 1 and store.hget(keys.job(job.id), "status") == b"queued"
    leases.exchange("w1", [], leases.LeaseRequest(2, queues.QUEUES, 1))
    clock.advance(timedelta(seconds=60))
    assert rescues.rescue().poisoned, "the next rescue gives it up"


@pytest.mark.parametrize("key", [keys.EVENTS, keys.HISTORY])
def test_a_broken_history_holds_up_no_sweep(store: Any, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 1)
    store.xadd(keys.EVENTS, {"t": 1, "r": "k|finished||0\t0\tid\n"}, id="1-1")
    store.delete(key)
    store.set(key, "broken", ex=60)
    assert maintenance.sweep()["packed"] == 0 and maintenance.clean_up()["facts"]["history"] == 0


def test_cleaning_up_gives_jobs_that_rqs_tools_cancelled_an_end(store: Any) -> None:
    ours, theirs, again = (queues.submit(nothing).job_id for _ in range(3))
    queues.cancel(ours)
    for job_id in (theirs, again):
        queues.Job.fetch(job_id, connection=store).cancel()
    store.zadd(keys.RQ_CANCELED + "low", dict.fromkeys((theirs, again), NOON.timestamp()))  # RQ asks the machine's clock
    clock.advance(6 * DAY)
    assert not any(maintenance.clean_up()["facts"].values())
    clock.advance(2 * DAY)
    store.hset(keys.job(again), "status", "queued")
    assert maintenance.clean_up()["facts"]["cancelled"] == 2
    assert store.ttl(keys.job(theirs)) > 0 and store.ttl(keys.job(again)) == -1
    assert kept(keys.RQ_CANCELED) == [ours.encode()], "its record has an end of its own, a week from then"
    clock.advance(7 * DAY)
    assert maintenance.clean_up()["facts"]["cancelled"] == 1


def test_cleaning_up_drops_old_quarantine(store: Any) -> None:
    quarantined.put(leases.Leased("old", "x", "low", {}), "bad")
    clock.advance(20 * DAY)
    quarantined.put(leases.Leased("new", "x", "low", {}), "bad")
    store.hset(keys.QUARANTINE, "odd", "{}")
    clock.advance(11 * DAY)
    assert maintenance.clean_up()["facts"]["quarantined"] == 2
    assert store.hkeys(keys.QUARANTINE) == [b"new"]


def test_statistics_are_kept_by_the_hour_and_a_second_time_changes_nothing() -> None:
    tracked(3)
    for _ in range(2):
        maintenance.record_statistics(int(NOON.timestamp()))
    hours = statistics.hours("2026-03-01")
    assert list(hours) == [11], "the hour that ended then"
    assert hours[11]["keywords"] == 3 and hours[11]["queue_depths"] == {"high": 0, "default": 0, "low": 0}
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    maintenance.record_statistics(int(midnight.timestamp()))
    assert list(statistics.hours("2026-03-01")) == [11, 23]


def test_the_latest_hours_are_told_latest_first_and_no_older_ones() -> None:
    for _ in range(60):
        clock.advance(timedelta(hours=1))
        maintenance.record_statistics(int(clock.now().timestamp()))
    told = [began for began, _ in statistics.latest(50)]
    assert told == [clock.now() - timedelta(hours=back) for back in range(1, 51)]


def test_a_health_check_says_what_is_unsafe_and_what_is_halted(
    store: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers(monkeypatch, maxmemory_policy="allkeys-lru")
    halts.halt("sandbox", "no credits")
    with caplog.at_level(logging.WARNING, logger="trawl.maintenance"):
        problems = maintenance.check_health()["facts"]["problems"]
    assert "maxmemory-policy is allkeys-lru" in problems[0] and problems[1] == "Nothing is fetched: no credits"
    assert [record.getMessage() for record in caplog.records] == problems


def test_a_healthy_system_has_no_problems(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    assert maintenance.check_health()["facts"]["problems"] == []


def test_a_month_of_budgets_begins_once_and_the_first_time_stands(store: Any) -> None:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    assert budgets.begin_month(int(first.timestamp())) == {"outcome": "began", "month": "2026-03"}
    clock.advance(3 * DAY)
    assert budgets.begin_month(int(first.timestamp())) == {"outcome": "had begun", "month": "2026-03"}
    assert periods.began("2026-03") == NOON and periods.began("2026-04") is None
    assert budgets.begin_month(int(first.timestamp()) - 1)["month"] == "2026-02"


def test_a_week_is_how_long_a_cancelled_job_of_rqs_tools_is_seen(store: Any) -> None:
    job = rq.Queue("low", connection=store, serializer=JSONSerializer).enqueue("tests.jobs.test_maintenance.nothing")
    job.cancel()
    [(_, score)] = store.zrange(keys.RQ_CANCELED + "low", 0, -1, withscores=True)
    assert score > 0, "RQ 3.0.0 writes when it was cancelled: what forget_cancelled counts on"
    assert store.ttl(keys.job(job.id)) == -1
