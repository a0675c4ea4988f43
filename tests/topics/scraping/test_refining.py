"""Summary, entities and the object of a schema by a language model where one is there, else by rules; the result says by whom."""

from collections.abc import Iterator
from typing import Any

import pytest

import config
import errors
from jobs import scrape
from tests.clients.llm import server
from tests.clients.llm.conftest import model, settings_of
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, page
from topics import budgets
from topics.scraping import crawl, processing, single, views

__all__ = ["model"]

pytestmark = pytest.mark.usefixtures("polite")

LD = '<script type="application/ld+json">{"@type":"Product","name":"Oak","sku":"7"}</script>'
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}, "sku": {"type": "string"}, "colour": {"type": "string"}}}
TEXT = "The Oak chair is made by Miller in Bonn. It is brown and costs 120 euros, and it is for sale in May. " * 4


@pytest.fixture
def asked(model: server.Model) -> Iterator[server.Model]:
    with config.overridden(**settings_of(model, "anthropic")):
        yield model


def scraped(site: Site, work_off: Work, **options: Any) -> dict[str, Any]:
    site.pages["/"] = page("Shop", text=TEXT, head=LD)
    made = single.submit(scrape.scrape_url, site.url, QUICK | options)
    [result] = work_off()
    assert not isinstance(result, Exception), result
    found = views.look(made.job_id).result
    assert found is not None
    return found


def test_by_rules_the_result_says_so(site: Site, work_off: Work) -> None:
    found = scraped(site, work_off, json_schema=SCHEMA, extract_summary=True)
    assert found["json"] == {"name": "Oak", "sku": "7"} and found["json_missing"] == ["colour"]
    assert found["json_by"] == found["summary_by"] == {"by": "rules"}


def test_a_model_fills_what_rules_do_not_find(asked: server.Model, site: Site, work_off: Work) -> None:
    asked.will(
        server.says(data={"summary": "A brown chair."}), server.says(data={"name": "Oak chair", "colour": "brown", "sku": None})
    )
    found = scraped(site, work_off, json_schema=SCHEMA, extract_summary=True, extract_content=False)
    assert found["summary"] == "A brown chair." and found["summary_by"]["by"] == "llm"
    assert found["json"] == {"name": "Oak chair", "sku": "7", "colour": "brown"} and found["json_missing"] == []
    assert found["json_by"]["model"] == "a-model-1" and found["json_by"]["cost_micro_usd"] == 600
    assert "Miller" in asked.asked[1]["messages"][0]["content"]
    assert budgets.show("system").micro_usd.spent == 1200


def test_where_the_model_fails_rules_do_it_and_say_why(asked: server.Model, site: Site, work_off: Work) -> None:
    asked.will(server.status(500, {"error": {"message": "broken"}}))
    found = scraped(site, work_off, json_schema=SCHEMA)
    assert found["json"]["name"] == "Oak" and found["json_by"]["by"] == "rules" and "broken" in found["json_by"]["why"]


def test_without_budget_a_scrape_is_read_by_rules(asked: server.Model, site: Site, work_off: Work) -> None:
    budgets.set_limit("system", micro_usd=10)
    found = scraped(site, work_off, json_schema=SCHEMA)
    assert "budget_exhausted" in found["json_by"]["why"] and asked.asked == []


def test_words_ask_for_any_object(asked: server.Model, site: Site, work_off: Work) -> None:
    asked.will(server.says(data={"maker": "Miller"}))
    found = scraped(site, work_off, json_prompt="Who makes it?")
    assert found["json"] == {"maker": "Miller"} and "Who makes it?" in asked.asked[0]["system"]


def test_words_need_a_model_and_a_single_page(model: server.Model) -> None:
    with pytest.raises(errors.ArgumentError, match="LLM_API_KEY"):
        single.submit(scrape.scrape_url, "https://a.example/", {"json_prompt": "x"})
    with config.overridden(**settings_of(model, "openai")), pytest.raises(errors.ArgumentError, match="single"):
        crawl.plan_batch(scrape.scrape_batch, ["https://a.example/"], {"json_prompt": "x"})


def test_content_is_digested(asked: server.Model) -> None:
    named = [{"kind": "organization", "text": "Miller"}, {"kind": "place", "text": "Paris"}]
    asked.will(server.says(data={"summary": "A chair.", "entities": named}), server.says(data={"colour": "brown"}))
    found = processing.run(f"<title>Shop</title><p>{TEXT}</p>", "https://a.example/", schema=SCHEMA)
    assert found["summary"] == ["A chair."] and {"kind": "organization", "text": "Miller", "source": "llm"} in found["entities"]
    assert "Paris" not in str(found["entities"])
    assert found["json"]["colour"] == "brown" and found["json_by"]["by"] == found["summary_by"]["by"] == "llm"


def test_content_waits_for_its_budget(asked: server.Model) -> None:
    budgets.set_limit("system", micro_usd=10)
    with pytest.raises(errors.NotNow, match="budget_exhausted"):
        processing.run(TEXT, content_type="text")


def test_content_by_rules(work_off: Work) -> None:
    found = processing.run(f"<title>Shop</title>{LD}<p>{TEXT}</p>", schema=SCHEMA)
    assert found["json"] == {"name": "Oak", "sku": "7"} and found["summary"] and found["json_by"] == {"by": "rules"}
    text = processing.run(TEXT, content_type="text", schema=SCHEMA)
    assert text["json"] == {} and text["json_missing"] == ["name", "sku", "colour"]
