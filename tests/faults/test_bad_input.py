"""What somebody with access to Redis can write: no worker exits, it is kept aside with a reason, nothing foreign runs."""

import json
import pickle
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import queues
from errors import ArgumentError
from state.engine import jobs, leases, rescues
from state.store import connection, keys
from tests.faults import harness, work
from tests.faults.callers import GOOD, plant
from tests.local.real import until
from worker import consumer, inline, pool
from worker import execution as executions


class Bomb:
    """Unpickled, it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (Path.touch, (self.path,))


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TRAWL_TEST_LEDGER", str(tmp_path / "ledger"))
    yield


def quarantined() -> dict[bytes, str]:
    """What was kept aside → why."""
    return {job_id: json.loads(told)["reason"] for job_id, told in connection.client().hgetall(keys.QUARANTINE).items()}


MALFORMED: dict[str, tuple[Any, str]] = {
    "bad status": ({"status": "wörking"}, "bad status"),
    "no status": ({"status": None}, "bad status"),
    "bad date": ({"created_at": "yesterday"}, "bad date: created_at"),
    "another bad date": ({"enqueued_at": "2026-13-45"}, "bad date: enqueued_at"),
    "no data": ({"data": None}, "no data"),
    "empty data": ({"data": ""}, "no JSON"),
    "broken JSON": ({"data": '["tests.faults.work.nap",null,[0]'}, "no JSON"),
    "JSON of something else": ({"data": '{"a": 1}'}, "no"),
    "half a compressed text": ({"data": zlib.compress(GOOD.encode())[:-9]}, "no JSON"),
    "pickle": ({"data": pickle.dumps(("os.system", None, ("true",), {}))}, "serializer=JSONSerializer"),
    "compressed pickle": ({"data": zlib.compress(pickle.dumps(("os.system", None, ("true",), {})))}, "serializer=JSONSerializer"),
    "unknown function": ({"data": '["jobs.serp.no_such",null,[],{}]', "parked_since": "1"}, "is not a job"),
    "function outside": ({"data": '["os.system",null,["true"],{}]'}, "is not a job"),
    "another schema": ({"data": '["tests.faults.work.nap",null,[0],{},"v2"]'}, "no JSON"),
    "timeout that is none": ({"timeout": "soon"}, "timeout is not a number"),
    "retries that are none": ({"retries_left": "\x00"}, "retries_left is not a number"),
    "lifetime that is none": ({"result_ttl": b"\xff"}, "result_ttl is not a number"),
    "unknown callback": ({"success_callback_name": b"\xff\xfe"}, "is not a job"),
}
BAD_IDS = {"no UTF-8": b"\xff\xfe", "empty": b"", "space": b"a b", "line": b"a\nb", "colon": b"a:b", "equals": b"a=b"}


def burst() -> None:
    """A worker process's own loop, until the queues are empty."""
    threads, limits = pool.Pool(3, 5, executions.Execution.run), consumer.Policy(burst=True)
    consumer.Consumer("w", lambda: queues.QUEUES, threads, limits, lambda ids: None).run()


@pytest.mark.parametrize("run", [inline.run_until_idle, burst])
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_job_is_kept_aside_with_a_reason_and_the_others_run(name: str, run: Any) -> None:
    fields, reason = MALFORMED[name]
    before, after = (queues.submit(work.nap, 0, queue="high").job_id for _ in range(2))
    connection.client().lrem(keys.queue("high"), 1, after)
    plant("bad", **fields)
    connection.client().rpush(keys.queue("high"), after)
    run()
    assert harness.status(before) == harness.status(after) == "finished"
    assert reason in quarantined()[b"bad"] and list(quarantined()) == [b"bad"]
    assert jobs.depths(queues.QUEUES) == dict.fromkeys(queues.QUEUES, 0) and not connection.client().exists(keys.LEASES)


@pytest.mark.parametrize("run", [inline.run_until_idle, burst])
@pytest.mark.parametrize("name", BAD_IDS)
def test_an_id_that_is_none_is_kept_aside_and_the_others_run(name: str, run: Any) -> None:
    plant(BAD_IDS[name])
    good = queues.submit(work.nap, 0, queue="high").job_id
    run()
    assert harness.status(good) == "finished" and quarantined() == {BAD_IDS[name]: "not an id of RQ"}


