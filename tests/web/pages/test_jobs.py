"""/jobs: found by filters, shown as text, acted on in bulk after a question with the number."""

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import errors
import queues
from models import JobStatus
from state.engine import history
from state.store import connection, keys
from tests.topics.operations.test_jobs import job_in, work
from tests.topics.operations.test_search import asked
from topics.operations import jobs
from topics.tracking import projects
from worker import inline

__all__ = ["asked"]

HOSTILE = "<img src=x onerror=alert(1)>"


@queues.job(queue="low", kind="testpage", retries=0)
def visit(url: str, says: str = "") -> str:
    """Fails where it is told to."""
    if says:
        raise errors.DataError(says)
    return url


def submitted(number: int = 1, url: str = "https://a.com/", says: str = "", **labels: str) -> list[str]:
    return [queues.submit(visit, url, says, labels=labels).job_id for _ in range(number)]


def ended(number: int = 1, url: str = "https://a.com/", says: str = "it broke", **labels: str) -> list[str]:
    ids = submitted(number, url, says, **labels)
    inline.run_until_idle()
    return ids


def rows(client: FlaskClient, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/jobs", query_string={"format": "json", **asked}).json  # type: ignore[assignment]
    return found


def ids(client: FlaskClient, **asked: str) -> list[str]:
    return [row["id"] for row in rows(client, **asked)]


def test_each_row_says_what_the_job_is_and_not_a_path(client: FlaskClient) -> None:
    [job_id] = ended(url="https://a.com/page", says="no price")
    [row] = rows(client)
    assert (row["id"], row["state"], row["kind"], row["what"], row["queue"]) == (
        *(job_id, "failed", "testpage", "https://a.com/page", "low"),
    )
    assert row["message"] == "data: no price" and row["attempts"] == 1 and row["ran_s"] >= 0 and row["waited_s"] >= 0
    page = client.get("/jobs").text
    assert f'href="/jobs/{job_id}"' in page and "https://a.com/page" in page and "tests.web" not in page


def test_a_check_shows_its_keyword(client: FlaskClient) -> None:
    from jobs import serp
    from state.tracking import keywords

    projects.add("example.com")
    keywords.add_many("example.com", ["blue shoes"])
    keyword_id = next(keywords.ids_of("example.com"))
    queues.submit(serp.track_keyword, keyword_id)
    assert [row["what"] for row in rows(client)] == ["blue shoes"]
    assert len(rows(client, text="BLUE sho")) == 1 and rows(client, text="red") == []


@pytest.mark.parametrize("filters", [{}, {"status": "failed"}, {"text": "broke"}, {"host": "a.com", "since": "2h"}])
def test_a_page_asks_redis_a_few_times(client: FlaskClient, asked: Counter[str], filters: dict[str, str]) -> None:
    for state in JobStatus:
        job_in(state)
    ended(60, host="a.com")
    submitted(80)
    history.pack(keep_s=-1)
    client.get("/jobs")
    asked.clear()
    assert client.get("/jobs", query_string=filters).status_code == 200
    assert asked["round_trips"] <= (20 if "text" in filters else 10), asked


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "failed"}, ["failed"]),
        ({"status": "FAILURE"}, ["failed"]),
        ({"status": "queued"}, ["pending"]),
        ({"status": "active"}, ["pending"]),
        ({"kind": "testpage"}, ["failed", "pending"]),
        ({"kind": "serp"}, []),
        ({"queue": "low"}, ["failed", "pending"]),
        ({"queue": "high"}, []),
        ({"category": "data"}, ["failed"]),
        ({"host": "a.com"}, ["failed"]),
        ({"tag": "t", "project": "p"}, ["pending"]),
        ({"text": "b.com/x"}, ["pending"]),
        ({"text": "BROKE 17"}, ["failed"]),
        ({"since": "1h"}, ["failed", "pending"]),
        ({"until": "1h"}, []),
        ({"since": "2020-01-01", "until": "2020-01-02"}, []),
    ],
)
def test_filters_of_the_address_choose_jobs(client: FlaskClient, filters: dict[str, str], expected: list[str]) -> None:
    ended(says="it broke 17 times", host="a.com")
    submitted(url="https://b.com/x", tag="t", project="p")
    found = rows(client, **filters)
    assert sorted(row["state"] for row in found) == expected
    page = client.get("/jobs", query_string=filters)
    assert page.status_code == 200 and page.text.count('<th scope="row">') == len(expected)
    for value in filters.values():
        assert f'value="{value}"' in page.text


