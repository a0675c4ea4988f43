"""One project at a glance: nothing that is unknown is a drop, every figure says of when it is, notes stand in every chart."""

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

import clock
import models
from jobs import tracking
from state.store import connection, keys
from tests.counting import asked
from tests.state import NOON, TODAY
from tests.web.pages.test_keywords import remember
from topics.tracking import notes, overview, projects
from web.pages import project as page_of_project

P = "/projects/example.com"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture(autouse=True)
def project() -> models.Project:
    return projects.add("example.com")


def seen(client: FlaskClient, query: str = "") -> str:
    reply = client.get(f"{P}{query}")
    assert reply.status_code == 200, reply.text
    return html.unescape(reply.text)


def table(client: FlaskClient, name: str, query: str = "") -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(client.get(f"{P}?table={name}&format=json{query}").text)
    return found


def test_without_keywords_it_says_what_to_do(client: FlaskClient) -> None:
    page = seen(client)

    assert 'python manage.py keyword add example.com "a keyword"' in page and "/keywords/import?project=example.com" in page
    assert "Check all now" not in page


def test_visibility_tells_its_formula_weights_and_what_it_leaves_out(client: FlaskClient) -> None:
    remember("first", {8: 4, 0: 1}, volume=900)
    remember("blocked", {0: "captcha"}, volume=5000)
    page = seen(client)

    assert "100.0 %" in page and "+15.0 in 7 d" in page and "sum of weight(rank) x volume" in page
    assert "1.0, 1.0, 1.0, 0.85" in page and "1 unknown are left out" in page
    assert 'id="standing"' in page and 'id="visibility"' in page


def test_movers_are_between_known_ranks_and_their_days_stand_in_the_address(client: FlaskClient) -> None:
    remember("up", {30: 20, 7: 9, 1: 4, 0: 4})
    remember("blocked", {7: 1, 0: "captcha"})
    remember("entered", {7: None, 0: 8})
    remember("left", {7: 3, 0: None})

    assert [row["keyword"] for row in table(client, "winners")] == ["up"]
    assert table(client, "winners", "&since=1") == []
    assert [(row["before"], row["after"]) for row in table(client, "winners", "&since=30")] == [(20, 4)]
    assert [row["keyword"] for row in table(client, "new")] == ["entered"]
    assert [row["keyword"] for row in table(client, "lost")] == ["left"] and table(client, "losers") == []
    assert f"{P}/keywords?moved=up&days=30" in seen(client, "?since=30")
    assert client.get(f"{P}?since=5").status_code == 422


def test_what_the_links_lead_to_are_the_keywords_that_were_counted(client: FlaskClient) -> None:
    remember("up", {7: 9, 0: 4})
    remember("blocked", {7: 9, 0: "captcha"})
    remember("tagged", {0: 50}, tags=("a&b",))
    page = seen(client)

    for query, expected in (("moved=up", ["up"]), ("reason=captcha", ["blocked"]), ("tag=a%26b", ["tagged"])):
        link = next(one for one in re.findall(r'href="([^"]*/keywords\?[^"]*)"', page) if query in one)
        rows = json.loads(client.get(f"{link}&table=keywords&format=json").text)
        assert [row["keyword"] for row in rows] == expected


def test_unknown_ranks_are_told_by_reason_with_the_next_try(client: FlaskClient) -> None:
    keyword_id = remember("blocked", {0: "captcha"})
    remember("never", {})
    soon = NOON + timedelta(minutes=7)
    connection.client().zadd(keys.due("example.com"), {keyword_id: soon.timestamp()})

    assert "in 7 min" in seen(client) and "not checked lately" in seen(client)
    assert table(client, "unknown")[0] == {
        "reason": "captcha",
        "keywords": 1,
        "next_try": soon.isoformat().replace("+00:00", "Z"),
    }


def test_notes_are_kept_drawn_in_every_chart_and_removed(client: FlaskClient) -> None:
    remember("a", {0: 1})
    day = TODAY - timedelta(days=3)
    reply = client.post(f"{P}/notes", data={"day": day.isoformat(), "text": f"  New   titles {HOSTILE} "})
    assert reply.status_code == 303

    page = client.get(P).text
    assert HOSTILE not in page and page.count("New titles &lt;img") >= 3  # both charts and the table
    note = notes.of("example.com", day, day)[0]
    assert (note.text, note.actor) == (f"New titles {HOSTILE}", "local")
    assert client.post(f"{P}/notes/{note.id}/remove").status_code == 303 and notes.of("example.com") == []
    assert client.post(f"{P}/notes/{note.id}/remove").status_code == 404


@pytest.mark.parametrize(
    "form", [{"text": ""}, {"text": "x" * 301}, {"text": "a", "day": "soon"}, {"text": "a", "day": "1999-01-01"}]
)
def test_a_note_that_cannot_be_meant_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post(f"{P}/notes", data=form).status_code == 422
    assert notes.of("example.com") == []


def test_a_large_project_is_counted_by_a_job_and_says_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of_project, "AT_ONCE", 1)
    remember("a", {0: 1}), remember("b", {0: 2})
    page = seen(client)
    assert "counted for the first time" in page and "/jobs/" in page

    tracking.make_overview("example.com")
    assert "first time" not in seen(client) and "A job</a>" not in seen(client)


def test_counting_anew_takes_what_came_since(client: FlaskClient) -> None:
    remember("a", {0: 1})
    seen(client)
    remember("b", {0: 30})
    assert "1 at 1–3" in seen(client) and "1 at 21–100" not in seen(client)

    assert client.post(f"{P}/count").status_code == 303
    assert "1 at 21–100" in seen(client)


def test_all_days_come_as_a_file_with_gaps_where_nothing_is_known(client: FlaskClient) -> None:
    remember("a", {0: 1})
    rows = table(client, "course")

    assert len(rows) == 31 and rows[0]["visibility"] == 1.0 and rows[-1]["visibility"] is None
    assert rows[-1]["unchecked"] == 1


def test_hostile_texts_are_text(client: FlaskClient) -> None:
    remember(f"{HOSTILE} up", {7: 9, 0: 4}, tags=(HOSTILE,))
    page = client.get(P).text

    assert HOSTILE not in page and page.count("&lt;img") >= 2


def test_a_viewer_sees_no_button(key_client: Callable[..., FlaskClient]) -> None:
    remember("a", {0: 1})
    viewer = key_client("viewer")

    assert 'method="post"' not in viewer.get(P).text
    for path in (f"{P}/notes", f"{P}/count", f"{P}/notes/abc/remove"):
        assert viewer.post(path, data={"text": "a"}).status_code == 403


def test_a_page_costs_few_round_trips(client: FlaskClient) -> None:
    for number in range(60):
        remember(f"k{number}", {0: 1}, tags=("t",))
    overview.make("example.com")
    seen(client)  # the look at the health of all is shared by all pages of a second
    with asked() as found:
        seen(client)
    assert found.trips <= 10
