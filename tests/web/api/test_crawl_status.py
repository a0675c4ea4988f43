"""S3's status of a task and its queue, S2's queue status: the exact shapes of the seeds."""

from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from models import JobStatus
from state.engine import execution_records, leases
from tests.topics.operations.test_jobs import job_in, walk, work
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site


@queues.job(queue="low", kind="forms", retries=0)
def discover() -> dict[str, Any]:
    """Returns what the seed's task returns."""
    return {"pages_found": 3, "forms_found": 4}


def status(client: FlaskClient, job_id: str) -> Any:
    return client.get(f"/api/crawl/status/{job_id}").json


def test_a_task_goes_from_pending_to_progress_to_success_in_the_exact_shapes(client: FlaskClient) -> None:
    """S3-04 … S3-06, S3-35."""
    job_id = queues.submit(discover).job_id
    assert status(client, job_id) == {"state": "PENDING", "status": "Task is waiting in the queue"}
    [job] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
    execution_records.write_progress(job, '{"step": 1, "total": 2, "message": "Analyzing forms..."}')
    assert status(client, job_id) == {"state": "PROGRESS", "progress": 50, "status": "Analyzing forms..."}
    from worker import results

    told = results.encode({"pages_found": 3, "forms_found": 4})
    leases.exchange("w1", [leases.Settlement(job, "finished", result=told, kind="forms", ran_ms=5)], None)
    assert status(client, job_id) == {
        "state": "SUCCESS",
        "status": "Task completed!",
        "result": {"status": "completed", "pages_found": 3, "forms_found": 4},
    }


@pytest.mark.parametrize(
    ("state", "word", "says"),
    [
        (JobStatus.FAILED, "FAILURE", "told to"),
        (JobStatus.CANCELLED, "REVOKED", "cancelled"),
        (JobStatus.RETRY, "PENDING", "next attempt"),
        (JobStatus.SCHEDULED, "PENDING", "its time"),
        (JobStatus.PARKED, "PENDING", "host example.com: delay"),
        (JobStatus.RUNNING, "PROGRESS", "running"),
    ],
)
def test_the_other_states_are_told_in_celerys_words(client: FlaskClient, state: JobStatus, word: str, says: str) -> None:
    """S3-07."""
    told = status(client, job_in(state))
    assert told["state"] == word and says in told["status"] and ("progress" in told) == (word == "PROGRESS")


def test_an_unknown_task_is_404(client: FlaskClient) -> None:
    """S3-07, C11."""
    assert client.get("/api/crawl/status/abc-123-def").status_code == 404


def test_a_crawl_is_told_with_its_pages(client: FlaskClient, house: Site, work_off: Work) -> None:
    job_id = client.post("/scrape", json={"url": f"{house.url}/"}).json["job_id"]
    work_off()
    told = status(client, job_id)
    assert told["state"] == "SUCCESS"
    assert told["result"] == {"status": "completed", "pages_found": 4, "pages_done": 3, "pages_skipped": 0, "pages_failed": 1}


def test_queue_stats_name_tasks_by_worker(client: FlaskClient) -> None:
    """S3-08, S3-33."""
    assert client.get("/api/crawl/queue-stats").json == {"active_tasks": {}, "scheduled_tasks": {}, "reserved_tasks": {}}
    job_id = queues.submit(walk).job_id
    leases.exchange("worker1", [], leases.LeaseRequest(1, ["low"], 1))
    later = queues.submit(work, delay_s=60).job_id
    told = client.get("/api/crawl/queue-stats").json
    assert told["active_tasks"] == {"worker1": [{"name": "walk", "id": job_id}]}
    assert told["scheduled_tasks"]["low"][0] == {"name": "work", "id": later} and told["reserved_tasks"] == {}


def test_queue_status_tells_active_tasks_and_lengths(client: FlaskClient) -> None:
    """S2-12, S2-36."""
    queues.submit(walk)
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
    for queue in ("high", "low", "low"):
        queues.submit(work, queue=queue)
    told = client.get("/queue/status").json
    assert (told["active_tasks"], told["queue_lengths"]) == (1, {"high": 1, "default": 0, "low": 2})
    assert (told["total_waiting"], told["workers"]) == (3, 0) and told["queues"][2]["waiting_since"].endswith("Z")