@pytest.mark.parametrize("name", ["since", "until", "status", "queue", "category", "kind"])
def test_a_wrong_filter_is_said(client: FlaskClient, name: str) -> None:
    told = client.get("/jobs", query_string={name: "no such;"})
    assert told.status_code == 422 and told.json["errors"][0]["field"] == name  # type: ignore[index]


def test_a_cursor_of_another_list_is_said(client: FlaskClient) -> None:
    assert client.get("/jobs?jobs-cursor=xyz").status_code == 422
    assert client.get("/jobs", query_string={"text": "x" * 301}).status_code == 422


def test_an_id_finds_its_job_whatever_else_is_asked(client: FlaskClient) -> None:
    [wanted, *_] = submitted(30)
    assert ids(client, text=wanted) == [wanted]
    assert ids(client, text=wanted, status="failed", kind="testpage") == [wanted]


def test_a_text_says_how_far_it_was_looked_for(client: FlaskClient) -> None:
    submitted(30)
    page = client.get("/jobs?text=never").text
    assert "Looked for the text in 30 jobs" in page and "These are all" in page


def test_jobs_of_one_fingerprint(client: FlaskClient) -> None:
    mine = ended(2, says="page 4 is empty")
    ended(1, says="it is full")
    name = client.get("/failures?format=json&text=empty").json[0]["fingerprint"]  # type: ignore[index]
    assert sorted(ids(client, fingerprint=name, status="failed")) == sorted(mine)
    assert ids(client, fingerprint="0" * 16) == []


def test_what_a_job_holds_is_shown_as_text(client: FlaskClient) -> None:
    ended(url=HOSTILE, says=HOSTILE, host=HOSTILE, tag=HOSTILE, project=HOSTILE)
    page = client.get("/jobs", query_string={"host": HOSTILE, "tag": HOSTILE, "text": HOSTILE}).text
    assert "&lt;img" in page and "<img" not in page


def test_secrets_of_an_address_are_hidden(client: FlaskClient) -> None:
    ended(url="https://user:hunter2@a.com/?token=hunter2", says="no https://user:hunter2@a.com/")
    assert "hunter2" not in client.get("/jobs").text and "hunter2" not in client.get("/jobs?format=csv").text


def test_the_pages_lead_to_the_last_and_a_file_has_all(client: FlaskClient) -> None:
    made = {*submitted(30), *ended(0)}
    seen, address, pages = set[str](), "/jobs?limit=7", 0
    while address:
        page = client.get(address).text
        seen |= set(re.findall(r'href="/jobs/(\w+)"', page))
        next_ = re.search(r'<a href="([^"]+)" rel="next">', page)
        address, pages = html.unescape(next_[1]) if next_ else "", pages + 1
    assert seen == made and pages == 5
    told = list(csv.DictReader(io.StringIO(client.get("/jobs?format=csv&limit=7").text.lstrip("\ufeff"))))
    assert {row["id"] for row in told} == made


def test_the_first_page_is_live_and_further_ones_are_not(client: FlaskClient) -> None:
    submitted(10)
    first = client.get("/jobs?limit=5").text
    assert "data-live" in first
    further = html.unescape(re.search(r'<a href="([^"]+)" rel="next">', first)[1])  # type: ignore[index]
    assert "data-live" not in client.get(further).text.partition("<main")[2]


def test_the_empty_page_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/jobs").text
    assert "No job is like that" in page and "manage.py scrape url" in page and 'id="bulk"' not in page