def test_a_job_key_of_another_type_is_kept_aside(store: Any) -> None:
    store.set(keys.job("bad"), "text")
    store.rpush(keys.queue("high"), "bad")
    good = queues.submit(work.nap, 0).job_id
    inline.run_until_idle()
    assert harness.status(good) == "finished" and "WRONGTYPE" in quarantined()[b"bad"]


def test_a_queue_of_another_type_is_named_and_the_other_queues_flow(store: Any) -> None:
    store.set(keys.queue("high"), "text")
    good = queues.submit(work.nap, 0).job_id
    inline.run_until_idle()
    assert harness.status(good) == "finished" and "WRONGTYPE" in quarantined()[b"queue:high"]


@pytest.mark.parametrize("key", ["rq:wip:default", "rq:executions:{id}", "rq:results:{id}", "rq:finished:default", "rq:worker:w"])
def test_a_record_of_rqs_of_another_type_loses_no_job(key: str, store: Any) -> None:
    job_id = queues.submit(work.nap, 0).job_id
    store.set(key.format(id=job_id), "text")
    other = queues.submit(work.nap, 0).job_id
    burst()
    assert harness.status(job_id) == harness.status(other) == "finished" and not store.exists(keys.LEASES)


def test_maintenance_goes_on_over_what_is_broken(store: Any) -> None:
    """Expired leases of a good job, of a job that became text, of one with a broken queue, and one that is no lease."""
    ids = [queues.submit(work.nap, 0, queue=name).job_id for name in ("default", "default", "low")]
    leases.exchange("dead", [], leases.LeaseRequest(1, queues.QUEUES, 9))
    store.set(keys.job(ids[1]), "text")
    store.set(keys.queue("low"), "text")
    for lease in (*store.zrange(keys.LEASES, 0, -1), b"nonsense", b"\xff:\xfe"):
        store.zadd(keys.LEASES, {lease: 1})
    assert rescues.rescue().put_back == [ids[0]]
    store.delete(keys.queue("low"))
    [waiting] = store.zrange(keys.LEASES, 0, -1)
    store.zadd(keys.LEASES, {waiting: 1})
    assert rescues.rescue().put_back == [ids[2]] and store.zcard(keys.LEASES) == 0


def test_delayed_jobs_are_moved_past_what_is_broken(store: Any) -> None:
    good = queues.submit(work.nap, 0, delay_s=1).job_id
    store.zadd(f"{keys.RQ_SCHEDULED}default", {"bad": 1, b"\xff": 1, "": 1, good: 1})
    store.set(keys.job("bad"), "text")
    store.set(f"{keys.RQ_SCHEDULED}high", "text")
    assert jobs.promote(*queues.QUEUES) == 1 and harness.status(good) == "queued"


# --- nothing foreign ever runs --------------------------------------------------------------------------------------


def canaries(path: Path) -> dict[str, dict[str, Any]]:
    """Records that would leave a file at `path` if they were believed."""
    bomb, code = pickle.dumps(Bomb(path)), f"__import__('pathlib').Path({str(path)!r}).touch()"
    fields = ("data", "meta", "result", "exc_info", "group_id", "webhooks", "dependency_ids")
    good: dict[str, Any] = {name: {name: bomb} for name in fields}
    for name in ("success_callback_name", "failure_callback_name", "stopped_callback_name"):
        good[name] = {name: "tests.faults.canary_module.run"}
    call = {"os.system": f"touch {path}", "builtins.eval": code, "builtins.exec": code, "pathlib.Path.touch": str(path)}
    for func, argument in call.items():
        good[func] = {"data": json.dumps([func, None, [argument], {}])}
        good[f"compressed {func}"] = {"data": zlib.compress(json.dumps([func, None, [argument], {}]).encode())}
    for name in ("nap.__globals__", "os.system", "__builtins__.eval", "__class__"):
        func = f"tests.faults.work.{name}"
        good[func] = {"data": json.dumps([func, None, [f"touch {path}"], {}])}
    good["a method of an object"] = {"data": json.dumps(["system", "os", [f"touch {path}"], {}])}
    good["compressed pickle"] = {"data": zlib.compress(bomb)}
    return good


