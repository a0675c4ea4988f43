"""The page of one job: what happened to it, its attempts with errors and log lines, what can be done, and who may see it."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import errors
import queues
from state.engine import execution_records, leases
from state.store import connection, keys
from tests import counting
from tests.web.conftest import KeyClient
from topics.operations import jobs
from topics.scraping import crawl
from worker import inline
from worker import told as telling

HOSTILE = "<img src=x onerror=alert(1)>"

log = logging.getLogger("test.pages")


@queues.job(retries=2, kind="pagetest")
def stumble(name: str, password: str = "", *more: str, options: dict[str, Any] | None = None) -> str:
    """Log, note, and fail where that is asked for."""
    log.info("began %s token=abc123", name)
    queues.note(f"noted {name}")
    if "fail" in name:
        raise errors.NetworkError(f"no answer for {name}")
    if "wrong" in name:
        raise ValueError(f"bad {name}")
    return f"done {name}"


@queues.job(kind="pagetest")
def silent() -> None:
    """Nothing to tell."""


@pytest.fixture(autouse=True)
def at_info() -> Any:
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    yield
    root.setLevel(before)


def page(client: FlaskClient, job_id: str, **query: str) -> str:
    reply = client.get(f"/jobs/{job_id}", query_string=query)
    assert reply.status_code == 200, reply.text
    return reply.text


def ran(name: str = "x", **options: Any) -> str:
    job_id = queues.submit(stumble, name, **options).job_id
    inline.run_until_idle()
    return job_id


def test_a_job_that_waits_says_why_and_at_which_place(client: FlaskClient) -> None:
    queues.submit(stumble, "first")
    text = page(client, queues.submit(stumble, "second").job_id)
    assert "Place 2 of 2 in default" in text
    assert "Why it waits" in text and "python manage.py worker" in text
    assert "No attempt has begun." in text and "Cancel this job" in text and "Run it again" not in text


def test_attempts_have_their_error_their_trace_and_their_log_lines(client: FlaskClient) -> None:
    job_id = ran("fail")
    jobs.update_job_status(job_id, "pending")
    inline.run_until_idle()
    text = page(client, job_id)
    for told in ("NetworkError", "network", "no answer for fail", "began fail token=***", "noted fail", "attempt 2"):
        assert told in text, told
    assert "abc123" not in text and "tests/web/pages/test_job.py" in text
    assert "until it might be tried again" in text and "retry" in text


def test_a_job_that_succeeded_shows_its_result_and_its_only_attempt(client: FlaskClient) -> None:
    job_id = queues.submit(silent).job_id
    inline.run_until_idle()
    text = page(client, job_id)
    assert "attempt 1" in text and "completed" in text and "null" in text and f"/api/v1/jobs/{job_id}/result" in text
    assert "data-live" not in text and "Cancel this" not in text and "Why it" not in text


def test_what_jobs_say_is_text(client: FlaskClient) -> None:
    job_id = queues.submit(
        stumble,
        f"wrong{HOSTILE}",
        HOSTILE,
        options={HOSTILE: HOSTILE},
        labels={"tag": HOSTILE, "project": HOSTILE, "host": HOSTILE},
    ).job_id
    queues.submit(stumble, f"wrong{HOSTILE}")
    inline.run_until_idle()
    text = page(client, job_id)
    assert "<img" not in text and "&lt;img" in text
    form = client.get(f"/jobs/{job_id}/again").text
    assert "<img" not in form and "&lt;img" in form
    client.post(f"/jobs/{job_id}/again", data={"arguments": HOSTILE})
    assert "<img" not in client.post(f"/jobs/{job_id}/again", data={"arguments": HOSTILE}).text


def test_only_an_address_that_may_be_followed_is_a_link(client: FlaskClient) -> None:
    from jobs import scrape

    good = queues.submit(scrape.scrape_url, "https://example.com/a?b=1").job_id
    assert 'href="https://example.com/a?b=1" rel="noopener noreferrer nofollow"' in page(client, good)
    bad = queues.submit(scrape.scrape_url, "javascript:alert(1)").job_id
    assert 'href="javascript' not in page(client, bad)


def test_secrets_in_arguments_are_hidden(client: FlaskClient) -> None:
    text = page(client, ran("x", password="geheim"))
    assert "geheim" not in text and "***" in text


def test_each_table_is_a_file(client: FlaskClient) -> None:
    job_id = ran("fail")
    attempts = json.loads(client.get(f"/jobs/{job_id}?table=attempts&format=json").data)
    assert [(one["number"], one["how"], one["error_class"], one["lines"]) for one in attempts] == [
        (1, "failed", "NetworkError", 2)
    ]
    lines = json.loads(client.get(f"/jobs/{job_id}?table=lines&format=json").data)
    assert [(one["attempt"], one["level"], one["text"]) for one in lines] == [
        (1, "info", "began fail token=***"),
        (1, "note", "noted fail"),
    ]
    spans = json.loads(client.get(f"/jobs/{job_id}?table=timeline&format=json").data)
    assert [one["what"] for one in spans] == ["submitted", "waited", "attempt 1", "waits for its next attempt"]
    table = client.get(f"/jobs/{job_id}?table=lines&format=csv")
    assert table.mimetype == "text/csv" and "noted fail" in table.text
    assert client.get(f"/jobs/{job_id}?table=lines&format=xml").status_code == 422


def test_an_unknown_job_is_not_found(client: FlaskClient) -> None:
    assert client.get("/jobs/nothing").status_code == 404
    assert client.get("/jobs/%FF%00").status_code == 404


def test_of_an_expired_job_the_history_is_told(client: FlaskClient) -> None:
    job_id = ran("x")
    connection.client().delete(keys.job(job_id), keys.results(job_id), keys.attempts(job_id))
    text = page(client, job_id)
    assert "has expired" in text and "completed" in text and "Run it again" not in text and "Run again with" not in text


def test_it_is_cancelled_and_run_again(client: FlaskClient) -> None:
    job_id = queues.submit(stumble, "x").job_id
    reply = client.post(f"/jobs/{job_id}/cancel")
    assert reply.status_code == 303 and reply.location.endswith(f"/jobs/{job_id}")
    assert "It is cancelled." in page(client, job_id)
    assert client.post(f"/jobs/{job_id}/cancel").status_code == 303
    again = client.post(f"/jobs/{job_id}/retry")
    assert again.location.endswith(f"/jobs/{job_id}-r1")
    text = page(client, f"{job_id}-r1")
    assert "This job runs it again." in text and f"/jobs/{job_id}" in text
    assert f"/jobs/{job_id}-r1" in page(client, job_id)


def test_a_job_that_ended_well_is_not_run_again_as_it_was(client: FlaskClient) -> None:
    job_id = ran("x")
    assert client.post(f"/jobs/{job_id}/retry").status_code == 303
    assert "only one that failed or was cancelled" in page(client, job_id)


def test_a_job_again_with_changes_tells_which_it_repeats(client: FlaskClient) -> None:
    job_id = ran("x", password="geheim", labels={"tag": "blue"})
    form = client.get(f"/jobs/{job_id}/again").text
    assert "***" in form and "geheim" not in form
    new_id = re.search(r'name="new_id" value="([0-9a-f]{32})"', form)
    assert new_id
    given = {"arguments": json.dumps({"name": "other", "password": "***"}), "new_id": new_id[1]}
    for _ in range(2):  # a form that is sent twice submits once
        reply = client.post(f"/jobs/{job_id}/again", data=given)
        assert reply.status_code == 303 and reply.location.endswith(f"/jobs/{new_id[1]}"), reply.text
    assert inline.run_until_idle() == 1
    record = connection.client().hgetall(keys.job(new_id[1]))
    assert b"geheim" in record[b"data"] and record[b"retry_of"] == job_id.encode() and record[b"tag"] == b"blue"
    assert f"/jobs/{job_id}" in page(client, new_id[1])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "must be a JSON object"),
        ("[1]", "must be a JSON object"),
        ('{"nmae": "x"}', "has no argument"),
        ('{"password": "x"}', "missing"),
        ('{"name": "x", "more": 3}', "more must be a JSON array"),
    ],
)
def test_wrong_arguments_stay_in_the_form_with_what_is_wrong(client: FlaskClient, given: str, says: str) -> None:
    job_id = ran("x")
    reply = client.post(f"/jobs/{job_id}/again", data={"arguments": given})
    assert reply.status_code == 422 and says in reply.text and 'role="alert"' in reply.text
    assert inline.run_until_idle() == 0


def test_tasks_are_checked_as_at_their_submit(client: FlaskClient) -> None:
    from jobs import scrape

    job_id = queues.submit(scrape.scrape_url, "https://example.com/").job_id
    reply = client.post(f"/jobs/{job_id}/again", data={"arguments": '{"url": "http://127.0.0.1/", "config": {"nonsense": 1}}'})
    assert reply.status_code == 422 and "arguments." in reply.text
    reply = client.post(f"/jobs/{job_id}/again", data={"arguments": '{"url": "https://example.org/"}'})
    assert reply.status_code == 303


def test_who_may_what(client: FlaskClient, key_client: Callable[..., KeyClient]) -> None:
    job_id = queues.submit(stumble, "x").job_id
    admin, viewer, operator = key_client("admin"), key_client("viewer"), key_client("operator")
    assert client.get(f"/jobs/{job_id}").status_code == 401
    assert viewer.get(f"/jobs/{job_id}").status_code == operator.get(f"/jobs/{job_id}").status_code == 404
    assert admin.get(f"/jobs/{job_id}").status_code == 200
    with queues.owned_by(viewer.key.id):
        seen = queues.submit(stumble, "y", password="geheim").job_id
    text = viewer.get(f"/jobs/{seen}").text
    assert "<form" not in text and "Run again with changes" not in text and viewer.key.name in text
    for path in ("cancel", "retry", "again", "move"):
        assert viewer.post(f"/jobs/{seen}/{path}").status_code == 403
    assert viewer.get(f"/jobs/{seen}/again").status_code == 403
    with queues.owned_by(operator.key.id):
        own = queues.submit(stumble, "z").job_id
    assert "Run again with changes" not in operator.get(f"/jobs/{own}").text
    assert operator.post(f"/jobs/{own}/again", data={"arguments": '{"name": "q"}'}).status_code == 403


def test_a_secret_goes_nowhere_else_by_a_change(key_client: Callable[..., KeyClient]) -> None:
    """Who runs another's job again with another address must not send its secrets there."""
    from jobs import scrape
    from topics.operations import again

    key = key_client("operator")
    with queues.owned_by(key.key.id):
        made = queues.submit(scrape.scrape_url, "https://example.com/", {"headers": {"Authorization": "Bearer geheim"}})
    job = jobs.get_job_status(made.job_id)
    given = {"url": "https://elsewhere.example/", "config": {"headers": {"Authorization": "***"}}}
    assert again.changed(job, given, may_keep_secrets=True).arguments["config"]["headers"]["Authorization"] == "Bearer geheim"
    with pytest.raises(errors.ArgumentError, match=r"config\.headers\.Authorization is a secret"):
        again.changed(job, given, may_keep_secrets=False)
    assert key.post(f"/api/v1/jobs/{job.id}/again", json={"arguments": given}).status_code == 202


