"""RQ 3.0.0 over our engine: its classes read every state we write, its tools steer us, and what it enqueues runs here."""

import functools
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rq
from rq.command import send_shutdown_command, send_stop_job_command
from rq.job import Dependency, Job, JobStatus
from rq.rate_limit import RateLimit, RateLimitRegistry
from rq.registry import StartedJobRegistry
from rq.results import Result
from rq.serializers import JSONSerializer

import clock
import config
import queues
from state.engine import leases
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from worker import cancelled, consumer, inline, pool
from worker import execution as executions
from worker.rq import follow_up, registration

calls: list[Any] = []
go = threading.Event()
HERE = "tests.contract.test_engine"


@queues.job(retries=0)
def note(value: Any = None) -> Any:
    """Remember a call."""
    calls.append(value)
    return value


@queues.job(retries=0)
def fail(value: Any = None) -> None:
    """Fail."""
    calls.append(value)
    raise ZeroDivisionError("oh")


@queues.job(retries=2)
def fail_and_retry() -> None:
    """Fail in a way that may pass."""
    raise ZeroDivisionError("oh")


@queues.job(retries=0)
def walk() -> None:
    """Tell of steps until it is stopped."""
    for step in range(100_000):
        if go.is_set():
            return
        calls.append("step")
        queues.progress(step)
        clock.wait(0.01)


@queues.job(retries=0)
def on_success(job: Job, connection: Any, result: Any) -> None:
    """A callback."""
    calls.append(("success", job.id, str(job.get_status()), result))


@queues.job(retries=0)
def on_failure(job: Job, connection: Any, kind: Any, value: Any, trace: Any) -> None:
    """A callback that breaks."""
    calls.append(("failure", job.id, str(job.get_status()), str(value)))
    raise RuntimeError("the callback itself")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    calls.clear()
    go.clear()
    yield
    go.set()


def queue(store: Any, name: str = "default") -> rq.Queue:
    return rq.Queue(name, connection=store, serializer=JSONSerializer)


def read(store: Any, job_id: str) -> Job:
    return Job.fetch(job_id, connection=store, serializer=JSONSerializer)


@contextmanager
def working(threads: int = 2) -> Iterator[tuple[consumer.Consumer, rq.Worker]]:
    """A worker as `manage.py worker` makes one, in a thread; and RQ's view of it."""
    stop: list[Any] = []
    me = registration.WorkerRecord(queues.QUEUES, f"w-{leases.token()}", lambda job_id: stop[0](job_id))
    at_work = consumer.Consumer(
        me.name, lambda: queues.QUEUES, pool.Pool(threads, 9, executions.Execution.run), consumer.Policy(), me.send_heartbeat
    )
    stop.append(functools.partial(cancelled.stop, at_work.in_flight.running))
    me.register()
    thread = threading.Thread(target=at_work.run)
    thread.start()
    try:
        yield at_work, rq.Worker.find_by_key(me.key, connection=connection.client(), serializer=JSONSerializer)
    finally:
        at_work.guard.stop()
        go.set()
        thread.join(patience.HANG_S)
        me.deregister()
        assert not thread.is_alive()


# --- states and results ---------------------------------------------------------------------------------------------


def test_a_finished_job_reads_as_rqs_own(store: Any) -> None:
    job_id = queues.submit(note, {"a": [1, "ä"]}).job_id
    inline.run_until_idle()
    job = read(store, job_id)
    assert job.is_finished and job.return_value() == {"a": [1, "ä"]} and job.ended_at and job.started_at
    assert job.ended_at >= job.started_at >= (job.enqueued_at or job.ended_at)
    [result] = job.results()
    assert result.type is Result.Type.SUCCESSFUL and result.execution_id and result.worker_name == job.worker_name
    assert job_id in queue(store).finished_job_registry and job.get_executions() == []


