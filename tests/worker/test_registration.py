"""A worker process as RQ's tools see it, and the commands they send."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import rq
from rq.command import send_shutdown_command, send_stop_job_command

import clock
import queues
from jobs import maintenance
from state.store import keys
from tests.local.real import until
from topics.operations import status
from worker import polling
from worker.rq import command_listener, registration

pytestmark = pytest.mark.real_redis

stopped: list[str] = []


@queues.job(retries=0)
def work() -> None:
    """A plain job."""


@pytest.fixture
def me(store: Any) -> Iterator[registration.WorkerRecord]:
    stopped.clear()
    made = registration.WorkerRecord(["high", "low"], "host-1", stopped.append)
    made.register()
    yield made
    made.deregister()


def test_it_is_a_worker_of_rqs_with_its_queues_and_state(me: registration.WorkerRecord, store: Any) -> None:
    [seen] = rq.Worker.all(connection=store)
    assert seen.name == "host-1" and seen.queue_names() == ["high", "low"] and seen.get_state() == "idle"
    assert rq.Worker.count(connection=store) == 1
    me.send_heartbeat(["job-1", "job-2"])
    seen.refresh()
    assert seen.get_state() == "busy"
    me.send_heartbeat([])
    assert rq.Worker.find_by_key(me.key, connection=store).get_state() == "idle"


def test_it_tells_how_much_memory_it_uses(me: registration.WorkerRecord) -> None:
    me.send_heartbeat([])
    [seen] = status.now().worker_records
    assert seen.name == "host-1" and seen.memory_mb and 5 < seen.memory_mb < 5000


def test_rqs_record_of_it_says_how_long_its_jobs_ran(me: registration.WorkerRecord, store: Any) -> None:
    for worked_s in (1.5, 0.0, 2.0):
        me.take_worked_s = lambda worked_s=worked_s: worked_s
        me.send_heartbeat([])
    [seen] = rq.Worker.all(connection=store)
    assert seen.total_working_time == 3.5


def test_it_tells_which_kind_each_job_is_and_again_after_redis_was_emptied(me: registration.WorkerRecord, store: Any) -> None:
    for _ in range(2):
        assert store.hget(keys.KINDS, f"{work.__module__}.work") == b"test_registration"
        store.flushall()
        me.send_heartbeat([])


def test_its_record_ends_by_itself_when_nobody_renews_it(me: registration.WorkerRecord, store: Any) -> None:
    me.send_heartbeat([])
    assert 0 < store.ttl(me.key) <= polling.worker_ttl_s() + 60


def test_a_worker_whose_record_ended_while_it_stood_still_is_seen_again(me: registration.WorkerRecord, store: Any) -> None:
    store.delete(me.key)
    maintenance.sweep()
    assert rq.Worker.count(connection=store) == 0 and status.now().workers == 0
    me.send_heartbeat(["job-1"])
    [seen] = rq.Worker.all(connection=store)
    assert (seen.name, seen.queue_names(), seen.get_state()) == ("host-1", ["high", "low"], "busy")
    assert status.now().workers == 1 and 0 < store.ttl(me.key) <= polling.worker_ttl_s() + 60


def test_leaving_takes_it_off_rqs_lists(store: Any) -> None:
    made = registration.WorkerRecord(["high"], "host-2", stopped.append)
    made.register()
    made.deregister()
    assert rq.Worker.all(connection=store) == []


def test_leaving_while_redis_is_away_is_quiet(me: registration.WorkerRecord, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def away() -> None:
        asked.append("away")
        raise redis.ConnectionError("away")

    monkeypatch.setattr(me, "register_death", away)
    me.deregister()
    assert asked == ["away"]
    until(lambda: store.pubsub_numsub(me.pubsub_channel_name)[0][1] == 0)


def test_a_dead_worker_is_forgotten(store: Any) -> None:
    made = registration.WorkerRecord(["high"], "host-3", stopped.append)
    made.register()
    store.sadd(f"{keys.RQ_WORKER}host-3:executions", "job:x")
    registration.drop_record("host-3")
    assert rq.Worker.all(connection=store) == [] and store.keys("rq:worker:host-3*") == []
    made.listener.stop()


def test_rqs_shutdown_command_is_a_sigterm_to_ourselves(
    me: registration.WorkerRecord, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(registration.os, "kill", lambda pid, signum: sent.append((pid, signum)))
    send_shutdown_command(store, "host-1")
    until(lambda: sent)
    assert sent == [(os.getpid(), signal.SIGTERM)] and stopped == []


def test_rqs_stop_command_reaches_the_consumer(me: registration.WorkerRecord, store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.hset(keys.job(job_id), mapping={"status": "started", "worker_name": "host-1"})
    send_stop_job_command(store, job_id)
    until(lambda: stopped)
    assert stopped == [job_id]


@pytest.mark.parametrize("message", [b"{", b"[]", b"{}", b"7", b"\xff", b'{"command": "no-such"}', b'{"command": ["x"]}', b""])
def test_a_message_that_is_no_command_is_logged_and_the_next_is_heard(
    me: registration.WorkerRecord, store: Any, message: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "trawl.worker")
    assert store.publish(me.pubsub_channel_name, message) == 1
    assert store.publish(me.pubsub_channel_name, json.dumps({"command": "stop-job", "job_id": "after"})) == 1
    until(lambda: stopped)
    assert stopped == ["after"] and "ommand" in caplog.text


def test_commands_are_heard_again_after_a_cut(me: registration.WorkerRecord, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_listener, "RETRY_S", 0.05)
    until(lambda: store.pubsub_numsub(me.pubsub_channel_name)[0][1] == 1)
    assert store.client_kill_filter(_type="pubsub") == 1
    until(lambda: store.pubsub_numsub(me.pubsub_channel_name)[0][1] == 1)
    store.publish(me.pubsub_channel_name, json.dumps({"command": "stop-job", "job_id": "x"}))
    until(lambda: stopped)
    assert stopped == ["x"]


def test_a_connection_that_went_dead_without_a_word_is_made_anew(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """RQ's own thread waits on it for ever."""
    for name, value in {"RETRY_S": 0.05, "WAIT_S": 0.1, "PING_S": 0.1, "LATE_S": 0.4}.items():
        monkeypatch.setattr(command_listener, name, value)
    heard: list[Any] = []
    mine = command_listener.Listener("c", heard.append)
    monkeypatch.setattr(redis.client.PubSub, "get_message", lambda self, timeout: clock.wait(timeout))  # nothing ever comes
    mine.start()
    monkeypatch.undo()
    first = store.client_list(_type="pubsub")
    until(lambda: store.publish("c", "x") == 1 and heard)
    mine.stop()
    assert len(first) == 1


def test_its_record_says_how_many_jobs_it_runs_and_that_it_takes_no_more(store: Any) -> None:
    made = registration.WorkerRecord(["high"], "host-9", lambda job_id: None)
    facts = {"threads": 25, "coroutines": 100, "draining": ""}
    made.facts = lambda: facts
    made.register()
    try:
        [seen] = status.now().worker_records
        assert (seen.places, seen.is_draining, seen.pid, bool(seen.host)) == (125, False, os.getpid(), True) and seen.born_at
        facts["draining"] = "1"
        made.send_heartbeat([])
        assert status.now().worker_records[0].is_draining
        store.delete(made.key)  # Redis was emptied: the record is written anew, with all of it
        facts["draining"] = ""
        made.send_heartbeat([])
        [seen] = status.now().worker_records
        assert (seen.places, seen.is_draining) == (125, False) and seen.born_at
    finally:
        made.deregister()