def running(job_id: str, **progress: Any) -> None:
    """A worker takes the job, and it tells its progress and a line."""
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    assert job.id == job_id
    execution_records.write_progress(job, telling.text(**progress))
    leases.renew([job.lease], {job.lease: json.dumps([[1_790_000_000_000, "info", HOSTILE, HOSTILE]])})


def test_a_running_job_has_a_bar_and_what_it_logged_until_now(client: FlaskClient) -> None:
    job_id = queues.submit(stumble, "x").job_id
    running(job_id, step=3, total=12, message=HOSTILE, details={"file": HOSTILE})
    text = page(client, job_id)
    assert '<progress max="100" value="25.0"' in text and "step 3 of 12" in text and "by its own steps" in text
    for part in re.findall(r"<section id=[^>]*data-live.*?</section>", text, re.S):  # what is unfolded is not refreshed
        assert "<details open" not in part
    assert text.count("data-live") == 8 and "attempt 1" in text and "goes on" in text and "1 log line" in text
    assert "<img" not in text and text.count("&lt;img") >= 4
    assert "Cancel this job" in text and client.post(f"/jobs/{job_id}/cancel").status_code == 303
    text = page(client, job_id)
    assert "stops at its next step" in text and "Cancel this job" not in text


def test_a_batch_is_told_as_a_whole_and_a_crawl_may_be_changed(client: FlaskClient) -> None:
    from jobs import scrape

    batch = crawl.submit_batch(scrape.scrape_batch, ["https://example.com/"]).job_id
    text = page(client, batch)
    assert f'href="/batches/{batch}"' in text and "Run again with changes" not in text
    assert client.get(f"/jobs/{batch}/again").status_code == 403
    assert client.post(f"/jobs/{batch}/again", data={"arguments": "{}"}).status_code == 422
    site = crawl.submit_crawl(scrape.crawl_site, "https://example.com/").job_id
    assert "https://example.com/" in client.get(f"/jobs/{site}/again").text
    given = {"arguments": '{"url": "https://example.org/"}'}
    reply = client.post(f"/jobs/{site}/again", data=given)
    assert reply.status_code == 303 and reply.location != f"/jobs/{site}"
    assert "https://example.org/" in page(client, reply.location.rpartition("/")[2])


