"""The SERP plugin's JSON: any shape gives a page, and a rank is never made up."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from parsing import serp_json

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["organic_results", "link", "url", "title", "x"]), inner)
    ),
    max_leaves=20,
)


def read(**data: Any) -> models.SerpPage:
    return serp_json.parse_plugin(json.dumps(data))


def test_positions_that_restart_are_counted_on() -> None:
    page = read(
        organic_results=[
            {"position": 1, "title": "A", "link": "https://a.com/"},
            {"position": 1, "title": "B", "link": "https://b.com/"},
        ]
    )

    assert [(result.position, result.url) for result in page.organic] == [(1, "https://a.com/"), (2, "https://b.com/")]


def test_link_and_url_are_both_read_and_unwrapped() -> None:
    page = read(
        organic_results=[
            {"title": "A", "url": "https://www.google.com/url?q=https://a.com/"},
            {"title": "B", "link": "/goto?url=CAES", "displayed_link": "https://b.com › x"},
        ]
    )

    assert page.organic[0].url == "https://a.com/"
    assert (page.organic[1].url, page.organic[1].displayed_host) == (None, "b.com")


def test_a_result_without_link_keeps_its_place() -> None:
    page = read(organic_results=[{"title": "A"}, {"title": "B", "link": "https://b.com/"}])

    assert [(result.position, result.url) for result in page.organic] == [(1, None), (2, "https://b.com/")]


@pytest.mark.parametrize(
    "information",
    [{"total_results": 0}, {"organic_results_state": "Fully empty"}, {"message": "Your search did not match any documents."}],
)
def test_an_empty_list_is_no_results_where_the_answer_says_so(information: dict[str, Any]) -> None:
    assert read(organic_results=[], search_information=information).page_class is models.PageClass.NO_RESULTS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"error": "x"}',
        b'{"organic_results": []}',
        b'{"organic_results": [{}]}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_broken_answer_is_a_parse_failure(body: bytes) -> None:
    assert serp_json.parse_plugin(body).page_class is models.PageClass.PARSE_FAILURE


def test_features_and_total_come_along() -> None:
    page = read(
        organic_results=[{"title": "A", "link": "https://a.com/"}],
        top_ads=[{"title": "x"}],
        related_questions=[{"question": "?"}],
        related_searches=[],
        search_information={"total_results": "About 1,230"},
    )

    assert page.features == {"ad", "people_also_ask", "general"}
    assert page.total_results == 1230


@given(JSON)
def test_any_json_gives_a_page(data: Any) -> None:
    page = serp_json.parse_plugin(json.dumps(data))

    assert (page.page_class is models.PageClass.RESULTS) == bool(page.organic)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_parse_failure_unless_they_are_json_of_the_plugin(body: bytes) -> None:
    page = serp_json.parse_plugin(body)

    assert page.page_class is models.PageClass.PARSE_FAILURE or b'"organic_results"' in body