@pytest.mark.parametrize("name", canaries(Path("/x")))
def test_nothing_foreign_runs_and_nothing_is_ever_unpickled(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    for func in ("loads", "load", "Unpickler"):
        monkeypatch.setattr(pickle, func, lambda *given, name=name: loaded.append(name))
    canary = tmp_path / "canary"
    plant("evil", **canaries(canary)[name])
    good = queues.submit(work.nap, 0).job_id
    inline.run_until_idle()
    assert not canary.exists() and loaded == [] and "tests.faults.canary_module" not in sys.modules
    assert harness.status(good) == "finished"
    refused = "data" in canaries(canary)[name] or name.endswith("callback_name")
    assert (b"evil" in quarantined()) == refused == (harness.status("evil") == "failed")


@pytest.mark.real_redis
def test_a_worker_process_lives_through_all_of_it_and_runs_what_is_good(scene: harness.Env, tmp_path: Path) -> None:
    program = scene.worker(2, 3)
    workers = program.workers()
    for number, (fields, _) in enumerate(MALFORMED.values()):
        plant(f"bad-{number}", queue=queues.QUEUES[number % 3], **fields)
    for number, fields in enumerate(canaries(tmp_path / "canary").values()):
        plant(f"evil-{number}", queue=queues.QUEUES[number % 3], **fields)
    for raw in BAD_IDS.values():
        plant(raw)
    for worker in connection.client().smembers(keys.RQ_WORKERS):
        connection.client().publish(worker.replace(b"rq:worker:", b"rq:pubsub:"), b"\xff")
    ids = harness.submit(work.nap, 0.0, times=60, names=queues.QUEUES)
    scene.settled(ids).verify()
    until(lambda: not any(jobs.depths(queues.QUEUES).values()) and len(quarantined()) >= len(MALFORMED) + len(BAD_IDS))
    assert program.workers() == workers and program.process.poll() is None, "no process ended"
    assert not (tmp_path / "canary").exists() and set(scene.ledger.runs().values()) == {1}


@pytest.mark.real_redis
def test_a_worker_process_lives_through_keys_of_another_type(scene: harness.Env) -> None:
    client, program = connection.client(), scene.worker(2, 3)
    workers = program.workers()
    broken = [keys.queue("high"), keys.RQ_STARTED + "default", keys.RQ_FINISHED + "low", keys.RQ_SCHEDULED + "high"]
    broken += [worker.decode() + ":executions" for worker in client.smembers(keys.RQ_WORKERS)]
    for key in broken:
        client.delete(key)
        client.set(key, "text")
    client.set(keys.job("bad"), "text")
    client.rpush(keys.queue("default"), "bad")
    ids = harness.submit(work.nap, 0.0, times=40, names=("default", "low"))
    until(lambda: all(harness.status(job_id) == "finished" for job_id in ids))
    assert scene.ledger.runs() == dict.fromkeys(ids, 1) and not client.exists(keys.LEASES)
    assert {b"bad", b"queue:high"} <= set(quarantined())
    assert program.workers() == workers and program.process.poll() is None, "no process ended"

    client.delete(*broken)
    more = harness.submit(work.nap, 0.0, times=20, names=queues.QUEUES)
    scene.settled(more)
    assert all(harness.status(job_id) == "finished" for job_id in more) and set(scene.ledger.runs().values()) == {1}


def test_threads_of_a_refused_job_stay_free() -> None:
    """As many bad jobs as threads, and more: the good one behind them still finds a thread."""
    for number in range(20):
        plant(f"bad-{number}", data='["os.system",null,["true"],{}]')
    good = queues.submit(work.nap, 0).job_id
    before = threading.active_count()
    burst()
    assert harness.status(good) == "finished" and threading.active_count() < before + 10


def test_who_submits_a_foreign_function_is_told_before_redis_is_touched(store: Any) -> None:
    for func in ("os.system", "builtins.eval", eval, pickle.loads, "tests.faults.work.os.system"):
        with pytest.raises(ArgumentError):
            queues.submit(func, "1")  # type: ignore[arg-type]
    assert store.keys("*") == []
