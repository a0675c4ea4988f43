"""The page of a keyword: what is known of it, by whom it may be changed, and no text of it that runs."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import models
from state.store import connection
from state.tracking import keywords, outcomes
from tests import fakes
from tests.counting import fewest
from tests.state import NOON
from tests.web.pages.checked import HOSTILE, checked, day, keyword, objects, ranked, remember
from topics.tracking import notes, projects, stored_days

STATE = models.RankState


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def page(client: FlaskClient, found: models.Keyword, query: str = "") -> str:
    reply = client.get(f"/keywords/{found.id}{query}")
    assert reply.status_code == 200, reply.text
    return reply.text


def data_of(text: str) -> Any:
    """What the chart's script reads."""
    return json.loads(text.split('data-chart="', 1)[1].split('"', 1)[0].replace("&#34;", '"').replace("&#39;", "'"))


def test_a_keyword_that_was_never_checked_says_what_to_do(client: FlaskClient) -> None:
    found = keyword()
    text = page(client, found)
    assert "never checked" in text and f"python manage.py serp check {found.id}" in text


def test_an_unknown_keyword_is_a_404(client: FlaskClient) -> None:
    assert client.get("/keywords/aaaaaaaaaaaa").status_code == 404
    assert client.get("/keywords/%3Cb%3E").status_code == 404


def test_where_it_stands_and_how_it_moved(client: FlaskClient) -> None:
    found = keyword()
    for ago, place in ((31, 9), (8, 7), (2, 3), (1, 4)):
        remember(found, ranked(place, ago))
    remember(found, models.Rank(day(0), STATE.UNKNOWN, reason="captcha"))
    text = page(client, found)
    for says in ("ranked 3", "ranked 4", "ranked 9", "unknown: captcha"):
        assert says in text
    assert text.count("not known") == 3  # the last rank is unknown: nothing moved

    remember(found, ranked(2, 0))
    text = page(client, found)
    assert "1 day: up 2" in text and "7 days: up 5" in text and "30 days: up 7" in text


def test_the_chart_has_gaps_where_nothing_is_known(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(5, 6))
    remember(found, models.Rank(day(5), STATE.UNKNOWN, reason="network"))
    remember(found, models.Rank(day(4), STATE.NOT_FOUND, 20))
    remember(found, ranked(7, 1))
    remember(found, models.Rank(day(3), STATE.NOT_FOUND, 0))
    data = data_of(page(client, found, "?range=7"))
    ranks, not_found = (one["values"] for one in data["series"])
    assert (ranks, not_found) == ([5, None, None, None, None, 7, None], [None, None, 20, None, None, None, None])
    assert data["inverted"] and data["times"] == sorted(data["times"])


def test_all_own_pages_of_a_day_are_drawn_and_notes_stand_in_the_chart(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.serp(["https://example.com/a", "https://x.test/", "https://example.com/b"]), 1)
    checked(found, fakes.serp(["https://example.com/a"]), 0)
    notes.add(found.project_id, day(1), f"deploy {HOSTILE}", "ada")
    notes.add(found.project_id, day(200), "long ago", "ada")
    text = page(client, found, "?range=30")
    series = {one["label"]: one["values"][-2:] for one in data_of(text)["series"]}
    assert series["https://example.com/b"] == [3, None] and series["https://example.com/a"] == [1, 1]
    assert "deploy &lt;img" in text and "long ago" not in text and "<img" not in text


def test_own_pages_get_lines_where_more_than_one_ranked(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(5, 2, "https://example.com/a"))
    remember(found, ranked(4, 1, "https://example.com/b"))
    remember(found, ranked(4, 0, "https://example.com/b"))
    series = {one["label"]: one["values"][-3:] for one in data_of(page(client, found))["series"]}
    assert series["https://example.com/b"] == [None, 4, 4] and series["https://example.com/a"] == [5, None, None]


@pytest.mark.parametrize(("range_", "first"), [("", 89), ("7", 6), ("30", 29), ("365", 364), ("all", 400)])
def test_the_range_stands_in_the_address(client: FlaskClient, range_: str, first: int) -> None:
    found = keyword()
    remember(found, ranked(5, 400))
    text = page(client, found, f"?range={range_}")
    assert f"from {day(first)} to {day(0)}" in text


def test_a_range_that_is_none_is_refused(client: FlaskClient) -> None:
    reply = client.get(f"/keywords/{keyword().id}?range=8")
    assert reply.status_code == 422 and "one of 7, 30" in reply.text


def test_a_day_says_what_is_stored_of_it_and_one_without_says_so(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(3, 1))
    checked(found, fakes.serp([*fakes.others(2), "https://example.com/shoes"]))
    text = page(client, found)
    assert f"/keywords/{found.id}/days/{day(0)}/page/1" in text and "sandbox" in text
    assert f"/keywords/{found.id}/days/{day(1)}/page/1" not in text and "No result page of that day is stored" in text
    [first, second] = client.get(f"/keywords/{found.id}?table=days&format=json").json
    assert (first["day"], first["rank"], first["provider"], first["cost"], first["tries"]) == (str(day(0)), 3, "sandbox", 10, 1)
    assert second["provider"] is None and "red-shoes" in second["missing"]


def test_a_damaged_object_says_so_and_the_others_are_shown(client: FlaskClient) -> None:
    found = keyword()
    for ago in (1, 0):
        checked(found, fakes.serp(["https://example.com/shoes"]), ago)
    [key] = [key for key in objects().keys("") if key.endswith(f"{day(1)}.json")]
    objects().put(key, b"{", content_type="application/json")
    text = page(client, found)
    assert "does not fit the schema" in text and f"/days/{day(0)}/page/1" in text