def test_a_failed_job_reads_as_rqs_own(store: Any) -> None:
    job_id = queues.submit(fail).job_id
    inline.run_until_idle()
    job = read(store, job_id)
    result = job.latest_result()
    assert job.is_failed and job_id in queue(store).failed_job_registry and job.return_value() is None
    assert result and result.type is Result.Type.FAILED and "ZeroDivisionError: oh" in (result.exc_string or "")


def test_a_job_that_waits_for_its_retry_reads_as_rqs_own(store: Any) -> None:
    job_id = queues.submit(fail_and_retry).job_id
    inline.run_until_idle()
    job, registry = read(store, job_id), queue(store).scheduled_job_registry
    assert job.is_scheduled and job.retries_left == 1 and registry.get_job_ids(cleanup=False) == [job_id]
    assert registry.get_scheduled_time(job_id) > clock.now()
    latest = job.latest_result()
    assert latest and latest.type is Result.Type.RETRIED and "ZeroDivisionError" in (latest.exc_string or "")


@pytest.mark.real_redis
def test_a_running_job_and_its_worker_read_as_rqs_own(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "HEARTBEAT_S", 0.1)
    with working() as (_, worker):
        job_id = queues.submit(walk).job_id
        until(lambda: calls)
        job = read(store, job_id)
        assert job.is_started and job.worker_name == worker.name
        until(job.get_executions)
        [execution] = job.get_executions()
        assert execution.worker_name == worker.name and execution.job_id == job_id
        assert abs((execution.created_at - (job.started_at or execution.created_at)).total_seconds()) < patience.leeway(0.25)
        assert StartedJobRegistry("default", connection=store, serializer=JSONSerializer).get_job_ids(cleanup=False) == [job_id]
        seen = rq.Worker.all(connection=store, serializer=JSONSerializer)
        assert [one.name for one in seen] == [worker.name] and seen[0].get_current_job_id() == job_id
        current = seen[0].get_current_job()
        assert current is not None and current.id == job_id
        until(lambda: rq.Worker.find_by_key(worker.key, connection=store).get_state() == "busy")


@pytest.mark.real_redis
def test_a_worker_counts_what_it_did(store: Any) -> None:
    with working() as (_, worker):
        ids = [queues.submit(func).job_id for func in (note, note, note, fail)]
        until(lambda: all(read(store, job_id).is_finished or read(store, job_id).is_failed for job_id in ids))
        worker.refresh()
        assert (worker.successful_job_count, worker.failed_job_count) == (3, 1)


def test_reading_through_rqs_registries_runs_no_recovery_and_changes_nothing(store: Any) -> None:
    queues.submit(note)
    leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1))
    before = {key: store.dump(key) for key in store.scan_iter("*")}
    for registry in (queue(store).started_job_registry, queue(store).finished_job_registry, queue(store).failed_job_registry):
        assert registry.get_job_ids(cleanup=False) is not None
    _ = (queue(store).count, queue(store).job_ids, rq.Worker.all(connection=store), rq.Queue.all(connection=store))
    assert {key: store.dump(key) for key in store.scan_iter("*")} == before


# --- what RQ enqueues runs here -------------------------------------------------------------------------------------


def test_what_rq_enqueued_runs_compressed_data_and_all(store: Any) -> None:
    job = queue(store).enqueue(f"{HERE}.note", {"text": "x" * 5000}, result_ttl=77)
    assert zlib.decompress(store.hget(keys.job(job.id), "data"))
    inline.run_until_idle()
    assert read(store, job.id).return_value() == {"text": "x" * 5000} and 70 < store.ttl(keys.job(job.id)) <= 77


def test_a_pickled_job_is_refused_and_never_unpickled(store: Any) -> None:
    job = rq.Queue("default", connection=store).enqueue(f"{HERE}.note", 1)
    inline.run_until_idle()
    assert calls == [] and store.hget(keys.job(job.id), "status") == b"failed" and store.hexists(keys.QUARANTINE, job.id)


