"""What somebody broke is mended or named, and holds nobody up."""

import logging
import signal
from collections.abc import Callable
from typing import Any

import pytest
import rq_scheduler

import clock
import queues
from errors import StoreUnreachable
from jobs import serp
from scheduling import loop
from scheduling.entries import Entry
from state.engine import jobs
from state.store import connection, keys
from tests.scheduling import MINUTE, START, counts, dues, dumped, entries, every, occurrences, registered


@pytest.mark.usefixtures("at_noon")
def test_an_entry_whose_hash_is_gone_is_written_anew_and_runs(store: Any) -> None:
    mine = registered(every(60))
    store.delete(keys.job("schedule-often"))
    mine.enqueue_jobs()
    assert dues() == [0]


@pytest.mark.usefixtures("at_noon")
def test_an_entry_that_rq_schedulers_tools_dropped_with_its_hash_comes_back_due_as_it_was(store: Any) -> None:
    mine = registered(every(60))
    mine.enqueue_jobs()
    store.delete(keys.job("schedule-often"))
    assert list(rq_scheduler.Scheduler(connection=store, job_class=queues.Job).get_jobs()) == []
    assert entries() == {}
    clock.advance(10 * MINUTE)
    mine._look()
    assert dues() == [0, 600] and counts()["missed"] == 9


@pytest.mark.usefixtures("at_noon")
def test_healing_changes_nothing_that_another_version_wrote(store: Any) -> None:
    old = registered(every(60), every(60, "left"))
    registered(every(30), every(60, "new"))
    before = dumped(store)
    old._look()
    old.heal([every(60), every(60, "left")])
    changed = {key for key in dumped(store) if before.get(key) != store.dump(key)}
    assert b"rq:job:schedule-often" not in changed and "schedule-left" not in entries()
    assert f"schedule-new-{START}" in occurrences(), "and it runs what it does not know"


BROKEN: dict[str, Callable[[Any, str], object]] = {
    "unknown function": lambda redis, key: redis.hset(key, "data", '["os.system", null, [], {}]'),
    "no JSON": lambda redis, key: redis.hset(key, "data", b"\x80\x04pickle"),
    "JSON of another shape": lambda redis, key: redis.hset(key, "data", "5"),
    "arguments of another shape": lambda redis, key: redis.hset(key, "data", '["tests.scheduling.occur", null, [], 7]'),
    "no data": lambda redis, key: redis.hdel(key, "data"),
    "no interval": lambda redis, key: redis.hset(key, "meta", "{}"),
    "no meta": lambda redis, key: redis.hdel(key, "meta"),
    "meta of another shape": lambda redis, key: redis.hset(key, "meta", "[]"),
    "interval of words": lambda redis, key: redis.hset(key, "meta", '{"interval": "often"}'),
    "interval of nothing": lambda redis, key: redis.hset(key, "meta", '{"interval": 0}'),
    "impossible cron": lambda redis, key: redis.hset(key, "meta", '{"cron_string": "0 0 30 2 *"}'),
    "unknown queue": lambda redis, key: redis.hset(key, "origin", "urgent"),
    "another type of key": lambda redis, key: (redis.delete(key), redis.set(key, "x")),
    "a damaged record": lambda redis, key: (redis.delete(keys.schedule(key[7:])), redis.set(keys.schedule(key[7:]), "x")),
    "a broken time": lambda redis, key: redis.zadd(keys.RQ_SCHEDULER_JOBS, {key[7:]: "-inf"}),
}

#: Damage that stops no run; a start mends it all the same.
HARMLESS: dict[str, Callable[[Any, str], object]] = {
    "unknown status": lambda redis, key: redis.hset(key, "status", "dreaming"),
    "no date": lambda redis, key: redis.hset(key, "created_at", "yesterday"),
}


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("how", BROKEN)
def test_one_broken_entry_never_stops_the_others(how: str, store: Any, caplog: pytest.LogCaptureFixture) -> None:
    mine = registered(every(60, "a-broken"), every(60, "good"))
    BROKEN[how](store, keys.job("schedule-a-broken"))
    store.zadd(keys.RQ_SCHEDULER_JOBS, {b"\xff\xfe": 5})
    with caplog.at_level(logging.ERROR, logger="trawl.scheduler"):
        for _ in range(3):
            mine.enqueue_jobs()
    assert occurrences() == [f"schedule-good-{START}"]
    said = [record.getMessage() for record in caplog.records]
    assert sum("schedule-a-broken is broken" in line for line in said) == 1, "said, and not every second"
    assert "schedule-a-broken" in entries()


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("how", {**BROKEN, **HARMLESS})
def test_a_broken_entry_of_the_table_is_mended_by_the_next_start(how: str, store: Any) -> None:
    registered(every(60))
    {**BROKEN, **HARMLESS}[how](store, keys.job("schedule-often"))
    mine = loop.Scheduler()
    assert mine.register([every(60)]) == (how != "a broken time")
    mine.enqueue_jobs()
    assert dues() == ([] if how == "a broken time" else [0])


@pytest.mark.usefixtures("at_noon")
def test_many_broken_entries_hold_nobody_up(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAGE", 3)
    store.zadd(keys.RQ_SCHEDULER_JOBS, {f"broken {number}": number for number in range(20)})
    registered(every(60)).enqueue_jobs()
    assert dues() == [0]


@pytest.mark.usefixtures("at_noon")
def test_a_queue_that_is_no_list_stops_only_its_own_entries(store: Any) -> None:
    store.set(keys.queue("low"), "x")
    mine = registered(every(60, "a-low"), Entry("tick", serp.enqueue_batch, 60, pass_due=True))
    before = store.dump(keys.schedule("schedule-a-low"))
    mine.enqueue_jobs()
    assert occurrences("high") == [f"schedule-tick-{START}"]
    assert entries()["schedule-a-low"] == START and store.dump(keys.schedule("schedule-a-low")) == before
    store.delete(keys.queue("low"))
    mine.enqueue_jobs()
    assert dues() == [0]


def test_redis_going_away_ends_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    mine, waits = loop.Scheduler(), []
    looks = iter([connection.redis.ConnectionError("gone"), connection.redis.TimeoutError("slow"), StoreUnreachable("no"), None])

    def look() -> float:
        problem = next(looks)
        if problem:
            raise problem
        mine.stopping = True
        return 0.5

    monkeypatch.setattr(mine, "_look", look)
    monkeypatch.setattr(clock, "wait", waits.append)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert mine.run_forever() == 0
    assert waits == [1, 2, 4, 0.5]
    assert len([record for record in caplog.records if "Trying again" in record.getMessage()]) == 3


@pytest.mark.usefixtures("at_noon")
def test_a_chore_that_fails_does_not_keep_occurrences_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = registered(every(60))
    monkeypatch.setattr(jobs, "any_delayed", lambda *names: (_ for _ in ()).throw(connection.ResponseError("broken")))
    with pytest.raises(connection.ResponseError):
        mine._look()
    mine._look()
    assert dues() == [0]
