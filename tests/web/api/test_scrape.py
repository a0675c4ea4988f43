"""S2's routes: a site is scraped, polled, fetched and cancelled (S2-01 … S2-06, S2-32, S2-33)."""

import csv
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from state.scraping import keys as scraping_keys
from state.store import keys, transport
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site
from tests.web.api.conftest import nothing_written
from topics.operations import jobs
from web import budget

URL = "https://example.com/"


def started(client: FlaskClient, site: Site, **more: Any) -> str:
    reply = client.post("/scrape", json={"url": f"{site.url}/", **more})
    assert reply.status_code == 202, reply.text
    return str(reply.json["job_id"])


def test_a_scrape_is_accepted_at_once_with_its_place_its_queue_and_where_to_ask(client: FlaskClient) -> None:
    """S2-01: POST /scrape {url, expected_pages, output_format, priority} → job_id."""
    body = {"url": URL, "expected_pages": 100, "output_format": "json", "priority": 5}
    first, second = (client.post("/scrape", json=body | {"url": URL + path}) for path in ("", "b"))
    assert first.status_code == second.status_code == 202
    told = first.json
    assert (told["status"], told["state"], told["queue"]) == ("pending", "PENDING", "default")
    assert (told["queue_position"], second.json["queue_position"]) == (1, 2) and told["duplicate_of"] is None
    assert told["job_id"] == told["id"] == told["task_id"]
    assert first.headers["Location"] == told["links"]["progress"] == f"http://localhost/scrape/{told['job_id']}/progress"
    assert ["worker" in warning for warning in told["warnings"]] == [True]


@pytest.mark.parametrize(
    ("priority", "queue"),
    [(9, "high"), (7, "high"), (6, "default"), (4, "default"), (3, "low"), (1, "low"), ("high", "high"), ("normal", "default")],
)
def test_numbers_of_this_family_count_up_and_the_reply_names_the_queue(client: FlaskClient, priority: Any, queue: str) -> None:
    """S2-31, design D2."""
    assert client.post("/scrape", json={"url": URL, "priority": priority}).json["queue"] == queue


def test_only_the_address_is_needed(client: FlaskClient, store: Any) -> None:
    """S2-02: the other fields are optional."""
    job_id = client.post("/scrape", json={"url": URL}).json["job_id"]
    assert store.hget(scraping_keys.ledger(job_id), "max_pages") == b"100" and store.llen(keys.queue("default")) == 1


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "url", "required"),
        ({"url": "ftp://example.com"}, "url", "http"),
        ({"url": "http://127.0.0.1/"}, "url", "FETCH_ALLOW_NETWORKS"),
        ({"url": "http://user:secret@example.com/"}, "url", ""),
        ({"url": ""}, "url", ""),
        ({"url": 7}, "url", "string"),
        ({"url": URL, "priority": 10}, "priority", "1 to 9"),
        ({"url": URL, "priority": True}, "priority", "1 to 9"),
        ({"url": URL, "priority": "urgent"}, "priority", "high, default, low"),
        ({"url": URL, "priority": None}, "priority", "1 to 9"),
        ({"url": URL, "expected_pages": 0}, "expected_pages", "greater"),
        ({"url": URL, "expected_pages": 10**7}, "expected_pages", "less"),
        ({"url": URL, "output_format": "xml"}, "output_format", "'json'"),
        ({"url": URL, "exspected_pages": 3}, "exspected_pages", "did you mean expected_pages?"),
        ({"url": URL, "config": {"max_dept": 3}}, "config.max_dept", "did you mean max_depth?"),
        ({"url": URL, "config": {"wait_time": "soon"}}, "config.wait_time", "number"),
        ({"url": URL, "config": [1]}, "config", "object"),
        ({"url": URL, "config": {"include": ["a" * 501]}}, "config.include.0", "500"),
        ({"url": URL, "tag": "a\nb"}, "tag", "pattern"),
        ({"url": URL, "tag": ""}, "tag", "1 character"),
        ({"url": URL, "dedup_key": "x" * 401}, "dedup_key", "400"),
    ],
)
def test_a_wrong_field_is_named_before_redis_is_touched(
    client: FlaskClient, store: Any, body: dict[str, Any], field: str, says: str
) -> None:
    """S4-56: every parameter is validated."""
    reply = client.post("/scrape", json=body, headers={"Idempotency-Key": "k"})
    assert reply.status_code == 422 and reply.content_type == "application/problem+json"
    [error] = [error for error in reply.json["errors"] if error["field"] == field]
    assert says in error["message"] and "secret" not in reply.text
    assert nothing_written(store)


