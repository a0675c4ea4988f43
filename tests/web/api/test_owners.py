"""One key's jobs are unknown to another key, in every list and figure that names jobs."""

from collections.abc import Callable
from typing import Any

import queues
from state.engine import leases
from tests.topics.operations.test_jobs import walk

URL = "https://example.com/"


def test_lists_hold_the_callers_own_jobs_and_an_admins_all(key_client: Callable[..., Any]) -> None:
    mine, other, admin = key_client(), key_client(), key_client("admin")
    made = {
        mine: mine.post("/scrape", json={"url": URL}).json["job_id"],
        other: other.post("/scrape", json={"url": URL}).json["job_id"],
    }
    for path in ("/api/v1/jobs", "/api/v1/jobs/list?status=pending", "/api/v1/jobs/active"):
        for client, own in made.items():
            assert [job["id"] for job in client.get(path).json["items"]] == [own], path
        assert {job["id"] for job in admin.get(path).json["items"]} == set(made.values())
    mine.delete(f"/scrape/{made[mine]}")
    assert [job["id"] for job in mine.get("/api/v1/jobs/history").json["items"]] == [made[mine]]
    assert other.get("/api/v1/jobs/history").json["items"] == []


def test_what_runs_is_named_to_its_owner_only(key_client: Callable[..., Any]) -> None:
    mine, other = key_client(), key_client()
    with queues.owned_by(mine.key.id):
        job_id = queues.submit(walk).job_id
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
    assert mine.get("/api/v1/jobs/summary").json["longest"][0]["id"] == job_id
    assert (other.get("/api/v1/jobs/summary").json["longest"], other.get("/api/v1/jobs/summary").json["running"]) == ([], 1)
    assert mine.get("/api/crawl/queue-stats").json["active_tasks"] == {"w1": [{"name": "walk", "id": job_id}]}
    assert other.get("/api/crawl/queue-stats").json["active_tasks"] == {}


def test_idempotency_keys_and_names_of_work_are_each_callers_own(key_client: Callable[..., Any]) -> None:
    mine, other = key_client(), key_client()
    for more, headers in (({}, {"Idempotency-Key": "k"}), ({"dedup_key": "d"}, {}), ({"unique": True}, {})):
        ids = {
            client.post("/scrape", json={"url": URL, **more}, headers=headers).json["job_id"] for client in (mine, other, mine)
        }
        assert len(ids) == 2


def test_what_is_run_again_stays_its_owners(key_client: Callable[..., Any]) -> None:
    mine, admin = key_client(), key_client("admin")
    job_id = mine.post("/api/v1/scrapes", json={"url": URL}).json["id"]
    admin.delete(f"/api/v1/jobs/{job_id}")
    again = admin.post(f"/api/v1/jobs/{job_id}/retry").json["id"]
    assert mine.get(f"/api/v1/jobs/{again}").status_code == 200


def test_jobs_of_other_systems_belong_to_who_told_of_them(key_client: Callable[..., Any]) -> None:
    mine, other = key_client(), key_client()
    body = {"success": True, "processing_time": 1}
    assert mine.post("/api/v1/jobs/theirs-1/completion", json=body).status_code == 200
    assert mine.get("/api/v1/jobs/theirs-1").json["status"] == "completed"
    assert other.get("/api/v1/jobs/theirs-1").status_code == 404
    assert other.post("/api/v1/jobs/theirs-1/completion", json=body).status_code == 404
