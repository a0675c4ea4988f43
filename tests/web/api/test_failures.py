"""Failures and bulk actions over HTTP: what they answer, and what they refuse."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import errors
import queues
from models import JobStatus
from topics.operations import jobs
from worker import inline

API = "/api/v1/failures"
BULK = "/api/v1/jobs/bulk"


@queues.job(queue="low", kind="testapi", retries=0)
def broken(says: str) -> None:
    """Fails, and says what it is told."""
    raise errors.DataError(says)


def failed(*messages: str, **labels: str) -> list[str]:
    ids = [queues.submit(broken, says, labels=labels).job_id for says in messages]
    inline.run_until_idle()
    return ids


def test_failures_are_listed_with_a_cursor(client: FlaskClient) -> None:
    failed("page 1 is empty", "page 2 is empty", "no price")
    first: Any = client.get(API, query_string={"limit": 1}).json
    second: Any = client.get(API, query_string={"limit": 1, "cursor": first["next"]}).json
    found = {item["message"]: item for item in first["items"] + second["items"]}
    assert set(found) == {"page <n> is empty", "no price"} and second["next"] is None
    assert found["page <n> is empty"]["count"] == found["page <n> is empty"]["last_day"] == 2
    assert sum(found["no price"]["hours"]) == 1 and found["no price"]["muted"] is None
    assert client.get(API, query_string={"cursor": "x"}).status_code == 422
    assert client.get(API, query_string={"category": "odd"}).status_code == 422


def test_a_mute_has_an_end_and_a_note(client: FlaskClient) -> None:
    failed("no price")
    name = client.get(API).json["items"][0]["fingerprint"]  # type: ignore[index]
    told: Any = client.put(f"{API}/{name}/mute", json={"days": 2, "note": "known"}).json
    assert told["muted"]["note"] == "known" and told["muted"]["actor"] == "local"
    assert client.get(API).json["items"] == []  # type: ignore[index]
    assert len(client.get(API, query_string={"muted": "true"}).json["items"]) == 1  # type: ignore[index]
    assert client.delete(f"{API}/{name}/mute").json["muted"] is None  # type: ignore[index]
    for days in (0, -1, 1000, "x"):
        assert client.put(f"{API}/{name}/mute", json={"days": days}).status_code == 422
    assert client.put(f"{API}/{'0' * 16}/mute", json={"days": 1}).status_code == 404


def test_all_failures_of_a_fingerprint_run_again(client: FlaskClient) -> None:
    mine, other = failed("page 1 is empty", "page 2 is empty"), failed("no price")
    name = next(one["fingerprint"] for one in client.get(API).json["items"] if one["count"] == 2)  # type: ignore[index]
    told = client.post(f"{API}/{name}/retry")
    assert told.status_code == 202
    inline.run_until_idle()
    assert [jobs.find(f"{one}-r1") is not None for one in (*mine, *other)] == [True, True, False]
    result: Any = client.get(f"/api/v1/jobs/{told.json['id']}/result").json  # type: ignore[index]
    assert result.get("result", result)["done"] == 2


def test_a_bulk_action_counts_first_and_a_job_does_it(client: FlaskClient) -> None:
    ids = failed("no price", "no price", host="a.com")
    failed("no price", host="b.com")
    asked = {"action": "retry", "host": "a.com"}
    counted: Any = client.post(BULK, json={**asked, "dry_run": True}).json
    assert (counted["number"], counted["is_exact"]) == (2, True)
    assert not jobs.find(f"{ids[0]}-r1")
    told = client.post(BULK, json=asked)
    assert told.status_code == 202
    inline.run_until_idle()
    found = jobs.get_job_status(told.json["job_id"])  # type: ignore[index]
    assert found.status is JobStatus.COMPLETED and found.progress and found.progress.message == "2 run again, 0 refused"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "retry"},
        {"action": "burn", "all": True},
        {"action": "retry", "job_ids": []},
        {"action": "move", "kind": "x"},
        {"action": "move", "kind": "x", "to": "huge"},
        {"action": "retry", "kind": "x", "to": "high"},
        {"action": "retry", "status": ["completed"]},
        {"action": "retry", "status": ["odd"]},
        {"action": "retry", "text": "x" * 301},
        {"action": "retry", "all": True, "odd": 1},
        {"action": "cancel", "job_ids": ["x"] * 1001},
    ],
)
def test_a_wrong_bulk_action_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post(BULK, json=body).status_code == 422


def test_all_is_said_in_words(client: FlaskClient) -> None:
    queues.submit(broken, "x", delay_s=60)
    assert client.post(BULK, json={"action": "cancel", "all": True, "dry_run": True}).json["number"] == 1  # type: ignore[index]


def test_keys_see_and_change_what_is_theirs(key_client: Callable[..., Any]) -> None:
    mine, other, admin = key_client("operator"), key_client("operator"), key_client("admin")
    with queues.owned_by(other.key.id):
        [foreign] = failed("no price")
    name = admin.get(API).json["items"][0]["fingerprint"]
    assert mine.get(API).json["items"] == []
    assert mine.post(f"{API}/{name}/retry").status_code == 404
    assert other.put(f"{API}/{name}/mute", json={"days": 1}).status_code == 403
    assert mine.post(BULK, json={"action": "retry", "all": True, "dry_run": True}).json["number"] == 0
    assert mine.post(BULK, json={"action": "retry", "job_ids": [foreign], "dry_run": True}).json["number"] == 0
    assert other.post(BULK, json={"action": "retry", "all": True, "dry_run": True}).json["number"] == 1
    assert key_client("viewer").post(BULK, json={"action": "retry", "all": True}).status_code == 403
    assert other.post(f"{API}/{name}/retry").status_code == 202


def test_the_list_of_jobs_finds_texts_and_fingerprints(client: FlaskClient) -> None:
    [one, _] = failed("no price", "it is empty")
    name = next(row["fingerprint"] for row in client.get(API).json["items"] if row["message"] == "no price")  # type: ignore[index]
    for asked in ({"text": one}, {"text": "NO PRICE"}, {"fingerprint": name}):
        assert [job["id"] for job in client.get("/api/v1/jobs", query_string=asked).json["items"]] == [one]  # type: ignore[index]
