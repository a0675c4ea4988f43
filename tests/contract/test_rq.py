"""What RQ 3.0.0 promises us, and we it: everything we write into its keys reads through its own classes and tools."""

import os
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
import rq
from rq.job import Job, JobStatus
from rq.registry import ScheduledJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

import clock
import queues
from jobs import serp
from state.engine import jobs
from state.store import keys
from tests import fakes, patience
from tests.state import NOON, job_of, tracked
from worker import inline


def read(job_id: str, store: Any) -> Job:
    """A job as RQ's own class sees it."""
    return Job.fetch(job_id, connection=store, serializer=JSONSerializer)


def queue(name: str, store: Any) -> rq.Queue:
    return rq.Queue(name, connection=store, serializer=JSONSerializer)


def test_this_is_the_version_the_contract_is_about() -> None:
    assert rq.VERSION == "3.0.0"


def test_the_keys_are_rqs_own(store: Any) -> None:
    assert Job.redis_job_namespace_prefix == keys.RQ_JOB and rq.Queue.redis_queue_namespace_prefix == keys.RQ_QUEUE
    assert rq.Queue.redis_queues_keys == keys.RQ_QUEUES and rq.Worker.redis_workers_keys == keys.RQ_WORKERS
    assert ScheduledJobRegistry("high", connection=store).key == f"{keys.RQ_SCHEDULED}high"
    assert StartedJobRegistry("high", connection=store).key == f"{keys.RQ_STARTED}high"


def test_a_job_of_a_batch_reads_as_rqs_own(store: Any) -> None:
    [word] = tracked()
    with clock.frozen(NOON):
        serp.enqueue_batch()
    job = read(job_of(word), store)
    assert (job.func_name, job.args, job.kwargs, job.instance) == ("jobs.serp.track_keyword", [word], {}, None)
    assert job.get_status() is JobStatus.QUEUED and job.origin == "high" and job.timeout == serp.CHECK_TIMEOUT_S
    assert job.created_at == job.enqueued_at == NOON and job.created_at.tzinfo is UTC
    assert job.failure_ttl == keys.FAILURE_TTL_S and job.get_call_string() == f"jobs.serp.track_keyword('{word}')"
    assert job.description == job.get_call_string() and job.get_position() == 0
    assert [one.id for one in queue("high", store).jobs] == [job.id]


def test_a_submitted_job_reads_as_rqs_own(store: Any) -> None:
    job_id = queues.submit(serp.track_keyword, "ä'word", force=True, meta={"by": "test"}).job_id
    job = read(job_id, store)
    assert (job.args, job.kwargs, job.meta) == (["ä'word"], {"force": True}, {"by": "test"})
    assert job.retries_left is None and not job.is_finished and job.is_queued
    assert queue("default", store).job_ids == [job_id]
    assert {one.name for one in rq.Queue.all(connection=store, serializer=JSONSerializer)} == {"default"}


def test_a_delayed_job_stands_in_rqs_scheduled_registry(store: Any) -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(serp.track_keyword, "word", delay_s=90).job_id
    registry = ScheduledJobRegistry("default", connection=store, serializer=JSONSerializer)
    assert registry.get_job_ids(cleanup=False) == [job_id]
    assert registry.get_scheduled_time(job_id) == NOON + timedelta(seconds=90)
    assert read(job_id, store).is_scheduled and job_id in registry
    assert queue("default", store).job_ids == []


def test_rq_can_cancel_delete_and_requeue_what_we_wrote(store: Any) -> None:
    cancelled, deleted = (queues.submit(serp.track_keyword, name).job_id for name in ("a", "b"))
    read(cancelled, store).cancel()
    assert read(cancelled, store).is_canceled and cancelled in queue("default", store).canceled_job_registry
    read(deleted, store).delete()
    assert not store.exists(keys.job(deleted)) and queue("default", store).job_ids == []


def test_what_our_worker_leaves_reads_as_rqs_own(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = tracked(2)
    fakes.use(monkeypatch, lambda text, start: fakes.serp(fakes.others(10)) if text == "word 0" else ZeroDivisionError("oh"))
    serp.enqueue_batch()
    good_job, bad_job = job_of(good), job_of(bad)
    inline.run_until_idle()
    finished, failed = queue("high", store).finished_job_registry, queue("high", store).failed_job_registry
    assert finished.get_job_ids(cleanup=False) == [good_job] and failed.get_job_ids(cleanup=False) == [bad_job]
    result, failure = read(good_job, store).latest_result(), read(bad_job, store).latest_result()
    assert result and result.return_value["outcome"] == "not_found"
    assert failure and "ZeroDivisionError: oh" in (failure.exc_string or "")
    assert queue("high", store).started_job_registry.get_job_ids(cleanup=False) == []
    assert queue("high", store).intermediate_queue.get_job_ids() == []
    assert 0 < store.ttl(keys.job(good_job)) <= 500 and 0 < store.ttl(keys.job(bad_job)) <= keys.FAILURE_TTL_S
    assert rq.Worker.all(connection=store) == [], "it said goodbye"


def test_a_failed_job_that_rq_requeues_runs_again(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch, ZeroDivisionError("oh"))
    job_id = queues.submit(serp.track_keyword, word).job_id
    inline.run_until_idle()
    provider.answers = fakes.serp(fakes.others(10))
    queue("default", store).failed_job_registry.requeue(job_id)
    inline.run_until_idle()
    assert read(job_id, store).return_value()["outcome"] == "not_found"


def test_a_job_written_by_rq_itself_runs_here(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch)
    job = queue("low", store).enqueue("jobs.serp.track_keyword", word)
    inline.run_until_idle()
    assert read(job.id, store).return_value()["outcome"] == "not_found"


def test_promoting_is_what_rqs_scheduler_would_do(store: Any) -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(serp.track_keyword, "word", delay_s=5).job_id
        clock.advance(timedelta(seconds=5))
        assert jobs.promote("default") == 1
        job = read(job_id, store)
    assert job.is_queued and job.enqueued_at == NOON + timedelta(seconds=5)
    assert queue("default", store).job_ids == [job_id]


@pytest.mark.real_redis
def test_rq_info_reads_it_all(real_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(3)
    serp.enqueue_batch()
    queues.submit(serp.track_keyword, "word", delay_s=60)
    command = [str(Path(sys.executable).with_name("rq")), "info", "--url", real_server, "--raw"]
    env = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience.HANG_S, env=env)
    assert done.returncode == 0, done.stderr
    assert "queue high 3" in done.stdout and "queue default 0" in done.stdout
