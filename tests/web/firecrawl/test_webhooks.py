"""Webhooks of crawls and batches as Firecrawl's clients ask for them, from the request to the receiver."""

from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from tests.local.real import until
from tests.topics.scraping.site import Site, page
from tests.topics.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.usefixtures("beside")


def told(receiver: Receiver, last: str) -> list[dict[str, Any]]:
    """Everything up to the end."""
    until(lambda: last in receiver.types())
    return [one.json for one in receiver.received]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_crawl_tells_its_start_each_page_and_its_end(client: FlaskClient, site: Site, version: str) -> None:
    site.pages["/"] = page("Home", "/a")
    site.pages["/a"] = page("A")
    with receiving() as receiver, config.overridden(fetch_allow_networks="127.0.0.0/8"):
        webhook = {"url": receiver.url, "metadata": {"order": "7"}, "headers": {"X-Mine": "1"}}
        given = {"url": f"{site.url}/", "webhook": webhook, "scrapeOptions": {"formats": ["markdown"]}}
        made = client.post(f"/{version}/crawl", json=given).get_json()
        bodies = told(receiver, "crawl.completed")
        until(lambda: receiver.types().count("crawl.page") >= 2)
    assert {body["id"] for body in bodies} == {made["id"]}
    assert {body["type"] for body in bodies} == {"crawl.started", "crawl.page", "crawl.completed"}
    assert all(body["metadata"] == {"order": "7"} for body in bodies)
    pages = {
        body["data"][0]["metadata"]["sourceURL"].removeprefix(site.url): body for body in bodies if body["type"] == "crawl.page"
    }
    assert pages["/"]["success"] is True and "Home" in pages["/"]["data"][0]["markdown"]
    assert "rawHtml" not in pages["/"]["data"][0]
    assert all(one.headers["x-mine"] == "1" for one in receiver.received)


def test_a_batch_tells_what_was_asked_for_and_nothing_else(client: FlaskClient, site: Site) -> None:
    site.pages["/a"] = page("A")
    with receiving() as receiver, config.overridden(fetch_allow_networks="127.0.0.0/8"):
        given = {"urls": [f"{site.url}/a"], "webhook": {"url": receiver.url, "events": ["completed"]}}
        made = client.post("/v2/batch/scrape", json=given).get_json()
        [body] = told(receiver, "batch_scrape.completed")
    assert (body["success"], body["id"], body["data"]) == (True, made["id"], [])


def test_a_request_that_is_sent_again_is_told_of_once(client: FlaskClient, site: Site) -> None:
    site.pages["/a"] = page("A")
    with receiving() as receiver, config.overridden(fetch_allow_networks="127.0.0.0/8"):
        given = {"urls": [f"{site.url}/a"], "webhook": {"url": receiver.url, "events": ["completed"]}}
        ids = {client.post("/v2/batch/scrape", json=given, headers={"x-idempotency-key": "k"}).get_json()["id"] for _ in "123"}
        assert len(ids) == 1
        assert len(told(receiver, "batch_scrape.completed")) == 1