def test_progress_goes_from_pending_to_completed_in_both_vocabularies(client: FlaskClient, house: Site, work_off: Work) -> None:
    """S2-04, S2-32, S2-33: the poll of the seed waits for `status == "completed"`."""
    job_id = started(client, house, expected_pages=50)
    seen = [client.get(f"/scrape/{job_id}/progress").json]
    work_off(1)
    seen.append(client.get(f"/scrape/{job_id}/progress").json)
    work_off()
    seen.append(client.get(f"/scrape/{job_id}/progress").json)
    assert [(one["status"], one["state"]) for one in seen] == [
        ("pending", "PENDING"),
        ("running", "PROGRESS"),
        ("completed", "SUCCESS"),
    ]
    assert seen[2]["progress"] == 100 and seen[2]["details"]["done"] == 3 and seen[2]["details"]["failed"] == {"data": 1}


def test_a_result_is_202_then_200_then_410_and_never_the_404_of_an_unknown_id(
    client: FlaskClient, house: Site, work_off: Work, store: Any
) -> None:
    """S2-05: 202, 404 and 410 are distinct."""
    job_id = started(client, house)
    early = client.get(f"/scrape/{job_id}/result")
    assert early.status_code == 202 and early.json["status"] == "pending" and int(early.headers["Retry-After"]) > 0
    work_off()
    found = client.get(f"/scrape/{job_id}/result")
    assert found.status_code == 200 and (found.json["status"], found.json["state"]) == ("completed", "SUCCESS")
    assert {page["title"] for page in found.json["results"]} == {"Home", "A", "B"}
    assert client.get("/scrape/nobody/result").status_code == 404


def test_a_result_that_expired_is_gone(client: FlaskClient, house: Site, work_off: Work, store: Any) -> None:
    """S2-05: 410."""
    job_id = client.post("/api/v1/scrapes", json={"url": f"{house.url}/a"}).json["id"]
    work_off()
    assert client.get(f"/scrape/{job_id}/result").json["results"][0]["title"] == "A"
    store.delete(scraping_keys.scrape_result(job_id))
    gone = client.get(f"/scrape/{job_id}/result")
    assert gone.status_code == 410 and "RESULT_DAYS" in gone.json["detail"]


