"""What Celery keeps in the same Redis is left alone, and disturbs nothing: both systems may run while one replaces the other."""

import json
from typing import Any

import queues
from jobs import maintenance
from models import JobStatus
from state.engine import heartbeats
from tests.commands.conftest import Run
from topics.operations import library, metrics
from worker import inline
from worker.rq import registration

MESSAGE = json.dumps({"body": "W1tdLCB7fSwge31d", "headers": {"task": "app.scrape", "id": "7c1f"}, "properties": {"priority": 0}})


def left_by_celery(store: Any) -> None:
    """Queues by name and priority, unacknowledged messages, bindings, results, and the lock of a periodic scheduler."""
    for queue in ("celery", "default", "scraping", "serp_high", "celery\x06\x163"):
        store.lpush(queue, MESSAGE, MESSAGE)
        store.sadd(f"_kombu.binding.{queue}", f"{queue}\x06\x16\x06\x16{queue}")
    store.hset("unacked", "tag", json.dumps([json.loads(MESSAGE), "", "celery"]))
    store.zadd("unacked_index", {"tag": 1})
    store.set("unacked_mutex", "1")
    store.set("celery-task-meta-7c1f", json.dumps({"status": "SUCCESS", "result": None}))
    store.zadd("redbeat::schedule", {"redbeat:enqueue-keyword-scrapes": 1})


def test_jobs_run_and_what_celery_left_stays_as_it_was(store: Any, run: Run) -> None:
    left_by_celery(store)
    theirs = {key: store.dump(key) for key in store.scan_iter("*")}
    registration.WorkerRecord(queues.QUEUES, "living", lambda job: None).register_birth()
    heartbeats.beat("scheduler")

    job = queues.submit(maintenance.delete_old_jobs, 0)
    inline.run_until_idle()
    queues.submit(maintenance.sweep)
    inline.run_until_idle()

    assert library.get_job_status(job.id).status is JobStatus.COMPLETED
    assert metrics.get_queue_stats()["queue_lengths"] == {"high": 0, "default": 0, "low": 0}
    assert run("doctor", "--fix").exit_code == 0
    assert {key: store.dump(key) for key in theirs} == theirs
