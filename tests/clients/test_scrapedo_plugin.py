"""Scrape.do's Google Search plugin: results as JSON."""

import json
from collections.abc import Iterator

import pytest
import responses
from pydantic import SecretStr

import clock
import errors
import models
from clients.serp import scrapedo_plugin
from sandbox import seals, server

TOKEN = "s3cr3t-token"
QUERY = models.SerpQuery("best running shoes", country="uk", language="en", device="mobile")


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wait", lambda seconds: None)


@pytest.fixture
def sandbox() -> Iterator[server.Sandbox]:
    with server.Sandbox(token=TOKEN) as running:
        yield running


@pytest.fixture
def provider(sandbox: server.Sandbox) -> Iterator[scrapedo_plugin.ScrapeDoPlugin]:
    provider = scrapedo_plugin.ScrapeDoPlugin(sandbox.url, SecretStr(TOKEN), timeout_s=20)
    yield provider
    provider.api.close()


def test_a_page_is_asked_for_as_the_plugin_documents_it(
    provider: scrapedo_plugin.ScrapeDoPlugin, sandbox: server.Sandbox
) -> None:
    provider.page(QUERY, start=30)

    seen = sandbox.requests[-1]
    assert seen.path == "/plugin/google/search"
    assert seen.params == {"q": "best running shoes", "hl": "en", "gl": "gb", "device": "mobile", "start": "30"}


def test_the_reply_is_json_with_its_price_and_without_the_token(
    provider: scrapedo_plugin.ScrapeDoPlugin, sandbox: server.Sandbox
) -> None:
    reply = provider.page(QUERY, start=0)

    rows = json.loads(reply.body)["organic_results"]
    assert [row["position"] for row in rows] == list(range(1, 11))
    assert (reply.format, reply.cost, reply.remaining) == ("json", 10, 999_990)
    assert reply.url.startswith(sandbox.url + "/plugin/google/search?q=best")
    assert TOKEN not in repr(reply)


@pytest.mark.parametrize("body", ["<html>", "", "[]", '"text"', '{"organic_results": [', '{"a":' * 10_000], ids=str.__len__)
@responses.activate
def test_a_200_that_is_no_object_is_a_network_error(body: str) -> None:
    responses.get("https://api.scrape.do/plugin/google/search", body=body)

    with pytest.raises(errors.NetworkError, match="JSON"):
        scrapedo_plugin.ScrapeDoPlugin("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)


def test_refusals_are_those_of_the_service(provider: scrapedo_plugin.ScrapeDoPlugin, sandbox: server.Sandbox) -> None:
    sandbox.force("busy", "failed")
    provider.page(QUERY, start=0)
    sandbox.force("no_credits")
    with pytest.raises(errors.OutOfCredits):
        provider.page(QUERY, start=0)
    with pytest.raises(errors.ArgumentError):
        provider.page(QUERY, start=7)
    assert sandbox.counts == {"busy": 1, "failed": 1, "plugin": 1, "no_credits": 1}


def test_links_and_account_go_through_the_same_service(provider: scrapedo_plugin.ScrapeDoPlugin, sandbox: server.Sandbox) -> None:
    assert provider.resolve(seals.seal("https://example.com/", 0)) == "https://example.com/"
    assert provider.probe().active
    assert [seen.path for seen in sandbox.requests] == ["/", "/info"]