def test_retries_that_rq_wrote_are_honoured(store: Any) -> None:
    job = queue(store).enqueue(f"{HERE}.fail", retry=rq.Retry(max=1))
    inline.run_until_idle()
    store.zadd(f"{keys.RQ_SCHEDULED}default", {job.id: 1})
    inline.run_until_idle()
    assert len(calls) == 2 and read(store, job.id).is_failed


def test_a_dependent_starts_after_its_parent_and_one_of_two_parents_is_not_enough(store: Any) -> None:
    first, second = (queue(store, "low").enqueue(f"{HERE}.note", name) for name in ("first", "second"))
    child = queue(store, "high").enqueue(f"{HERE}.note", "child", depends_on=[first, second])
    grandchild = queue(store).enqueue(f"{HERE}.note", "grandchild", depends_on=child)
    assert read(store, child.id).is_deferred
    inline.run_until_idle()
    assert calls == ["first", "second", "child", "grandchild"] and read(store, grandchild.id).is_finished
    assert store.zcard(keys.FOLLOWUPS) == 0


@pytest.mark.parametrize(("allow", "status"), [(False, "deferred"), (True, "finished")])
def test_a_dependent_of_a_failed_parent_runs_only_if_it_says_so(allow: bool, status: str, store: Any) -> None:
    parent = queue(store).enqueue(f"{HERE}.fail")
    child = queue(store).enqueue(f"{HERE}.note", depends_on=Dependency([parent], allow_failure=allow))
    inline.run_until_idle()
    assert read(store, child.id).get_status() == status


def test_a_dependent_starts_though_its_parents_result_is_not_kept(store: Any) -> None:
    parent = queue(store).enqueue(f"{HERE}.note", "parent", result_ttl=0)
    child = queue(store).enqueue(f"{HERE}.note", "child", depends_on=parent)
    inline.run_until_idle()
    assert calls == ["parent", "child"] and store.ttl(keys.job(parent.id)) <= 60 and read(store, child.id).is_finished


