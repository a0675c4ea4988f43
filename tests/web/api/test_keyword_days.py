"""A day of a keyword and two days compared, as the API tells them; and the landing pages of a project."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import models
from tests import fakes
from tests.state import NOON
from tests.web.pages.checked import P, checked, day, keyword, objects, ranked, remember
from topics.tracking import landing_pages

OURS = "https://example.com/shoes"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def found() -> models.Keyword:
    """A keyword checked yesterday and today, and known of the day before without a page."""
    made = keyword()
    remember(made, ranked(9, 2))
    checked(made, fakes.serp(["https://a.test/", OURS]), 1)
    checked(made, fakes.serp([OURS, "https://a.test/"]), 0)
    return made


def of(client: FlaskClient, path: str, status: int = 200) -> Any:
    reply = client.get(f"/api/v1{path}")
    assert reply.status_code == status, reply.text
    return reply.json


def test_a_day_is_told_whole_and_leads_to_its_page(client: FlaskClient, found: models.Keyword) -> None:
    told = of(client, f"/keywords/{found.id}/days/{day(0)}")
    stored = told["stored"]
    assert (told["rank"]["rank"], told["missing"], stored["provider"], stored["cost"], stored["tries"]) == (
        1,
        None,
        "sandbox",
        10,
        1,
    )
    assert [(one["rank"], one["url"], one["ours"]) for one in stored["organic"]] == [
        (1, OURS, True),
        (2, "https://a.test/", False),
    ]
    [page] = stored["pages"]
    assert (page["confidence"], page["query"], page["page_class"]) == ("strict", "red shoes", "results") and "key" not in page
    assert client.get(page["body"]).data.startswith(b"<!doctype html>")


def test_a_day_without_its_page_says_so(client: FlaskClient, found: models.Keyword) -> None:
    told = of(client, f"/keywords/{found.id}/days/{day(2)}")
    assert told["stored"] is None and told["rank"]["rank"] == 9 and "No result page of that day" in told["missing"]
    told = of(client, f"/keywords/{found.id}/days/{day(30)}")
    assert told["rank"] | {"says": ""} == told["rank"] | {"says": "", "day": None, "state": "unknown"}


def test_two_days_are_compared(client: FlaskClient, found: models.Keyword) -> None:
    told = of(client, f"/keywords/{found.id}/compare?from={day(1)}&to={day(0)}")
    assert [(one["change"], one["before"], one["after"], one["ours"]) for one in told["results"]] == [
        ("up", 2, 1, True),
        ("down", 1, 2, False),
    ]
    assert (told["missing"], told["features"]) == ([], {"gained": [], "lost": []}) and told["before"]["results"] == 2


def test_a_missing_day_is_named(client: FlaskClient, found: models.Keyword) -> None:
    told = of(client, f"/keywords/{found.id}/compare?from={day(2)}&to={day(0)}")
    assert told["results"] is None and told["missing"][0].startswith(str(day(2)))


@pytest.mark.parametrize("query", ["", "?from=2026-03-01", "?from=x&to=2026-03-01", "?from=2026-02-30&to=2026-03-01"])
def test_two_days_must_be_named(client: FlaskClient, found: models.Keyword, query: str) -> None:
    told = of(client, f"/keywords/{found.id}/compare{query}", 422)
    assert told["errors"][0]["field"] in ("from", "to")


def test_a_damaged_object_is_no_error_of_the_server(client: FlaskClient, found: models.Keyword) -> None:
    for key in objects().keys(""):
        objects().put(key, b"\xff{", content_type="application/json")
    assert "does not fit the schema" in of(client, f"/keywords/{found.id}/days/{day(0)}")["missing"]
    assert len(of(client, f"/keywords/{found.id}/compare?from={day(1)}&to={day(0)}")["missing"]) == 2


def test_landing_pages_come_by_cursor(client: FlaskClient) -> None:
    for number in range(5):
        made = keyword(f"word {number}")
        remember(made, ranked(7, 1, "https://example.com/old"))
        remember(made, ranked(number + 1, 0, f"https://example.com/{number}"))
    first = of(client, f"/projects/{P}/pages?limit=3")
    rest = of(client, f"/projects/{P}/pages?limit=3&cursor={first['next']}")
    assert [one["best"] for one in first["items"] + rest["items"]] == [1, 2, 3, 4, 5] and rest["next"] is None
    assert (first["pages"], first["cannibalised"], first["keywords"]) == (5, 5, 5)
    [one, *_] = of(client, f"/projects/{P}/pages?which=cannibalised")["items"]
    assert one["of"] == 2 and {page["url"] for page in one["pages"]} > {"https://example.com/old"}
    assert of(client, f"/projects/{P}/pages?cursor=x", 422)["errors"][0]["field"] == "cursor"


def test_landing_pages_are_counted_anew_when_asked_and_by_a_job_where_there_are_many(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keyword()
    assert of(client, f"/projects/{P}/pages")["pages"] == 0
    remember(made, ranked(1, 0))
    assert of(client, f"/projects/{P}/pages")["pages"] == 0
    assert of(client, f"/projects/{P}/pages?fresh=true")["pages"] == 1
    landing_pages.forget(P)
    monkeypatch.setattr("state.tracking.keywords.count_of", lambda project_id: 10**6)
    told = of(client, f"/projects/{P}/pages", 202)
    assert told["at"] is None and told["items"] == [] and told["job"]["links"]["job"]