def test_results_come_in_four_formats_and_with_all_pages_on_request(client: FlaskClient, house: Site, work_off: Work) -> None:
    """S2-03: json, jsonl, csv, md."""
    job_id = started(client, house, output_format="csv")
    work_off()
    as_asked = client.get(f"/scrape/{job_id}/result")
    assert (
        as_asked.content_type == "text/csv; charset=utf-8"
        and f'filename="{job_id}.csv"' in as_asked.headers["Content-Disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(as_asked.text)))
    assert {row["title"] for row in rows} == {"Home", "A", "B"}
    lines = client.get(f"/scrape/{job_id}/result?format=jsonl").text.splitlines()
    assert {json.loads(line)["title"] for line in lines} == {"Home", "A", "B"}
    assert client.get(f"/scrape/{job_id}/result?format=md").text.count("\n---\n") == 2
    every = client.get(f"/scrape/{job_id}/result?format=json&all=true").json["results"]
    assert sorted(page["outcome"] for page in every) == ["done", "done", "done", "failed"]
    assert client.get(f"/scrape/{job_id}/result?format=xml").status_code == 422


def test_a_scrape_that_read_nothing_says_why_and_has_no_result(client: FlaskClient, house: Site, work_off: Work) -> None:
    house.pages.clear()
    job_id = started(client, house)
    work_off()
    reply = client.get(f"/scrape/{job_id}/result")
    assert reply.status_code == 409 and reply.json["job_status"] == "failed" and "no page could be read" in reply.json["detail"]


def test_a_cancelled_scrape_is_revoked_and_cancelling_again_changes_nothing(
    client: FlaskClient, house: Site, work_off: Work, store: Any
) -> None:
    """S2-06, S2-32."""
    job_id = started(client, house)
    first, second = client.delete(f"/scrape/{job_id}"), client.delete(f"/scrape/{job_id}")
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.json["status"], first.json["state"], first.json["cancelled"]) == ("cancelled", "REVOKED", True)
    assert first.json == second.json and client.delete("/scrape/nobody").status_code == 404
    work_off()
    assert client.get(f"/scrape/{job_id}/progress").json["state"] == "REVOKED" and house.requests == 0


def test_a_scrape_that_is_stopped_between_two_pages_keeps_what_it_read(client: FlaskClient, house: Site, work_off: Work) -> None:
    job_id = started(client, house, config={"concurrency": 1})
    house.before = lambda path: jobs.cancel_job(job_id) and None if path == "/a" else None  # type: ignore[assignment]
    work_off()
    house.before = None
    told = client.get(f"/scrape/{job_id}/result")
    assert told.status_code == 200 and told.json["status"] == "cancelled"
    assert 0 < len(told.json["results"]) < 3


def test_what_ended_cannot_be_cancelled(client: FlaskClient, house: Site, work_off: Work) -> None:
    job_id = started(client, house)
    work_off()
    reply = client.delete(f"/scrape/{job_id}")
    assert reply.status_code == 409 and reply.json["job_status"] == "completed"


def test_a_large_result_is_sent_as_it_is_read(client: FlaskClient, house: Site, work_off: Work, monkeypatch: Any) -> None:
    job_id = started(client, house)
    work_off()
    monkeypatch.setattr("web.downloads.BLOCK", 1)
    reply = client.get(f"/scrape/{job_id}/result?format=jsonl", buffered=False)
    blocks = list(reply.iter_encoded())
    assert len([block for block in blocks if block]) == 3 and "Content-Length" not in reply.headers


def test_too_many_downloads_at_once_are_asked_to_come_again(
    client: FlaskClient, house: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = started(client, house)
    work_off()
    monkeypatch.setattr(budget.STREAMS, "used", budget.STREAMS.most)
    reply = client.get(f"/scrape/{job_id}/result")
    assert reply.status_code == 503 and int(reply.headers["Retry-After"]) > 0
    budget.STREAMS.used = 0
    with client.get(f"/scrape/{job_id}/result") as reply:
        assert reply.status_code == 200 and budget.STREAMS.used == 1
        assert reply.json["status"] == "completed" and budget.STREAMS.used == 0  # read to its end
    with client.get(f"/scrape/{job_id}/result"):
        assert budget.STREAMS.used == 1
    assert budget.STREAMS.used == 0  # left unread


def test_a_submit_asks_redis_once(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/api/v1/scrapes", "/scrape"):  # scripts are loaded
        client.post(path, json={"url": URL})
    asked: list[Any] = []
    real = transport.ask
    monkeypatch.setattr(transport, "ask", lambda commands: asked.append(commands) or real(commands))
    assert client.post("/api/v1/scrapes", json={"url": URL}).status_code == 202
    assert len(asked) == 1  # the submit, and with it the line of the audit
    assert client.post("/scrape", json={"url": URL}).status_code == 202
    assert len(asked) == 2  # pages, ledger, job and line go together
