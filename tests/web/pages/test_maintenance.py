"""/maintenance: what was done last, how the store grows, buttons for admins; and the advice on the page of a job that failed."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from state.store import keys
from tests.web.pages.people import HOSTILE, is_escaped
from topics.upkeep import reports
from worker import inline


@queues.job(kind="failing", retries=0)
def broken() -> None:
    """Break."""
    raise ValueError("broken")


def test_the_last_report_of_each_kind_is_shown_and_all_are_a_file(client: FlaskClient) -> None:
    assert "No report yet" in client.get("/maintenance").text
    for number in range(60):
        reports.made(reports.CLEANUP, lambda draft, number=number: [draft.say(f"run {number}"), draft.say(HOSTILE)])
    reports.made(reports.HEALTH, lambda draft: draft.refuse(HOSTILE))
    page = client.get("/maintenance").text
    assert "run 59" in page and "run 0<" not in page and is_escaped(page) and "How the store grows is not known" in page
    assert "run 3<" in client.get("/maintenance?reports-cursor=50").text
    rows = json.loads(client.get("/maintenance?format=json&kind=cleanup").text)
    assert len(rows) == 60 and rows[0]["lines"][0] == "run 59"
    assert len(json.loads(client.get("/maintenance?format=json").text)) == 61


@pytest.mark.parametrize(("kind", "task"), [("cleanup", b"clean_up(None)"), ("optimize", b"compact_store()")])
def test_a_button_begins_the_job(client: FlaskClient, store: Any, kind: str, task: bytes) -> None:
    done = client.post("/maintenance", data={"kind": kind})
    assert done.status_code == 303 and "does it. Its report stands here" in client.get("/maintenance").text
    [job_id] = store.lrange(keys.queue("low"), 0, -1)
    assert store.hget(keys.job(job_id.decode()), "description") == b"jobs.maintenance." + task


def test_what_is_no_kind_begins_nothing(client: FlaskClient, store: Any) -> None:
    client.post("/maintenance", data={"kind": HOSTILE})
    assert "Nothing was done" in client.get("/maintenance").text and not store.exists(keys.queue("low"))


def test_the_page_of_a_failed_job_says_what_to_do(client: FlaskClient, store: Any) -> None:
    job_id = queues.submit(broken).job_id
    store.hset(keys.job(job_id), mapping={"host": "a.com", "kind": "serp"})
    inline.run_until_idle()
    page = client.get(f"/jobs/{job_id}").text
    assert "What to do: The code of the job broke" in page and 'href="/hosts/a.com">the state of a.com' in page
    assert 'href="/#work">the state of the provider' in page
    well = queues.submit(broken, delay_s=60).job_id
    assert "What to do" not in client.get(f"/jobs/{well}").text