def test_webhooks_that_came_with_it_show_what_they_were_told(client: FlaskClient) -> None:
    made = client.post(
        "/api/v1/jobs", json={"task": "clean_data", "arguments": {"data": {}}, "webhook": "https://example.org/x/y"}
    )
    job_id = (made.json or {})["id"]
    text = page(client, job_id)
    assert "What its webhooks were told" in text and "Nothing was told yet." in text
    assert client.get(f"/jobs/{job_id}?table=deliveries&format=json").json == []


def test_the_submits_that_got_this_job_are_counted(client: FlaskClient) -> None:
    made = [queues.submit(stumble, "x", dedup_key="pagetest:x").job_id for _ in range(3)]
    text = page(client, made[0])
    assert "2 further submits got this job" in text and "pagetest:x" in text


def test_few_round_trips_whatever_there_is(client: FlaskClient) -> None:
    for _ in range(20):
        queues.submit(silent)
    waits = queues.submit(stumble, "x").job_id
    page(client, waits)
    with counting.asked() as asked:
        page(client, waits)
    assert asked.trips <= 10
    inline.run_until_idle()
    with counting.asked() as asked:
        page(client, waits)
    assert asked.trips <= 10


def test_a_job_that_waits_is_moved_up(client: FlaskClient) -> None:
    job_id = queues.submit(stumble, "x").job_id
    assert "Move it to high" in page(client, job_id)
    assert client.post(f"/jobs/{job_id}/move", data={"queue": "high"}).status_code == 303
    text = page(client, job_id)
    assert "It waits in high now." in text and "Place 1 of 1 in high" in text and "Move it to" not in text
    client.post(f"/jobs/{job_id}/move", data={"queue": "nowhere"})
    assert "nowhere" in page(client, job_id)
    assert (client.patch(f"/api/v1/jobs/{job_id}", json={"queue": "low"}).json or {})["queue"] == "low"
    assert client.patch(f"/api/v1/jobs/{job_id}", json={}).status_code == 422
    inline.run_until_idle()
    assert client.patch(f"/api/v1/jobs/{job_id}", json={"queue": "low"}).status_code == 409
    client.post(f"/jobs/{job_id}/move", data={"queue": "low"})
    assert "it has ended" in page(client, job_id)


def test_routes_tell_the_same(client: FlaskClient) -> None:
    job_id = ran("fail")
    told = client.get(f"/api/v1/jobs/{job_id}/attempts").json or {}
    assert told["kept"] and [one["how"] for one in told["items"]] == ["failed"] and "no answer" in told["items"][0]["trace"]
    lines = client.get(f"/api/v1/jobs/{job_id}/logs").json or {}
    assert [one["text"] for one in lines["items"]] == ["began fail token=***", "noted fail"]
    assert client.get("/api/v1/jobs/nothing/logs").status_code == 404
    reply = client.post(f"/api/v1/jobs/{job_id}/again", json={"arguments": {"name": "good"}})
    assert reply.status_code == 202
    made = client.get(f"/api/v1/jobs/{(reply.json or {})['id']}").json or {}
    assert made["retry_of"] == job_id
