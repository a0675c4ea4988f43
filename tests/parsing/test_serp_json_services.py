"""What services other than Scrape.do write differently in an answer of the same form."""

from typing import Any

import pytest

import models
from parsing import serp_json
from tests.parsing.test_serp_json import read


@pytest.mark.parametrize("kind", ["people_also_ask", "Local Pack", "top_stories", "ai_overview", "paid", "images"])
def test_a_block_listed_among_the_results_takes_no_place(kind: str) -> None:
    rows = [{"type": kind, "title": "B", "link": "https://b.test/"}, {"type": "organic", "title": "M", "link": "https://a.test/"}]
    assert [(one.position, one.url) for one in read(organic_results=rows).organic] == [(1, "https://a.test/")]


@pytest.mark.parametrize("mark", [{"ad": True}, {"isSponsored": True}, {"rank": -1}, {"position": -2}])
def test_an_ad_or_an_answer_marked_in_its_row_takes_no_place(mark: dict[str, Any]) -> None:
    rows = [{"title": "B", "link": "https://b.test/", **mark}, {"rank": 1, "title": "M", "link": "https://a.test/"}]
    assert [one.url for one in read(organic_results=rows).organic] == ["https://a.test/"]


@pytest.mark.parametrize("kind", ["organic", "video", "featured_snippet", "result", None])
def test_a_result_of_any_kind_takes_its_place(kind: str | None) -> None:
    rows = [{"type": kind, "title": "B", "link": "https://b.test/"}, {"title": "M", "link": "https://a.test/"}]
    assert len(read(organic_results=rows).organic) == 2


@pytest.mark.parametrize(
    "about", [{"organic_results_state": "Empty showing fixed spelling results"}, {"original_query_yields_zero_results": True}]
)
def test_a_query_without_results_has_none_though_those_of_another_are_shown(about: dict[str, Any]) -> None:
    rows = [{"title": "M", "link": "https://a.test/"}]
    page = read(organic_results=rows, search_information=about | {"query_displayed": "oka", "showing_results_for": "oak"})
    assert (page.page_class, page.organic, page.is_corrected) == (models.PageClass.NO_RESULTS, (), True)


@pytest.mark.parametrize("part", [("search_parameters", "q"), ("general", "query"), ("query", "q"), ("searchQuery", "term")])
def test_the_query_is_found_where_each_service_repeats_it(part: tuple[str, str]) -> None:
    rows = [{"title": "M", "link": "https://a.test/"}]
    assert read(organic_results=rows, **{part[0]: {part[1]: "oak"}}).query == "oak"


def test_a_corrected_query_shown_in_both_places_is_a_correction() -> None:
    rows = [{"title": "M", "link": "https://a.test/"}]
    about = {"query_displayed": "oak", "showing_results_for": "oak"}
    assert read(organic_results=rows, search_parameters={"q": "oka"}, search_information=about).is_corrected
    assert not read(organic_results=rows, search_parameters={"q": "oak"}, search_information=about).is_corrected


def test_a_mark_of_byte_order_before_a_text_is_no_failure() -> None:
    assert serp_json.parse_plugin('\ufeff{"organic": [{"title": "M", "link": "https://a.test/"}]}').organic
