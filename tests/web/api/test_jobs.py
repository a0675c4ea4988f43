"""One job by its id, its list and its figures, in S1's and S4's spellings."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from models import JobStatus
from state.engine import execution_records, leases
from state.store import keys
from tests.topics.operations.test_jobs import job_in, walk, work
from tests.web.api.conftest import nothing_written
from topics.operations import states
from worker import inline

API = "/api/v1/jobs"

URL = "https://example.com/"


def get(client: FlaskClient, path: str) -> Any:
    reply = client.get(API + path)
    assert reply.status_code == 200, reply.text
    return reply.json


def running(client: FlaskClient) -> str:
    """A job that runs and has told how far it is."""
    job_id = queues.submit(walk).job_id
    [job] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
    execution_records.write_progress(job, '{"step": 1, "total": 4, "message": "first", "details": {"street": 2}}')
    return job_id


@pytest.mark.parametrize("state", JobStatus)
@pytest.mark.parametrize("path", ["/{}", "/status/{}"])
def test_a_job_is_told_in_both_vocabularies(client: FlaskClient, state: JobStatus, path: str) -> None:
    """S1-05, S1-49, S4-09, S4-16, design D3."""
    told = get(client, path.format(job_in(state)))
    assert (told["status"], told["state"]) == (state.value, states.CELERY[state])
    assert (told["task"], told["kind"], told["queue"]) == ("work", "test", "low")
    assert set(told["links"]) >= {"job", "progress", "result", "why"}
    if state is JobStatus.FAILED:
        assert (told["error_category"], told["error_message"]) == ("data", "told to")


@pytest.mark.parametrize("path", ["/{}", "/status/{}", "/{}/progress", "/{}/result", "/{}/why"])
@pytest.mark.parametrize("job_id", ["nobody", "a b", "x" * 300, "é", "%2e%2e", "a:b", "*", "-"])
def test_an_unknown_id_is_404_and_never_pending(client: FlaskClient, path: str, job_id: str) -> None:
    """D4, C11."""
    reply = client.get(API + path.format(job_id))
    assert reply.status_code == 404 and reply.content_type == "application/problem+json"


def test_progress_has_step_total_percent_message_and_details(client: FlaskClient) -> None:
    """S1-29, S1-30, S4-17."""
    told = get(client, f"/{running(client)}/progress")
    assert (told["status"], told["step"], told["total"], told["progress_percentage"]) == ("running", 1, 4, 25.0)
    assert (told["message"], told["details"]) == ("first", {"street": 2})
    assert told["estimated_completion"].endswith("Z") and told["basis"] == "its own steps"


def test_a_list_of_running_jobs_as_the_seed_asks_for_it(client: FlaskClient) -> None:
    """S4-10: …/list?status=running&limit=10."""
    job_id, _ = running(client), queues.submit(work)
    told = get(client, "/list?status=running&limit=10")
    assert [job["id"] for job in told["items"]] == [job_id] and told["next"] is None
    assert told == get(client, "?status=PROGRESS&limit=10")


def test_lists_take_several_states_filters_and_a_cursor(client: FlaskClient) -> None:
    made = {state: job_in(state) for state in (JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.COMPLETED, JobStatus.PENDING)}
    assert {job["id"] for job in get(client, "?status=failed,REVOKED")["items"]} == {
        made[JobStatus.FAILED],
        made[JobStatus.CANCELLED],
    }
    assert {job["id"] for job in get(client, "?status=failed&status=pending")["items"]} == {
        made[JobStatus.FAILED],
        made[JobStatus.PENDING],
    }
    assert len(get(client, "?status=ended&kind=test&queue=low&since=1h")["items"]) == 3
    for text in ("2020-01-01T00:00:00+01:00", "2020-01-01T00:00+0100", "2020-01-01T00:00:00.000%2B01:00"):  # + arrives as a blank
        assert len(get(client, f"?status=ended&since={text}")["items"]) == 3
    assert [job["id"] for job in get(client, "?category=data")["items"]] == [made[JobStatus.FAILED]]
    first = get(client, "?limit=3")
    second = get(client, f"?limit=3&cursor={first['next']}")
    assert {job["id"] for job in [*first["items"], *second["items"]]} == set(made.values()) and second["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("queue=fast", "queue"),
        ("category=odd", "category"),
        ("since=yesterday", "since"),
        ("since=999999d", "since"),
        ("cursor=xyz", "cursor"),
        ("stat=running", "stat"),
        ("parts=maybe", "parts"),
    ],
)
def test_a_wrong_filter_is_named(client: FlaskClient, query: str, field: str) -> None:
    reply = client.get(f"{API}?{query}")
    assert reply.status_code == 422 and [error["field"] for error in reply.json["errors"]] == [field]


def test_active_jobs_and_the_history(client: FlaskClient) -> None:
    """S1-08, S1-09."""
    done, waits, runs = job_in(JobStatus.COMPLETED), queues.submit(work, delay_s=60).job_id, running(client)
    pending = queues.submit(work).job_id
    assert [job["id"] for job in get(client, "/active?limit=5")["items"]] == [runs, pending]
    assert [job["id"] for job in get(client, "/history?status=completed")["items"]] == [done]
    assert get(client, "/history?status=running")["items"] == [] and waits
    summary = get(client, "/summary")
    assert summary["running"] == 1 and summary["longest"][0]["id"] == runs


def test_cancel_by_each_spelling(client: FlaskClient) -> None:
    """S1-07, S4-11, C10."""
    for method, path in (("DELETE", "/cancel/{}"), ("DELETE", "/{}"), ("POST", "/{}/cancel")):
        job_id = queues.submit(work).job_id
        reply = client.open(API + path.format(job_id), method=method)
        assert reply.status_code == 200 and (reply.json["status"], reply.json["state"]) == ("cancelled", "REVOKED")
        assert client.open(API + path.format("nobody"), method=method).status_code == 404


def test_a_running_job_is_asked_to_stop(client: FlaskClient) -> None:
    """S1-07: running jobs too."""
    job_id = running(client)
    reply = client.delete(f"{API}/cancel/{job_id}")
    assert reply.status_code == 202 and reply.json["cancelled"] is False and "next step" in reply.json["message"]
    assert get(client, f"/{job_id}")["cancel_requested"] is True


@pytest.mark.parametrize("state", JobStatus)
@pytest.mark.parametrize("wanted", ["pending", "cancelled", "SUCCESS", "running"])
def test_a_state_is_changed_by_hand_as_far_as_the_table_allows(client: FlaskClient, state: JobStatus, wanted: str) -> None:
    """S1-06."""
    job_id = job_in(state)
    reply = client.patch(f"{API}/{job_id}", json={"status": wanted})
    allowed = states.BY_HAND[state]
    if states.named(wanted) in allowed:
        assert reply.status_code == 200 and reply.json["id"] == (f"{job_id}-r1" if state in states.ENDED else job_id)
    elif states.named(wanted) is state and state not in states.ENDED:
        assert reply.status_code == 200
    else:
        assert reply.status_code == 409 and reply.json.get("allowed", []) == list(allowed)


def test_what_failed_runs_again_once_under_a_new_id(client: FlaskClient) -> None:
    job_id = job_in(JobStatus.FAILED)
    first, second = (client.post(f"{API}/{job_id}/retry") for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json["id"] == second.json["id"] == f"{job_id}-r1" and second.json["duplicate_of"] == f"{job_id}-r1"
    assert first.headers["Location"].endswith(f"{API}/{job_id}-r1")
    assert client.post(f"{API}/{job_in(JobStatus.COMPLETED)}/retry").status_code == 409


def test_several_are_cancelled_or_run_again_each_with_its_own_answer(client: FlaskClient) -> None:
    failed = job_in(JobStatus.FAILED)
    waits = queues.submit(work).job_id
    told = client.post(f"{API}/cancel", json={"job_ids": [waits, failed, "nobody"]}).json["items"]
    assert [one["ok"] for one in told] == [True, False, False] and "failed already" in told[1]["detail"]
    told = client.post(f"{API}/retry", json={"job_ids": [failed, "nobody"]}).json["items"]
    assert [one["ok"] for one in told] == [True, False]
    assert client.post(f"{API}/cancel", json={"job_ids": []}).status_code == 422
    assert client.post(f"{API}/cancel", json={"job_ids": ["x"] * 101}).status_code == 422


def test_why_a_job_waits_is_said_with_what_ends_it(client: FlaskClient) -> None:
    told = get(client, f"/{queues.submit(work).job_id}/why")
    assert (told["status"], told["state"], told["condition"]) == ("pending", "PENDING", "queued")
    assert told["reasons"][0]["says"].startswith("No worker") and "manage.py worker" in told["reasons"][0]["fix"]


def test_why_of_what_only_the_history_knows(client: FlaskClient, store: Any) -> None:
    job_id = job_in(JobStatus.COMPLETED)
    store.delete(keys.job(job_id))
    assert get(client, f"/{job_id}/why")["status"] == "completed"


def test_a_result_is_what_the_job_returned(client: FlaskClient, store: Any) -> None:
    job_id = job_in(JobStatus.COMPLETED)
    told = get(client, f"/{job_id}/result")
    assert (told["result"], told["status"], told["state"]) == ("done", "completed", "SUCCESS")
    assert client.get(f"{API}/{job_id}/result?format=csv").status_code == 422
    store.delete(keys.results(job_id))
    assert client.get(f"{API}/{job_id}/result").status_code == 410
    failed = client.get(f"{API}/{job_in(JobStatus.FAILED)}/result")
    assert failed.status_code == 409 and "told to" in failed.json["detail"]
    assert client.get(f"{API}/{job_in(JobStatus.PENDING)}/result").status_code == 202


@pytest.mark.parametrize("path", ["/stats", "/statistics"])
def test_statistics_have_totals_times_rates_and_queue_lengths(client: FlaskClient, path: str) -> None:
    """S1-11, S4-12."""
    for state in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.PENDING):
        job_in(state)
    told = get(client, path)
    assert told["total_jobs"] == 3 and told["status_counts"]["failed"] == 1 and told["queue_lengths"]["low"] == 1
    assert (told["success_rate"], told["failure_rate"], told["active_tasks"]) == (0.5, 0.5, 0)
    assert told["kinds"]["test"]["completed"] == 1


def test_metrics_performance_and_health(client: FlaskClient) -> None:
    """S1-31, S1-32, S1-36, S1-38, S4-64, S4-69."""
    job_in(JobStatus.COMPLETED)
    told = get(client, "/metrics")
    assert told["health_status"] in ("HEALTHY", "DEGRADED", "UNHEALTHY") and told["worker_stats"]["active_workers"] == 0
    assert datetime.fromisoformat(told["timestamp"]).tzinfo == UTC
    rows = get(client, "/performance?hours=2")["history"]
    assert len(rows) == 2 and sum(row["jobs_processed"] for row in rows) == 1
    assert {row["success_percentage"] for row in rows if row["jobs_processed"]} == {100.0}
    assert get(client, "/health")["health_status"] == told["health_status"]
    assert client.get(f"{API}/performance?hours=0").status_code == 422


def test_jobs_of_other_systems_are_counted(client: FlaskClient) -> None:
    """S1-34, S1-35."""
    done = client.post(f"{API}/other-1/completion", json={"success": True, "processing_time": 45.5})
    assert done.status_code == 200 and done.json["counted"] is True
    assert (get(client, "/other-1")["status"], get(client, "/other-1")["ran_s"]) == ("completed", 45.5)
    assert client.post(f"{API}/other-2/errors", json={"error_type": "Network"}).json["category"] == "network"
    own = queues.submit(work).job_id
    assert client.post(f"{API}/{own}/completion", json={"success": True, "processing_time": 1}).status_code == 409
    assert client.post(f"{API}/a:b/completion", json={"success": True, "processing_time": 1}).status_code == 422
    assert client.post(f"{API}/x/completion", json={"success": True, "processing_time": -1}).status_code == 422


@pytest.mark.parametrize(("priority", "queue"), [(1, "high"), (3, "high"), (5, "default"), (9, "low"), ("low", "low")])
def test_a_scraping_job_is_submitted_with_numbers_that_count_down(client: FlaskClient, priority: Any, queue: str) -> None:
    """S1-03, S1-04, S1-20."""
    told = client.post(f"{API}/scrape", json={"url": URL, "config": {"extract_links": True}, "priority": priority})
    assert told.status_code == 202 and told.json["queue"] == queue and told.json["id"]


@pytest.mark.parametrize(
    ("task", "arguments", "queue"),
    [
        ("scrape_url", {"url": URL}, "default"),
        ("scrape_url_task", {"url": URL, "config": {"max_retries": 1}}, "default"),
        ("crawl_site", {"url": URL}, "default"),
        ("map_site", {"url": URL}, "default"),
        ("batch_scrape_task", {"urls": [URL, URL + "b"]}, "default"),
        ("process_content_task", {"content": "<p>x</p>"}, "low"),
        ("clean_data_task", {"data": {"a": " 1 "}, "schema": {"a": "integer"}}, "low"),
    ],
)
def test_tasks_are_submitted_by_their_names(client: FlaskClient, store: Any, task: str, arguments: Any, queue: str) -> None:
    """S1-24 … S1-27."""
    made = client.post(API, json={"task": task, "arguments": arguments, "tag": "t"})
    assert made.status_code == 202, made.text
    assert made.json["queue"] == queue and [job["id"] for job in get(client, "?tag=t")["items"]] == [made.json["id"]]
    later = client.post(API, json={"task": task, "arguments": arguments, "delay_s": 60, "priority": "high"}).json
    assert (later["status"], later["queue"], later["queue_position"]) == ("scheduled", "high", None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"task": "os.system", "arguments": {}}, "task"),
        ({"task": "jobs.maintenance.clean_up"}, "task"),
        ({"task": "scrape_url", "arguments": {"urls": URL}}, "arguments.urls"),
        ({"task": "scrape_url", "arguments": {"url": "nope"}}, "arguments.url"),
        ({"task": "scrape_url", "arguments": {"url": URL, "config": {"x": 1}}}, "arguments.config.x"),
        ({"task": "scrape_batch", "arguments": {"urls": []}}, "arguments.urls"),
        ({"task": "clean_data", "arguments": {"data": {}, "schema": {"a": "colour"}}}, "arguments.schema"),
        ({"task": "process_content", "arguments": {"content": "x", "content_type": "pdf"}}, "arguments.content_type"),
        ({"task": "scrape_url", "arguments": {"url": URL}, "delay_s": -1}, "delay_s"),
        ({"task": "scrape_url", "arguments": []}, "arguments"),
    ],
)
def test_what_is_wrong_with_a_task_is_named_before_redis_is_touched(
    client: FlaskClient, store: Any, body: Any, field: str
) -> None:
    """S4-56."""
    reply = client.post(API, json=body)
    assert reply.status_code == 422 and field in [error["field"] for error in reply.json["errors"]] and nothing_written(store)


def test_the_configuration_of_the_seed_is_taken_as_it_is(client: FlaskClient) -> None:
    """S1-13 … S1-19: wait_time has no effect on a page that is not rendered, and is no mistake."""
    config = {"wait_time": 10, "max_retries": 2, "extract_images": True, "delay_between_requests": 1}
    config |= {"custom_selectors": {"title": "h1", "content": ".main-content"}, "extract_links": True}
    assert client.post(f"{API}/scrape", json={"url": URL, "config": config, "priority": 1}).status_code == 202


def test_what_a_job_was_asked_for_is_shown_without_secrets(client: FlaskClient) -> None:
    """scrapyd#205, #529: the parameters of a job, and no secret among them."""
    config = {"headers": {"Authorization": "Bearer hush"}, "proxy": "http://me:hush@proxy.example:8080", "max_retries": 1}
    body = {"url": f"{URL}?page=2&token=hush", "config": config}
    for path, name in (("/scrape", "job_id"), ("/api/v1/scrapes", "id")):
        reply = client.get(f"{API}/{client.post(path, json=body).json[name]}")
        shown = reply.json["arguments"]
        assert shown["config"]["max_retries"] == 1 and shown["config"]["headers"] == {"Authorization": "***"}
        assert shown["url"].startswith(f"{URL}?page=2") and "hush" not in reply.text
    assert "hush" not in client.get(API).text


