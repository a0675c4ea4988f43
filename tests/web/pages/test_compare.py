"""The result page of a day, and two days compared."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import models
from tests import fakes
from tests.state import NOON
from tests.web.pages.checked import HOSTILE, checked, day, keyword, objects, ranked, remember

OURS = "https://example.com/shoes"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def alter(ago: int, change: Any) -> None:
    """Change what is stored of a day."""
    [key] = [key for key in objects().keys("") if key.endswith(f"{day(ago)}.json")]
    told = json.loads(objects().get(key) or b"")
    change(told)
    objects().put(key, json.dumps(told).encode(), content_type="application/json")


def compared(client: FlaskClient, found: models.Keyword, query: str = "") -> list[tuple[Any, ...]]:
    reply = client.get(f"/keywords/{found.id}/compare?table=compared&format=json{query}")
    assert reply.status_code == 200, reply.text
    return [(row["change"], row["before"], row["after"], row["url"].split("/")[2]) for row in reply.json]


def two_days(before: Sequence[str], after: Sequence[str], depth: int = 20) -> models.Keyword:
    found = keyword(depth=depth)
    checked(found, fakes.serp(before), 1)
    checked(found, fakes.serp(after), 0)
    return found


def test_a_day_shows_its_result_page_with_ours_marked(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.serp([*fakes.others(2), OURS, *fakes.others(3, 2)]))
    alter(0, lambda told: told.update(cited=["https://source.test/a", f"javascript:{HOSTILE}"], features=["ai_overview"]))
    text = client.get(f"/keywords/{found.id}/days/{day(0)}").text
    assert text.count("<strong>ours</strong>") == 1 and "ranked 3" in text and "ai overview" in text
    assert 'href="https://source.test/a" rel="noopener noreferrer nofollow"' in text and 'href="javascript' not in text
    assert "strict" in text and "by the address of the result" in text and "red shoes" in text and "try 1" in text
    rows = list(csv.DictReader(io.StringIO(client.get(f"/keywords/{found.id}/days/{day(0)}?table=results&format=csv").text)))
    assert [row["ours"] for row in rows] == ["False", "False", "True", "False", "False", "False"]
    assert client.get(f"/keywords/{found.id}/days/{day(0)}?table=fetched&format=json").json[0]["query"] == "red shoes"


def test_no_text_of_a_result_page_runs(client: FlaskClient) -> None:
    found = two_days(["https://a.test/x", OURS], [OURS, "https://a.test/x"])

    def poison(told: dict[str, Any]) -> None:
        told |= dict.fromkeys(("provider", "parser_version", "keyword", "country", "location"), HOSTILE) | {"features": [HOSTILE]}
        told["organic"][0].update(title=HOSTILE, url=f"javascript:{HOSTILE}", displayed_host=HOSTILE)
        told["pages"][0].update(query=HOSTILE, features=[HOSTILE], charset=HOSTILE, url=HOSTILE)
        told["cited"] = [HOSTILE]

    alter(0, poison)
    for path in (f"days/{day(0)}", "compare"):
        text = client.get(f"/keywords/{found.id}/{path}").text
        assert "&lt;img" in text and "<img" not in text and 'href="javascript' not in text, path


def test_a_failed_check_shows_what_it_fetched_and_is_told_beside_a_good_one(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.CAPTCHA)
    text = client.get(f"/keywords/{found.id}/days/{day(0)}").text
    assert "unknown: captcha" in text and "captcha" in text and "/page/1" in text
    assert client.get(f"/keywords/{found.id}/days/{day(0)}/page/1").data == fakes.titled(fakes.CAPTCHA, "red shoes")

    checked(found, fakes.serp([OURS]))
    text = client.get(f"/keywords/{found.id}/days/{day(0)}").text
    assert "ranked 1" in text and "Another check of this day failed" in text


def test_a_rank_whose_page_is_gone_is_not_taken_for_that_of_another_check(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.serp([OURS]))
    assert "another rank" not in client.get(f"/keywords/{found.id}/days/{day(0)}").text
    checked(found, fakes.CAPTCHA)
    [key] = [key for key in objects().keys("") if key.endswith(f"{day(0)}.json")]
    objects().delete([key])
    text = client.get(f"/keywords/{found.id}/days/{day(0)}").text
    assert "ranked 1" in text and "another rank than this stored check read (unknown: captcha)" in text


def test_an_object_that_is_longer_than_any_check_is_shown_in_part(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.serp([OURS]))

    def swell(told: dict[str, Any]) -> None:
        told["organic"] = told["organic"] * 3000
        told["pages"] = told["pages"] * 3000

    alter(0, swell)
    text = client.get(f"/keywords/{found.id}/days/{day(0)}").text
    assert text.count("<strong>ours</strong>") == 500 and "the first 500 of 3,000" in text
    assert len(client.get(f"/keywords/{found.id}/days/{day(0)}?table=results&format=json").json) == 3000
    assert client.get(f"/keywords/{found.id}").text.count("/page/") == 10
    assert client.get(f"/keywords/{found.id}/compare?from={day(0)}&to={day(0)}").text.count("<strong>ours</strong>") == 500


def test_an_invented_page_says_so(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.serp([OURS]))
    assert "Sandbox:" not in client.get(f"/keywords/{found.id}/days/{day(0)}").text
    alter(0, lambda told: told.update(sandbox=True))
    assert "Sandbox:" in client.get(f"/keywords/{found.id}/days/{day(0)}").text


def test_a_day_without_its_page_and_a_day_without_anything(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(4, 0))
    text = client.get(f"/keywords/{found.id}/days/{day(0)}").text
    assert "ranked 4" in text and "No result page of that day is stored" in text
    assert "No rank of this day is in the history" in client.get(f"/keywords/{found.id}/days/{day(9)}").text


def test_days_lead_to_their_neighbours(client: FlaskClient) -> None:
    found = keyword()
    for ago in (9, 4, 1):
        remember(found, ranked(4, ago))
    text = client.get(f"/keywords/{found.id}/days/{day(4)}").text
    assert f'/days/{day(9)}" rel="prev"' in text and f'/days/{day(1)}" rel="next"' in text


def test_what_moved_came_and_went(client: FlaskClient) -> None:
    before = ["https://a.test/", "https://b.test/", "https://gone.test/", OURS]
    after = ["https://b.test/", "https://a.test/", "https://new.test/", OURS]
    found = two_days(before, after)
    assert compared(client, found) == [
        ("up", 2, 1, "b.test"),
        ("down", 1, 2, "a.test"),
        ("new", None, 3, "new.test"),
        ("same", 4, 4, "example.com"),
        ("gone", 3, None, "gone.test"),
    ]
    text = client.get(f"/keywords/{found.id}/compare").text
    assert "1 result up, 1 down, 1 at the same place, 1 new, 1 gone" in text


def test_what_was_not_looked_at_is_neither_new_nor_gone(client: FlaskClient) -> None:
    found = two_days([OURS], ["https://a.test/", OURS, "https://b.test/"])
    assert ("beyond", None, 3, "b.test") in compared(client, found)
    assert ("beyond", 3, None, "b.test") in compared(client, found, f"&from={day(0)}&to={day(1)}")


def test_marks_of_one_impression_make_no_other_result(client: FlaskClient) -> None:
    found = two_days(["https://a.test/p?srsltid=1", OURS], ["https://a.test/p?srsltid=2", OURS])
    assert [row[0] for row in compared(client, found)] == ["same", "same"]


def test_titles_features_and_sources_that_changed(client: FlaskClient) -> None:
    found = two_days(["https://a.test/", OURS], ["https://a.test/", OURS])
    alter(1, lambda told: told.update(features=["local_pack"], cited=["https://old.test/"]))
    alter(0, lambda told: told.update(features=["ai_overview"], cited=["https://new.test/"]))
    alter(0, lambda told: told["organic"][0].update(title="N"))
    text = client.get(f"/keywords/{found.id}/compare").text
    for says in ("1 with another title", "new: ai overview", "gone: local pack", "https://new.test/", "https://old.test/"):
        assert says in text
    rows = client.get(f"/keywords/{found.id}/compare?table=compared&format=json").json
    assert [(row["title"], row["former_title"]) for row in rows] == [("N", "Title 1"), ("Title 2", None)]


def test_missing_days_say_so(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(4, 1))
    checked(found, fakes.serp([OURS]))
    text = client.get(f"/keywords/{found.id}/compare").text
    assert f"{day(1)}: No result page of that day is stored" in text and "ranked 4" in text and "ranked 1" in text


def test_the_days_stand_in_the_address_and_default_to_the_last_known_ones(client: FlaskClient) -> None:
    found = keyword()
    for ago in (9, 4, 1):
        remember(found, ranked(4, ago))
    remember(found, models.Rank(day(0), models.RankState.UNKNOWN, reason="captcha"))
    text = client.get(f"/keywords/{found.id}/compare").text
    assert f'value="{day(4)}"' in text and f'value="{day(1)}"' in text
    assert f'value="{day(9)}"' in client.get(f"/keywords/{found.id}/compare?from={day(9)}").text


@pytest.mark.parametrize("query", ["?from=x", "?to=2026-02-31", "?from=%3Cb%3E"])
def test_what_is_no_day_is_refused(client: FlaskClient, query: str) -> None:
    found = keyword()
    for ago in (1, 0):
        remember(found, ranked(4, ago))
    assert client.get(f"/keywords/{found.id}/compare{query}").status_code == 422


def test_a_keyword_with_one_day_has_nothing_to_compare(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(4, 0))
    reply = client.get(f"/keywords/{found.id}/compare")
    assert reply.status_code == 422 and "checked twice" in reply.text