def test_a_viewer_sees_no_button_and_may_not_act(key_client: Callable[..., Any]) -> None:
    submitted(3)
    key_client("admin")
    viewer = key_client("viewer")
    page = viewer.get("/jobs").text
    assert 'id="bulk"' not in page and "checkbox" not in page
    assert viewer.post("/jobs/bulk", data={"action": "cancel", "which": "all"}).status_code == 403


def test_a_key_sees_and_changes_its_own_jobs_only(key_client: Callable[..., Any]) -> None:
    mine, other = key_client("operator"), key_client("operator")
    with queues.owned_by(mine.key.id):
        own = submitted(2)
    with queues.owned_by(other.key.id):
        [foreign] = submitted(1)
    assert sorted(ids(mine)) == sorted(own) and ids(mine, text=foreign) == []
    told = confirmed(mine, action="cancel", which="all")
    assert told.status_code == 303
    inline.run_until_idle()
    assert jobs.get_job_status(foreign).status is JobStatus.COMPLETED
    assert {jobs.get_job_status(one).status for one in own} == {JobStatus.CANCELLED}
    with queues.owned_by(other.key.id):
        [foreign] = submitted(1)
    assert mine.post("/jobs/bulk", data={"action": "cancel", "which": "ticked", "id": foreign}).headers["Location"] == "/jobs"
    inline.run_until_idle()
    assert jobs.get_job_status(foreign).status is JobStatus.COMPLETED


def asks(client: FlaskClient, **form: Any) -> tuple[str, dict[str, str]]:
    """The question, and the fields of its form."""
    page = client.post("/jobs/bulk", data=form).text
    form_of = page[page.rindex('<form method="post"') :]
    pairs = re.findall(r'name="(\w+)" value="([^"]*)"', form_of)
    return html.unescape(re.sub("<[^>]+>", "", page)), {name: html.unescape(value) for name, value in pairs}


def confirmed(client: FlaskClient, **form: Any) -> Any:
    """The answer to the question."""
    return client.post("/jobs/bulk", data=asks(client, **form)[1])


def test_a_bulk_action_says_how_many_asks_and_leads_to_its_job(client: FlaskClient) -> None:
    mine, other = ended(3, host="a.com"), ended(2, host="b.com")
    says, fields = asks(client, action="retry", which="all", host="a.com")
    assert "Run again 3 jobs?" in says and "3 jobs that are failed and were not run again yet. Counted at" in says
    assert not jobs.find(f"{mine[0]}-r1")
    later = ended(1, host="a.com")
    told = client.post("/jobs/bulk", data=fields)
    assert told.status_code == 303 and re.fullmatch(r"/jobs/[0-9a-f]{32}", told.headers["Location"])
    again = client.post("/jobs/bulk", data=fields)  # a second press
    assert again.headers["Location"] == told.headers["Location"]
    inline.run_until_idle()
    assert [jobs.find(f"{one}-r1") is not None for one in (*mine, *other, *later)] == [True] * 3 + [False] * 3
    assert jobs.get_job_status(told.headers["Location"].rpartition("/")[2]).status is JobStatus.COMPLETED


def test_a_question_shows_hostile_filters_as_text_and_keeps_them(client: FlaskClient) -> None:
    ended(1, host=HOSTILE)
    page = client.post("/jobs/bulk", data={"action": "retry", "which": "all", "host": HOSTILE}).text
    assert "&lt;img" in page and "<img" not in page
    assert asks(client, action="retry", which="all", host=HOSTILE)[1]["host"] == HOSTILE


def test_only_those_ticked_are_moved(client: FlaskClient) -> None:
    made = submitted(4)
    says, fields = asks(client, action="move", to="high", which="ticked", id=made[:2], host="nobody")
    assert "Move 2 jobs to the queue high?" in says
    client.post("/jobs/bulk", data=fields)
    told = connection.client().lrange(keys.queue("high"), 0, -1)
    assert len(told) == 1  # the job that does it
    inline.run_until_idle()
    assert {one: jobs.get_job_status(one).queue for one in made} == dict(zip(made, ["high", "high", "low", "low"], strict=True))