def test_every_link_leads_to_a_route(client: FlaskClient, app: Any) -> None:
    """crawl4ai#1523: addresses of a reply that were 404."""
    made = [
        client.post("/scrape", json={"url": URL}).json,
        client.post("/api/v1/scrapes", json={"url": URL}).json,
        client.post(API, json={"task": "clean_data", "arguments": {"data": {}}}).json,
    ]
    made += [get(client, f"/{made[0]['id']}"), client.get(f"/api/v1/scrapes/{made[0]['id']}").json]
    routes = app.url_map.bind("localhost")
    for reply in made:
        for name, link in reply["links"].items():
            allowed = routes.allowed_methods(link.removeprefix("http://localhost"))
            assert {"cancel": "DELETE" if "/scrape/" in link else "POST", "retry": "POST"}.get(name, "GET") in allowed, link


def test_what_a_task_returned_can_be_fetched_for_a_day(client: FlaskClient, store: Any) -> None:
    """crawl4ai#1010: the result was gone minutes after the task had ended."""
    made = client.post(API, json={"task": "clean_data", "arguments": {"data": {"a": " x "}}, "tag": "t"}).json["id"]
    inline.run_until_idle()
    assert get(client, f"/{made}/result")["result"]["record"] == {"a": "x"}
    assert all(86_400 - 60 < store.ttl(key) <= 86_400 for key in (keys.job(made), keys.results(made)))
    assert get(client, f"/{made}")["tag"] == "t"


def test_the_tasks_are_listed_with_their_arguments(client: FlaskClient) -> None:
    told = {task["task"]: task for task in get(client, "/tasks")["items"]}
    assert "url" in told["scrape_url"]["arguments"]["properties"] and told["clean_data"]["also"] == ["clean_data_task"]


@pytest.mark.parametrize("name", ["page", "offset", "per_page", "pageSize", "starting_after"])
def test_who_pages_as_elsewhere_is_told_how_a_list_goes_on(client: FlaskClient, name: str) -> None:
    for path in ("/api/v1/jobs", "/api/v1/companies"):
        [told] = client.get(path, query_string={name: "2"}).get_json()["errors"]
        assert told["field"] == name and "cursor, which is `next` of the last reply" in told["message"]