def test_days_come_by_cursor_until_the_last_and_whole_as_a_file(client: FlaskClient) -> None:
    found = keyword()
    for ago in range(7):
        remember(found, ranked(ago + 1, ago))
    seen, query = [], "?limit=3"
    while query:
        text = page(client, found, query)
        body = text.split('id="days"')[1].split("</tbody>")[0]
        seen += [str(day(ago)) for ago in range(7) if f'scope="row"><a href="/keywords/{found.id}/days/{day(ago)}"' in body]
        query = text.partition('rel="next"')[0].rpartition('href="')[2] if 'rel="next"' in text else ""
        query = query.partition('"')[0].partition("?")[2].replace("&amp;", "&")
        query = query and f"?{query}"
    assert seen == [str(day(ago)) for ago in range(7)]
    rows = list(csv.DictReader(io.StringIO(client.get(f"/keywords/{found.id}?table=days&format=csv&limit=2").text)))
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4", "5", "6", "7"]
    assert client.get(f"/keywords/{found.id}?days-cursor=x").status_code == 422


def test_no_text_of_a_keyword_runs(client: FlaskClient) -> None:
    found = keyword(f"shoes {HOSTILE}", tags=(HOSTILE,), target_url="/x")
    remember(found, ranked(3, 1, f"javascript:{HOSTILE}", title=HOSTILE))
    remember(found, ranked(3, 0, f"https://example.com/{HOSTILE}", title=HOSTILE))
    failed = outcomes.CheckOutcome("failed", None, 60, error={"category": "network", "message": HOSTILE, "job": "j"})
    outcomes.finish(found, None, timedelta(days=1), failed)
    text = page(client, keywords.get(found.id))
    assert "<img" not in text and "&lt;img" in text and 'href="javascript' not in text


def test_tags_target_and_volume_are_changed_and_taken_away(client: FlaskClient) -> None:
    found = keyword(tags=("old",), volume=5)
    reply = client.post(
        f"/keywords/{found.id}/set", data={"tags": "new, blue", "volume": "1,200", "target_url": "https://example.com/shoes"}
    )
    assert reply.status_code == 303 and reply.headers["Location"] == f"/keywords/{found.id}"
    now = keywords.get(found.id)
    assert (now.tags, now.volume, now.target_url) == (("new", "blue"), 1200, "https://example.com/shoes")
    assert "Changed." in page(client, found)

    client.post(f"/keywords/{found.id}/set", data={"tags": "", "volume": "", "target_url": ""})
    now = keywords.get(found.id)
    assert (now.tags, now.volume, now.target_url) == ((), None, None)


@pytest.mark.parametrize(
    ("field", "value", "says"), [("volume", "many", "no number"), ("target_url", "not a page", "no address of a page")]
)
def test_a_wrong_value_is_said_at_the_form_and_what_was_typed_stays(
    client: FlaskClient, field: str, value: str, says: str
) -> None:
    found = keyword(tags=("old",))
    reply = client.post(f"/keywords/{found.id}/set", data={"tags": "new", "volume": "", "target_url": "", field: value})
    assert reply.status_code == 422 and says in reply.text and f'value="{value}"' in reply.text
    assert keywords.get(found.id).tags == ("old",)


def test_archived_and_checked_again(client: FlaskClient) -> None:
    found = keyword()
    assert client.post(f"/keywords/{found.id}/archive").status_code == 303
    assert keywords.get(found.id).archived and "Unarchive" in page(client, found)
    client.post(f"/keywords/{found.id}/unarchive")
    assert not keywords.get(found.id).archived


def test_a_check_says_its_price_before_it_is_queued(client: FlaskClient, store: Any) -> None:
    found = keyword()
    asks = client.post(f"/keywords/{found.id}/check")
    assert asks.status_code == 200 and "at most 2 result pages" in asks.text and not store.keys("rq:job:*")
    assert client.post(f"/keywords/{found.id}/check", data={"confirmed": "1"}).status_code == 303
    assert len(store.keys("rq:job:*")) == 1 and "Queued as the job" in page(client, found)
    client.post(f"/keywords/{found.id}/check", data={"confirmed": "1"})
    assert len(store.keys("rq:job:*")) == 1 and "in hand already" in page(client, found)


def test_a_viewer_sees_no_button_and_may_change_nothing(key_client: Callable[..., FlaskClient]) -> None:
    found = keyword()
    viewer = key_client("viewer")
    text = page(viewer, found)
    assert "<form" not in text and "Check now" not in text and "Archive" not in text
    for name in ("set", "archive", "unarchive", "check"):
        assert viewer.post(f"/keywords/{found.id}/{name}").status_code == 403


def test_a_wrong_page_is_told(client: FlaskClient) -> None:
    found = keyword(target_url="https://example.com/other")
    remember(found, ranked(3, 0))
    assert "Wrong page" in page(client, found)


def test_ten_years_cost_what_a_day_does(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(1, 0))
    page(client, found)  # the scripts are on the server
    few = fewest(lambda: page(client, found, "?range=all"))
    for ago in range(1, 400):
        remember(found, ranked(1 + ago % 50, ago))
    many = fewest(lambda: page(client, found, "?range=all"))
    assert many.trips == few.trips <= 10


def test_days_that_the_store_does_not_tell_in_time_say_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found = keyword()
    remember(found, ranked(1, 0))
    monkeypatch.setattr(stored_days, "wait", lambda asked, seconds: None)
    monkeypatch.setattr("concurrent.futures.Future.done", lambda self: False)
    assert "did not tell in time" in page(client, found)


def test_a_project_that_is_gone_is_a_404(client: FlaskClient) -> None:
    found = keyword()
    projects.remove(found.project_id)
    assert client.get(f"/keywords/{found.id}").status_code == 404
    assert connection.client().exists(f"trawl:keyword:{found.id}") == 0
