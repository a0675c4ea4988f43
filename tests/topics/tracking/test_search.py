"""A search that tracks nothing: as many pages as its hits need, each address once, and no money while nobody may fetch."""

import json

import pytest

import clock
import errors
import models
from state.engine import pauses
from state.scraping import pages
from state.tracking import halts
from tests import fakes
from topics.tracking import search

QUERY = models.SerpQuery("red oak", "de", "de", location="Berlin,Germany")


def found(limit: int = 10) -> list[dict[str, object]]:
    """The hits of a search, as they are kept."""
    told = search.run(QUERY, limit)
    kept = pages.result(told["result"])
    assert kept is not None
    record = json.loads(kept)
    assert record["query"] == "red oak" and told["count"] == len(record["hits"])
    hits: list[dict[str, object]] = record["hits"]
    return hits


@pytest.mark.parametrize(("limit", "asked"), [(1, 1), (10, 1), (11, 2), (35, 4)])
def test_as_many_pages_are_bought_as_the_hits_need(monkeypatch: pytest.MonkeyPatch, limit: int, asked: int) -> None:
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    hits = found(limit)
    assert [hit["position"] for hit in hits] == list(range(1, limit + 1)) and len(provider.asked) == asked
    assert provider.queries[0] == QUERY and hits[0] == {"url": "https://other0.test/page", "title": "Title 1", "position": 1}


def test_a_search_ends_where_nothing_new_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = fakes.use(monkeypatch, fakes.page_of_others(0))
    assert len(found(100)) == 10 and len(provider.asked) == 2


def test_an_opaque_link_is_opened_and_left_out_where_it_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    links = [("/goto?u=a", "a.test"), ("/goto?u=b", "b.test"), "https://c.test/"]
    provider, _ = fakes.use(monkeypatch, fakes.serp(links))
    opened = "https://www.google.com/goto?u="
    provider.links = {f"{opened}a": "https://a.test/x", f"{opened}b": errors.NetworkError("away")}
    assert [hit["url"] for hit in found()] == ["https://a.test/x", "https://c.test/"]


def test_a_wall_on_the_first_page_is_an_error_and_on_a_later_one_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(0) if start == 0 else fakes.STRANGE)
    assert len(found(30)) == 10
    fakes.use(monkeypatch, fakes.STRANGE)
    with pytest.raises(errors.ParseFailure):
        search.run(QUERY, 10)


def test_nothing_is_bought_while_the_provider_is_paused_or_refuses_us(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = fakes.use(monkeypatch, fakes.page_of_others(0))
    halts.halt("scrapedo", "no credits")
    with pytest.raises(errors.ConfigError, match="no credits"):
        search.run(QUERY, 10)
    halts.resume()
    monkeypatch.setattr(pauses, "why", lambda scopes: pauses.Pause("provider:scrapedo", "by hand", "ada", clock.now()))
    with pytest.raises(errors.NotNow):
        search.run(QUERY, 10)
    assert provider.asked == []
