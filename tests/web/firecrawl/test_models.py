"""The formats json and summary where a language model is configured: who made them stands in the document."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from tests.clients.llm import server
from tests.clients.llm.conftest import model, settings_of
from tests.topics.scraping.site import Site, page
from topics import budgets

__all__ = ["model"]

pytestmark = pytest.mark.usefixtures("beside")

TEXT = "The Oak chair is made by Miller in Bonn. It is brown and costs 120 euros. " * 5


@pytest.fixture
def asked(model: server.Model) -> Iterator[server.Model]:
    with config.overridden(**settings_of(model, "openai")):
        yield model


@pytest.fixture
def home(site: Site) -> str:
    site.pages["/"] = page("Shop", text=TEXT)
    return f"{site.url}/"


def scraped(client: FlaskClient, url: str, version: str = "v2", **given: Any) -> dict[str, Any]:
    reply = client.post(f"/{version}/scrape", json={"url": url, **given})
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.get_json()["data"]
    return document


@pytest.mark.parametrize(
    ("version", "given"),
    [
        ("v2", {"formats": [{"type": "json", "prompt": "Who makes it?"}]}),
        ("v1", {"formats": ["json"], "jsonOptions": {"prompt": "Who makes it?"}}),
        ("v1", {"formats": ["extract"], "extract": {"prompt": "Who makes it?", "schema": {"properties": {"maker": {}}}}}),
    ],
)
def test_a_prompt_is_answered(client: FlaskClient, asked: server.Model, home: str, version: str, given: dict[str, Any]) -> None:
    asked.will(server.says(data={"maker": "Miller"}))
    found = scraped(client, home, version, **given)
    assert found["json"] == {"maker": "Miller"} and "warning" not in found
    assert (found["metadata"]["jsonBy"]["by"], found["metadata"]["jsonBy"]["cost_micro_usd"]) == ("llm", 600)
    system = asked.asked[0]["messages"][0]["content"]
    assert "Who makes it?" in system and "Miller" not in system


def test_a_summary_says_who_made_it(client: FlaskClient, asked: server.Model, home: str) -> None:
    asked.will(server.says(data={"summary": "A brown chair."}))
    found = scraped(client, home, formats=["summary"])
    assert found["summary"] == "A brown chair." and found["metadata"]["summaryBy"]["model"] == "a-model-1"
    asked.will(server.status(529, {}, {"Retry-After": "600"}))
    again = scraped(client, home, formats=["summary"])
    assert again["summary"].startswith("The Oak chair") and again["metadata"]["summaryBy"]["by"] == "rules"
    assert "busy" in again["warning"]


def test_a_used_up_budget_leaves_it_to_the_rules_and_says_so(client: FlaskClient, asked: server.Model, home: str) -> None:
    budgets.set_limit("system", micro_usd=10)
    found = scraped(client, home, formats=[{"type": "json", "prompt": "Who?"}])
    assert "json" not in found and "budget_exhausted" in found["warning"] and asked.asked == []


def test_a_prompt_for_many_pages_is_refused(client: FlaskClient, asked: server.Model, home: str) -> None:
    given = {"formats": [{"type": "json", "prompt": "Who?"}]}
    batch = client.post("/v2/batch/scrape", json={"urls": [home], **given})
    crawl = client.post("/v2/crawl", json={"url": home, "scrapeOptions": given})
    for reply in (batch, crawl):
        assert reply.status_code == 400 and "single" in reply.get_json()["error"], reply.text
        assert reply.get_json()["code"] == "UNSUPPORTED_OPTION" and reply.get_json()["details"][0]["path"] == ["formats"]


def test_without_a_model_the_settings_that_make_one_are_named(client: FlaskClient, home: str) -> None:
    reply = client.post("/v2/scrape", json={"url": home, "formats": [{"type": "json", "prompt": "Who?"}]})
    assert reply.status_code == 400 and "LLM_API_KEY" in reply.get_json()["error"]
