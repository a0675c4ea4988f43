"""The pages of batches and crawls: progress, failures by class, results, stopped, continued, tried again."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
import queues
from jobs import scrape as jobs
from models import JobStatus
from state.scraping import ledgers
from tests.counting import asked
from tests.topics.operations.test_jobs import job_in
from tests.topics.scraping import site as sites
from tests.topics.scraping.conftest import polite, work_off
from tests.topics.scraping.inline_work import Work
from tests.web.conftest import KeyClient
from topics.scraping import crawl
from web import looks

__all__ = ["polite", "work_off"]

HOSTILE = "<img src=x onerror=alert(1)>"

QUICK = {"delay_between_requests": 0, "retry_delay": 0}


@pytest.fixture
def house(polite: None) -> Iterator[sites.Site]:
    """Two pages, one with a hostile title; all others are gone."""
    pages: dict[str, sites.Page] = {"/a": sites.page("A"), "/b": sites.page(HOSTILE.replace("<", "&lt;"))}
    with sites.served(pages) as served, config.overridden(fetch_allow_networks="127.0.0.0/8"):
        yield served


def batch(house: sites.Site, *paths: str) -> str:
    made = crawl.submit_batch(jobs.scrape_batch, [f"{house.url}{path}" for path in paths], QUICK)
    return made.job_id


def rows(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path).json
    return found


def many(number: int, kind: str = "batch") -> list[str]:
    """Ledgers without jobs: half of them are stopped."""
    ids = [f"{n:032x}" for n in range(number)]
    for n, one in enumerate(ids):
        facts = {"kind": kind, "url": f"https://example.com/{n}{HOSTILE}", "lanes": 1, "queue": "low", "deadline_s": 60}
        ledgers.open_new(one, facts)
        if n % 2:
            crawl.stop(one)
    return ids


def test_nothing_is_there_and_the_page_says_what_to_do(client: FlaskClient) -> None:
    assert "python manage.py scrape crawl" in client.get("/batches").text
    assert client.get("/batches/nobody").status_code == 404


def test_those_that_go_on_come_before_those_that_ended(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    ended = batch(house, "/a", "/gone")
    work_off()
    live = batch(house, "/a")

    assert [row["id"] for row in rows(client, "/batches?format=json")] == [live, ended]
    assert [row["id"] for row in rows(client, "/batches?format=json&state=live")] == [live]
    [row] = rows(client, "/batches?format=json&state=ended")
    assert (row["state"], row["found"], row["done"], row["failed"], row["pending"], row["percent"]) == (
        "complete",
        2,
        1,
        1,
        0,
        100,
    )
    assert client.get("/batches?state=odd").status_code == 422 and client.get("/batches?batches-cursor=x").status_code == 422
    items = client.get("/api/v1/scrapes?ended=true").json["items"]
    assert [one["id"] for one in items] == [ended]


def test_the_list_goes_on_to_the_last_one(client: FlaskClient) -> None:
    ids, seen, path = many(9), list[str](), "/batches?limit=2"
    while path:
        text = client.get(path).text
        assert HOSTILE not in text
        seen += re.findall(r'href="/batches/([0-9a-f]{32})"', text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""

    assert sorted(seen) == ids
    assert client.get("/batches?format=csv&limit=2").text.count("\n") == 10


def test_one_batch_shows_its_pages_and_failures_by_class(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    made = batch(house, "/a", "/b", "/gone", "/lost")
    work_off()
    text = client.get(f"/batches/{made}").text

    assert "4 of 4 pages are over" in text and f"/batches/{made}?category=data#problems" in text and "2 data" in text
    assert HOSTILE not in text and "&lt;img" in text
    assert f'href="/api/v1/scrapes/{made}/result?format=csv"' in text
    assert client.get(f"/api/v1/scrapes/{made}/result?format=csv").status_code == 200
    assert {row["status"] for row in rows(client, f"/batches/{made}?table=pages&format=json")} == {200}
    problems = rows(client, f"/batches/{made}?table=problems&format=json")
    assert len(problems) == 2 and problems[0]["category"] == "data" and problems[0]["error"]
    assert client.get(f"/batches/{made}?table=problems&format=csv").text.count("\n") == 3


def test_failures_of_a_class_are_a_filter_in_the_address(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    made = batch(house, "/gone", "/lost", "/a")
    work_off()

    assert len(rows(client, f"/batches/{made}?table=problems&format=json&category=data")) == 2
    assert rows(client, f"/batches/{made}?table=problems&format=json&category=network") == []
    assert "Try those of data again" in client.get(f"/batches/{made}?category=data").text
    assert client.get(f"/batches/{made}?category=odd").status_code == 422
    assert client.get(f"/batches/{made}?problems-cursor=x").status_code == 422


def test_pages_have_cursors_to_the_last_one(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    made = batch(house, *(f"/gone{number}" for number in range(7)))
    work_off()
    seen, path = list[str](), f"/batches/{made}?limit=3&table=problems"
    while path:
        text = client.get(path).text
        seen += re.findall(r">[^<]*/(gone\d)</a>", text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""

    assert sorted(seen) == [f"gone{number}" for number in range(7)]


def test_a_batch_is_stopped_and_goes_on(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    made = batch(house, "/a", "/b")
    at = f"/batches/{made}"

    asks = client.post(f"{at}/stop")
    assert asks.status_code == 200 and "2 pages of" in asks.text and ledgers.read(made).state != "stopped"  # type: ignore[union-attr]
    assert "Stopped: 2 pages stay pending" in client.post(f"{at}/stop", data={"confirmed": "1"}, follow_redirects=True).text
    assert "It did not run: it is stopped" in client.post(f"{at}/stop", data={"confirmed": "1"}, follow_redirects=True).text
    work_off()
    assert "Continue" in client.get(at).text
    assert client.post(f"{at}/continue", data={"pages": "x"}).status_code == 422
    assert "It goes on" in client.post(f"{at}/continue", follow_redirects=True).text
    assert [row["id"] for row in rows(client, "/batches?state=live&format=json")] == [made]
    assert rows(client, "/batches?state=ended&format=json") == []
    work_off()
    assert ledgers.read(made).done == 2  # type: ignore[union-attr]
    assert client.post(f"{at}/continue").status_code == 409


def test_failed_pages_are_tried_again_as_a_batch_of_their_own(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    made = batch(house, "/a", "/gone", "/lost")
    work_off()

    asks = client.post(f"/batches/{made}/replay", data={"category": "data"})
    assert "2 pages that failed (data) will be fetched again" in asks.text and "Fetch 2 pages" in asks.text
    done = client.post(f"/batches/{made}/replay", data={"category": "data", "confirmed": "1"})
    child = done.headers["Location"].rpartition("/")[2]
    assert done.status_code == 303 and child != made
    assert f'href="/batches/{made}"' in client.get(f"/batches/{child}").text
    assert client.post(f"/batches/{made}/replay", data={"category": "network"}).status_code == 422


def test_a_scrape_of_one_page_has_the_page_of_its_job(client: FlaskClient) -> None:
    made = queues.submit(jobs.scrape_url, "https://example.com/", {}).job_id

    assert client.get(f"/batches/{made}").headers["Location"] == f"/jobs/{made}"
    assert client.post(f"/batches/{made}/stop", data={"confirmed": "1"}).status_code == 404


@pytest.mark.parametrize("verb", ["stop", "continue", "replay"])
def test_what_is_no_batch_is_404(client: FlaskClient, verb: str) -> None:
    assert client.post(f"/batches/nobody/{verb}", data={"confirmed": "1"}).status_code == 404
    assert client.post(f"/batches/{job_in(JobStatus.COMPLETED)}/{verb}", data={"confirmed": "1"}).status_code == 404


def test_a_viewer_sees_no_button_and_nothing_of_another_key(
    key_client: Callable[..., KeyClient], house: sites.Site, work_off: Work
) -> None:
    viewer, other = key_client("viewer"), key_client("operator")
    with queues.owned_by(other.key.id):
        theirs = batch(house, "/gone")
    with queues.owned_by(viewer.key.id):
        mine = batch(house, "/gone")
    work_off()

    assert [row["id"] for row in rows(viewer, "/batches?format=json")] == [mine]
    assert "<form" not in viewer.get(f"/batches/{mine}").text and "Try failed" in other.get(f"/batches/{theirs}").text
    assert viewer.get(f"/batches/{theirs}").status_code == 404
    assert viewer.post(f"/batches/{mine}/stop", data={"confirmed": "1"}).status_code == 403
    assert other.post(f"/batches/{mine}/stop", data={"confirmed": "1"}).status_code == 404


def test_pages_cost_few_round_trips(client: FlaskClient, house: sites.Site, work_off: Work) -> None:
    made = batch(house, *(f"/gone{number}" for number in range(20)))
    work_off()
    many(60)
    looks.latest(5)
    for path in ("/batches", f"/batches/{made}"):
        with asked() as sent:
            client.get(path)
        assert sent.trips <= 10, path
