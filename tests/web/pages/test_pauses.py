"""/pauses: what is paused, what it holds now, adding and resuming."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import queues
from state.engine import pauses as stored
from state.engine import schedule_records
from tests.web.pages.people import HOSTILE, is_escaped, pages_of, round_trips
from topics.operations import pauses
from topics.tracking import projects


@queues.job(queue="low", kind="told", retries=0)
def work(number: int) -> None:
    """A job that waits."""


def test_a_first_visit_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/pauses")
    assert page.status_code == 200 and "Nothing is paused" in page.text and "manage.py pause queue:low" in page.text


def test_a_pause_says_why_by_whom_until_when_and_how_many_it_holds_now(client: FlaskClient) -> None:
    queues.submit_many([(work, number) for number in range(3)])
    projects.add("example.com")
    projects.add_keywords("example.com", ["one", "two"])
    for scope in ("queue:low", "project:example.com", "host:a.example", "kind:serp", "provider:sandbox"):
        pauses.put(scope, f"because of {scope}", "ada", for_s=7200)
    rows = {row["scope"]: row for row in json.loads(client.get("/pauses?format=json").text)}
    assert {scope: row["held"] for scope, row in rows.items()} == {
        "queue:low": "3 jobs",
        "project:example.com": "2 due keywords",
        "host:a.example": "0 parked jobs",
        "kind:serp": "0 jobs",
        "provider:sandbox": "2 due keywords",
    }
    page = client.get("/pauses").text
    assert "because of queue:low" in page and "Holds now" in page and "in 1 h" in page
    assert 'href="/jobs?queue=low"' in page and 'href="/hosts/a.example"' in page and 'href="/projects/example.com"' in page


def test_a_pause_is_added_and_resumed_by_forms(client: FlaskClient) -> None:
    made = client.post("/pauses", data={"scope": "queue:low", "reason": "trouble", "for_s": "3600"})
    assert (made.status_code, made.headers["Location"]) == (303, "/pauses")
    [pause] = pauses.every()
    assert (pause.scope, pause.reason, pause.actor) == ("queue:low", "trouble", "local") and pause.until
    assert "The queue low is paused" in client.get("/pauses").text
    ended = client.post("/pauses/resume", data={"scope": "queue:low"})
    assert ended.status_code == 303 and pauses.every() == []


def test_a_host_is_named_and_the_others_are_chosen(client: FlaskClient) -> None:
    assert client.post("/pauses", data={"scope": "host:", "name": "https://A.example/x", "reason": "r"}).status_code == 303
    assert [one.scope for one in pauses.every()] == ["host:a.example"]
    projects.add("example.com")
    page = client.get("/pauses").text
    for option in ("queue:high", "kind:serp", "provider:sandbox", "project:example.com", "host:"):
        assert f'<option value="{option}"' in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"scope": "queue:lw"}, "did you mean low"),
        ({"scope": ""}, "cannot be paused"),
        ({"scope": "queue:low", "reason": " "}, "says nothing"),
        ({"scope": "queue:low", "name": "example.com"}, "leave it empty"),
        ({"scope": "queue:low", "for_s": "1"}, "none of the lengths"),
        ({"scope": "queue:low", "for_s": "3600", "until": "2126-01-01T00:00Z"}, "exclude"),
        ({"scope": "queue:low", "until": "tomorrow"}, "is no time"),
        ({"scope": "queue:low", "until": "2020-01-01T00:00Z"}, "over already"),
    ],
)
def test_a_form_that_is_wrong_keeps_what_was_typed_and_says_why(client: FlaskClient, fields: dict[str, str], says: str) -> None:
    page = client.post("/pauses", data={"reason": "a < b", **fields})
    assert page.status_code == 422 and says in page.text and 'role="alert"' in page.text
    assert fields.get("reason", 'value="a &lt; b"') in page.text and pauses.every() == []


def test_resuming_what_is_not_paused_says_so(client: FlaskClient) -> None:
    assert client.post("/pauses/resume", data={"scope": "queue:low"}).status_code == 404


def test_a_viewer_sees_no_button_and_may_press_none(key_client: Any) -> None:
    pauses.put("queue:low", "r", "ada")
    viewer, operator = key_client("viewer"), key_client("operator")
    page = viewer.get("/pauses").text
    assert "queue:low" in page and "<button>Resume" not in page and 'method="post"' not in page
    assert "<button>Resume" in operator.get("/pauses").text
    assert viewer.post("/pauses", data={"scope": "queue:high", "reason": "r"}).status_code == 403
    assert viewer.post("/pauses/resume", data={"scope": "queue:low"}).status_code == 403
    assert [one.scope for one in pauses.every()] == ["queue:low"]


def test_hostile_text_is_text(client: FlaskClient) -> None:
    stored.put("host:x.example", HOSTILE, HOSTILE, None)
    stored.put(f"host:{HOSTILE}", "r", "a", None)
    assert is_escaped(client.get("/pauses").text)


def test_filters_stand_in_the_address_and_hold_for_files(client: FlaskClient) -> None:
    for scope in ("queue:low", "host:a.example", "host:b.example"):
        pauses.put(scope, "r", "ada")
    page = client.get("/pauses?class=host&text=A.EX").text
    assert "host:a.example" in page and "host:b.example" not in page.split("<h2")[0] and 'value="A.EX"' in page
    csv = client.get("/pauses?class=host&format=csv")
    assert csv.mimetype == "text/csv" and len(csv.text.strip().splitlines()) == 3
    assert "No pause fits" in client.get("/pauses?text=zzz").text
    assert client.get("/pauses?class=nonsense").status_code == 422


def test_the_list_goes_on_to_its_last_page(client: FlaskClient) -> None:
    names = [f"host:h{number:03}.example" for number in range(7)]
    for scope in names:
        pauses.put(scope, "r", "ada")
    seen = [name for page in pages_of(client, "/pauses?limit=3") for name in names if f">{name}</a>" in page]
    assert seen == names


def test_a_run_that_is_due_is_held_by_the_pause_of_its_entry(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ago = clock.now() - timedelta(minutes=5)
    due, later = (SimpleNamespace(id=f"schedule-{name}", next_at=at) for name, at in (("a", ago), ("b", ago + timedelta(days=1))))
    monkeypatch.setattr(schedule_records, "records", lambda: [due, later])
    pauses.put("schedule:a", "r", "ada")
    pauses.put("schedule:b", "r", "ada")
    held = {row["scope"]: row["held"] for row in json.loads(client.get("/pauses?format=json").text)}
    assert held == {"schedule:a": "1 due run", "schedule:b": "0 due runs"}


def test_what_is_parked_is_counted_for_its_host(client: FlaskClient, store: Any) -> None:
    pauses.put("host:a.example", "r", "ada")
    store.hset("trawl:parked", mapping={"j1": "paused: host a.example", "j2": "paused: host a.example", "j3": "other"})
    assert "2 parked jobs" in client.get("/pauses").text


def test_a_page_of_many_pauses_takes_few_round_trips(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        projects.add(f"p{number}.example")
        pauses.put(f"project:p{number}.example", "r", "ada")
        pauses.put(f"host:h{number}.example", "r", "ada")
    client.get("/pauses")  # the word of health in the layout is looked up now and then
    counted = round_trips(store, monkeypatch)
    assert client.get("/pauses").status_code == 200 and len(counted) <= 10