def test_the_rows_that_are_shown_are_cancelled(client: FlaskClient) -> None:
    made = submitted(5)
    shown = re.findall(r'name="shown" value="(\w+)" form="bulk"', client.get("/jobs?limit=3").text)
    assert shown == made[:1:-1]
    _, fields = asks(client, action="cancel", which="shown", shown=shown)
    client.post("/jobs/bulk", data=fields)
    inline.run_until_idle()
    assert [jobs.get_job_status(one).status.value for one in made] == ["completed"] * 2 + ["cancelled"] * 3


def test_what_was_run_again_is_said_and_not_run_a_third_time(client: FlaskClient, store: Any) -> None:
    [one] = ended(1)
    confirmed(client, action="retry", which="all", kind="testpage")
    inline.run_until_idle()
    assert f'<a href="/jobs/{one}-r1">run again</a>' in client.get("/jobs").text
    store.delete(keys.job(f"{one}-r1"))  # RQ forgets a job that finished within minutes
    told = client.post("/jobs/bulk", data={"action": "retry", "which": "all", "kind": "testpage"})
    assert told.status_code == 303 and not jobs.find(f"{one}-r2")


def test_a_job_that_only_the_history_knows_is_shown_by_its_labels(client: FlaskClient, store: Any) -> None:
    [one] = ended(1, host="a.com", tag="t")
    store.delete(keys.job(one))
    [row] = rows(client)
    assert (row["id"], row["what"], row["message"], row["waited_s"]) == (one, "a.com, t", "data", None)
    assert client.get("/jobs?text=a.com").text.count('<th scope="row">') == 1
    told = client.post("/jobs/bulk", data={"action": "retry", "which": "ticked", "id": one})
    assert told.status_code == 303 and "Nothing to do" in client.get("/jobs").text


def test_a_relative_age_is_that_of_the_question(client: FlaskClient) -> None:
    ended(1)
    _, fields = asks(client, action="retry", which="all", since="2h", text="broke")
    assert re.match(r"\d{4}-\d\d-\d\dT", fields["since"]) and fields["text"] == "broke" and fields["status"] == "failed"


@pytest.mark.parametrize(
    "form",
    [
        {"action": "burn", "which": "all"},
        {"action": "", "which": "all"},
        {"action": "move", "which": "all", "to": "huge"},
        {"action": "retry", "which": "ticked"},
        {"action": "retry", "which": "all", "status": "completed"},
        {"action": "retry", "which": "all", "since": "soon"},
        {"action": "retry", "which": "all", "confirmed": "1", "asked_at": "soon"},
        {"action": "retry", "which": "all", "confirmed": "1", "asked_at": "2026-01-01"},
        {"action": "retry", "which": "all", "confirmed": "1", "asked_at": "2999-01-01T00:00+00:00"},
    ],
)
def test_a_wrong_action_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    ended(1)
    assert client.post("/jobs/bulk", data=form).status_code == 422
    assert connection.client().llen(keys.queue("high")) == 0


def test_nothing_to_do_is_said_and_asks_nothing(client: FlaskClient) -> None:
    job_in(JobStatus.COMPLETED)
    told = client.post("/jobs/bulk", data={"action": "retry", "which": "all", "kind": "test"})
    assert told.status_code == 303 and told.headers["Location"] == "/jobs?kind=test"
    assert "Nothing to do" in client.get("/jobs?kind=test").text


def test_all_failures_of_a_shape_run_again(client: FlaskClient) -> None:
    mine = ended(2, says="page 4 is empty")
    queues.submit(work, "DataError")
    inline.run_until_idle()
    name = client.get("/failures?format=json&text=empty").json[0]["fingerprint"]  # type: ignore[index]
    page = client.post(f"/failures/{name}/retry").text
    assert "Run again 2 jobs?" in page
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page[page.rindex('<form method="post"') :]))
    assert client.post(f"/failures/{name}/retry", data=fields).status_code == 303
    inline.run_until_idle()
    assert all(jobs.find(f"{one}-r1") for one in mine)
    assert client.post(f"/failures/{'0' * 16}/retry").status_code == 404