def test_dependents_start_though_the_process_died_right_after_the_settlement(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = queue(store).enqueue(f"{HERE}.note", "parent")
    child = queue(store).enqueue(f"{HERE}.note", "child", depends_on=parent)
    with monkeypatch.context() as patch:
        patch.setattr(follow_up, "follow_up", lambda job: None)
        inline.run_until_idle()
    assert read(store, child.id).is_deferred and follow_up.catch_up() == 0, "it is not late yet"
    [name] = store.zrange(keys.FOLLOWUPS, 0, -1)
    store.zadd(keys.FOLLOWUPS, {name: 1})
    assert follow_up.catch_up() == 1 and follow_up.catch_up() == 0
    inline.run_until_idle()
    assert read(store, child.id).is_finished


def test_a_settlement_sent_twice_still_starts_its_dependents(store: Any) -> None:
    """The reply to the first sending was lost; redis-py sends again."""
    parent = queue(store).enqueue(f"{HERE}.note", "parent")
    queue(store).enqueue(f"{HERE}.note", "child", depends_on=parent)
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    ended = leases.Settlement(job, "finished")
    assert [leases.exchange("w", [ended], None).settled for _ in range(2)] == [["follow_up"], ["follow_up"]]
    follow_up.follow_up(job)
    assert leases.exchange("w", [ended], None).settled == ["settled"] and inline.run_until_idle() == 1


@pytest.mark.parametrize("interval", [0, 30])
def test_a_job_that_repeats_runs_as_often_as_it_says(interval: int, store: Any) -> None:
    job = queue(store).enqueue(f"{HERE}.note", 1, repeat=rq.Repeat(times=2, interval=interval))
    for run in (1, 2, 3):
        inline.run_until_idle()
        if interval and run < 3:
            assert read(store, job.id).is_scheduled and len(calls) == run and store.ttl(keys.job(job.id)) == -1
            store.zadd(f"{keys.RQ_SCHEDULED}default", {job.id: 1})
    assert calls == [1, 1, 1] and read(store, job.id).is_finished and len(read(store, job.id).results()) == 3


def test_following_up_twice_repeats_once(store: Any) -> None:
    queue(store).enqueue(f"{HERE}.note", 1, repeat=rq.Repeat(times=5, interval=30))
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    assert leases.exchange("w", [leases.Settlement(job, "finished")], None).settled == ["follow_up"]
    follow_up.follow_up(job)
    follow_up.follow_up(job)
    assert read(store, job.id).repeats_left == 4 and store.zcard(f"{keys.RQ_SCHEDULED}default") == 1


@pytest.mark.parametrize("func", ["note", "fail"])
def test_the_next_job_of_a_rate_limit_goes_when_one_ended_in_any_way(func: str, store: Any) -> None:
    limit = RateLimit("site", concurrency=1)
    ids = [queue(store).enqueue(f"{HERE}.{func}", number, rate_limit=limit).id for number in range(3)]
    registry = RateLimitRegistry("site", store)
    assert queue(store).job_ids == ids[:1] and registry.get_rate_limited_job_count() == 2
    inline.run_until_idle()
    assert sorted(calls) == [0, 1, 2] and registry.get_allowed_job_count() == registry.get_rate_limited_job_count() == 0


def test_callbacks_that_are_registered_jobs_are_called_after_the_outcome_and_cannot_change_it(store: Any) -> None:
    both = {"on_success": rq.Callback(on_success), "on_failure": rq.Callback(on_failure)}
    good = queue(store).enqueue(f"{HERE}.note", 7, **both)
    bad = queue(store).enqueue(f"{HERE}.fail", 8, **both)
    inline.run_until_idle()
    told = [call for call in calls if isinstance(call, tuple)]
    assert [call[:2] for call in told] == [("success", good.id), ("failure", bad.id)]
    assert told[0][3] == 7 and told[1][3] == "oh" and all(JobStatus(state.split(".")[-1].lower()) for *_, state, _ in told)
    assert read(store, good.id).is_finished and read(store, bad.id).is_failed


# --- RQ's tools steer us --------------------------------------------------------------------------------------------


@pytest.mark.real_redis
def test_rqs_stop_command_ends_a_running_job_as_stopped(store: Any) -> None:
    with working():
        job_id = queues.submit(walk).job_id
        until(lambda: calls)
        send_stop_job_command(store, job_id, serializer=JSONSerializer)
        until(lambda: read(store, job_id).is_stopped)
        assert job_id in queue(store).failed_job_registry.get_job_ids(cleanup=False)


@pytest.mark.real_redis
def test_rqs_shutdown_command_ends_a_worker_process(store: Any, real_server: str, tmp_path: Path) -> None:
    code = "from worker import process; raise SystemExit(process.run(process.Options(threads=2), 'host-9'))"
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=config.ROOT,
            env={**os.environ, "REDIS_URL": real_server, "TRAWL_NO_DOTENV": "1"},
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            until(lambda: store.pubsub_numsub("rq:pubsub:host-9")[0][1] == 1)
            send_shutdown_command(store, "host-9")
            assert process.wait(patience.HANG_S) == 0
        finally:
            process.kill()
    assert rq.Worker.all(connection=store) == []


@pytest.mark.real_redis
def test_rq_requeue_and_rq_info_work_from_the_command_line(store: Any, real_server: str) -> None:
    job_id = queues.submit(fail).job_id
    inline.run_until_idle()
    options = ["--serializer", "rq.serializers.JSONSerializer", "--queue", "default"]
    rq_says("requeue", "--url", real_server, *options, job_id)
    assert read(store, job_id).is_queued and inline.run_until_idle() == 1 and len(calls) == 2
    with working() as (_, worker):
        shown = rq_says("info", "--url", real_server, "--raw")
    assert f"worker {worker.name} (" in shown and ") idle high, default, low." in shown


def rq_says(*words: str) -> str:
    """What RQ's own program prints."""
    command = [str(Path(sys.executable).with_name("rq")), *words]
    env = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=patience.HANG_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
