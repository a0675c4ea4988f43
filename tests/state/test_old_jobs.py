"""What cleans up takes the server's time in small pieces, takes all of them, and is not held up by what it cannot remove."""

from datetime import datetime, timedelta
from typing import Any

import pytest

import clock
from state.engine import history, leases, old_jobs, quarantined, registries, shortening
from state.store import connection, keys, scripts
from tests.state import NOON

FINISHED, CANCELED = keys.RQ_FINISHED + "low", keys.RQ_CANCELED + "low"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[scripts.Call]:
    """The runs of scripts that were sent."""
    calls: list[scripts.Call] = []
    run = scripts.run_each

    def recorded(some: Any) -> list[Any]:
        calls.extend(some)
        return run(some)

    monkeypatch.setattr(scripts, "run_each", recorded)
    return calls


def finished(store: Any, number: int, at: datetime = NOON) -> list[str]:
    names = [f"job-{one}" for one in range(number)]
    for name in names:
        store.hset(keys.job(name), mapping={"status": "finished", "ended_at": at.isoformat()})
        store.xadd(keys.results(name), {"type": 1})
    store.zadd(FINISHED, dict.fromkeys(names, 9e9))
    return names


def cleaned(before: datetime) -> int:
    """Clean up as topics/operations/job_cleaning.py does; returns how many went."""
    pages = old_jobs.ended_before(before.timestamp(), ["low"])
    return sum(old_jobs.delete(registry, ids) for _, registry, ids in pages)


def test_jobs_are_deleted_a_few_at_a_time(store: Any, sent: list[scripts.Call]) -> None:
    names = finished(store, 130)
    assert cleaned(NOON + timedelta(seconds=1)) == 130 and not store.zcard(FINISHED)
    assert not store.exists(*(keys.job(name) for name in names), *(keys.results(name) for name in names))
    sizes = [len(args) - 1 for name, _, args in sent if name == "engine/delete_jobs"]
    assert sum(sizes) == 130 and max(sizes) == old_jobs.AT_ONCE <= 50


def test_what_cannot_be_deleted_holds_up_nothing(store: Any) -> None:
    names = finished(store, 40)
    store.delete(keys.job(names[7]))
    store.set(keys.job(names[7]), "no job")  # somebody wrote another type: it is looked at, and stays
    store.hset(keys.job(names[9]), "status", "queued")
    assert cleaned(NOON + timedelta(seconds=1)) == 38
    assert set(store.zrange(FINISHED, 0, -1)) == {names[7].encode(), names[9].encode()}
    assert cleaned(NOON + timedelta(seconds=1)) == 0


def test_young_jobs_stay_wherever_they_stand(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_jobs.records, "CHUNK", 10)
    names = finished(store, 45)
    for name in names[::3]:
        store.hset(keys.job(name), "ended_at", (NOON + timedelta(days=3)).isoformat())
    assert cleaned(NOON + timedelta(days=1)) == 30 and store.zcard(FINISHED) == 15


def test_expired_entries_go_in_pieces_and_what_never_expires_stays(store: Any, sent: list[scripts.Call]) -> None:
    with clock.frozen(NOON):
        now_s = NOON.timestamp()
        store.zadd(FINISHED, {f"gone-{one}": now_s - one for one in range(450)} | {"for ever": -1, "lives": now_s + 60})
        store.zadd(keys.RQ_FAILED + "low", {"gone": now_s - 1})
        assert registries.prune(["low"]) == 451
    assert set(store.zrange(FINISHED, 0, -1)) == {b"for ever", b"lives"} and not store.exists(keys.RQ_FAILED + "low")
    assert sum(name == "engine/prune" for name, _, _ in sent) == 3, "200 of each registry at a time"


def test_all_that_was_cancelled_long_ago_goes_in_pieces(store: Any, sent: list[scripts.Call]) -> None:
    with clock.frozen(NOON):
        store.zadd(CANCELED, {f"job-{one}": NOON.timestamp() - 8 * 86_400 for one in range(1, 401)} | {"new": NOON.timestamp()})
        assert registries.forget_cancelled("low") == 400
    assert store.zrange(CANCELED, 0, -1) == [b"new"]
    assert sum(name == "engine/forget_cancelled" for name, _, _ in sent) == 3


def test_old_quarantine_goes_in_pieces(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantined, "AT_ONCE", 7)
    with clock.frozen(NOON):
        for one in range(20):
            quarantined.put(leases.Leased(f"old-{one}", "x", "low", {}), "bad")
        clock.advance(timedelta(days=2))
        quarantined.put(leases.Leased("new", "x", "low", {}), "bad")
        assert quarantined.forget(86_400) == 20 and store.hkeys(keys.QUARANTINE) == [b"new"]


def test_a_stream_is_shortened_to_the_entry(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortening, "AT_ONCE", 100)
    with store.pipeline() as pipe:
        for one in range(1, 1001):
            pipe.xadd(keys.EVENTS, {"t": one}, id=f"{one}-0")
        pipe.execute()
    shortening.forget_before(keys.EVENTS, "951")
    assert store.xlen(keys.EVENTS) == 50 and store.xrange(keys.EVENTS, count=1)[0][0] == b"951-0"
    store.delete(keys.EVENTS)
    store.set(keys.EVENTS, "no stream")
    shortening.forget_before(keys.EVENTS, "951")
    assert history.trim(30, 10**6) == 0 and connection.client().get(keys.EVENTS) == b"no stream"
