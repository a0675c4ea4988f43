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
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["organic_results", "link", "url", "title", "error", "search_information", "ai_overview", "references", "x"]
            ),
            inner,
        )
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


@pytest.mark.parametrize(
    "row",
    [
        {"title": "Without a link"},
        {"title": "Ad", "link": "https://www.google.com/aclk?sa=l&adurl=https://ad.test/"},
        {"title": "Ad", "link": "https://www.googleadservices.com/pagead/aclk?sa=L&adurl=https://ad.test/"},
        {"title": "Ad", "link": "https://ad.test/", "type": "ad"},
        {"title": "Ad", "link": "https://ad.test/", "sponsored": True},
        {"title": "More", "link": "https://www.google.com/search?q=more"},
        {"title": "More", "link": "/search?q=more&udm=2"},
        {"title": "Wrapped", "link": "/url?q=https%3A%2F%2Fwww.google.de%2Fsearch%3Fq%3Dmore"},
        {"title": "Place", "link": "https://www.google.com/maps/place/Oak"},
        {"title": "Places", "link": "https://maps.google.com/maps?q=oak"},
        {"title": "Image", "link": "https://www.google.com/imgres?imgurl=https://a.test/a.png"},
        {"title": "Script", "link": "javascript:void(0)"},
    ],
)
def test_rows_that_lead_nowhere_or_back_to_google_take_no_place(row: dict[str, Any]) -> None:
    mine = {"title": "Mine", "link": "https://www.example.com/"}

    assert [(one.position, one.url) for one in read(organic_results=[row, mine]).organic] == [(1, "https://www.example.com/")]
    assert read(organic_results=[row]).page_class is models.PageClass.PARSE_FAILURE


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps",
        "https://developers.google.com/search",
        "https://www.google.com/advanced_search",
        "https://example.com/search?q=oak",
        "https://example.com/aclk",
    ],
)
def test_a_page_of_googles_that_can_rank_takes_its_place(link: str) -> None:
    assert [one.url for one in read(organic_results=[{"title": "A", "link": link}]).organic] == [link]


def test_a_result_told_twice_in_a_row_is_seen_once() -> None:
    row = {"title": "A", "link": "https://a.test/"}
    marked = {"title": "A", "link": "https://a.test/#:~:text=oak"}
    page = read(organic_results=[row, marked, {"title": "B", "link": "https://b.test/"}, row])

    assert [one.url for one in page.organic] == ["https://a.test/", "https://b.test/", "https://a.test/"]
    assert [one.position for one in page.organic] == [1, 2, 3]


@pytest.mark.parametrize(
    "information",
    [{"total_results": 0}, {"organic_results_state": "Fully empty"}, {"message": "Your search did not match any documents."}],
)
def test_an_empty_list_is_no_results_where_the_answer_says_so(information: dict[str, Any]) -> None:
    assert read(organic_results=[], search_information=information).page_class is models.PageClass.NO_RESULTS


@pytest.mark.parametrize("field", ["query_displayed", "showing_results_for", "spelling_fix", "query", "original_query", "title"])
@pytest.mark.parametrize(
    "words", ["empty leg flights", "no results found for excel", "fully empty", "keine ergebnisse für excel"]
)
def test_what_the_user_typed_is_never_the_services_word(field: str, words: str) -> None:
    page = read(organic_results=[], search_information={field: words}, search_parameters={"q": words})

    assert page.page_class is models.PageClass.PARSE_FAILURE


@pytest.mark.parametrize("query", ["no results found for excel", "No Results  Found For"])
def test_a_message_that_quotes_the_users_words_says_nothing_by_them(query: str) -> None:
    information = {"query_displayed": query, "message": f"Showing results for {query}."}

    assert read(organic_results=[], search_information=information).page_class is models.PageClass.PARSE_FAILURE


@pytest.mark.parametrize(
    "state",
    [
        "Results for exact spelling",
        "Empty showing fixed spelling results",
        "Some results for exact spelling but showing fixed spelling",
        "empty",
        "Not fully empty",
        "no results",
    ],
)
def test_a_state_is_read_exactly(state: str) -> None:
    page = read(organic_results=[], search_information={"organic_results_state": state, "total_results": 0})

    assert page.page_class is models.PageClass.PARSE_FAILURE


SENTENCE = "Google hasn't returned any results for this query."


@pytest.mark.parametrize(
    "sentence", [SENTENCE, SENTENCE.replace("'", "\u2019"), "Google has not returned any results for this query"]
)
def test_googles_own_sentence_in_the_error_is_an_honest_none(sentence: str) -> None:
    assert read(error=sentence).page_class is models.PageClass.NO_RESULTS
    assert (
        read(error=sentence, search_information={"organic_results_state": "Fully empty"}).page_class
        is models.PageClass.NO_RESULTS
    )


@pytest.mark.parametrize(
    "more",
    [
        {"search_information": {"total_results": 1_850_000}},
        {"search_information": {"organic_results_state": "Fully empty", "total_results": "About 12 results"}},
        {"search_information": {"organic_results_state": "Results for exact spelling"}},
        {"related_questions": [{"question": "?"}]},
        {"inline_videos": [{"link": "https://v.test/"}]},
        {"related_searches": [{"query": "oak"}]},
        {"serpapi_pagination": {"current": 1, "next": "https://serpapi.com/search.json?start=10"}},
        {"search_metadata": {"status": "Error"}},
        {"search_metadata": {"status": "Processing"}},
    ],
)
def test_whatever_contradicts_a_none_makes_it_unknown(more: dict[str, Any]) -> None:
    assert read(error=SENTENCE, **more).page_class is models.PageClass.PARSE_FAILURE
    assert read(error=SENTENCE, organic_results=[], **more).page_class is models.PageClass.PARSE_FAILURE


def test_related_searches_stand_beside_a_claim_of_no_results_too() -> None:
    about = {"organic_results_state": "Fully empty", "total_results": 0}
    page = read(organic_results=[], search_information=about, related_searches=[{"query": "oaks"}])

    assert (page.page_class, page.features) == (models.PageClass.NO_RESULTS, {"searches_related"})


@pytest.mark.parametrize("error", ["Your account has run out of searches.", "no results: timeout", {"code": 402}, ["x"]])
def test_an_error_is_neither_a_rank_nor_a_none(error: Any) -> None:
    row = {"title": "A", "link": "https://a.test/"}
    empty = {"organic_results_state": "Fully empty", "total_results": 0}

    for rows in ([], [row]):
        assert read(error=error, organic_results=rows, search_information=empty).page_class is models.PageClass.PARSE_FAILURE
    assert read(error=error, search_information=empty).page_class is models.PageClass.PARSE_FAILURE


@pytest.mark.parametrize(
    "told",
    [
        {"errors": [{"message": "quota"}]},
        {"error_message": "captcha"},
        {"success": False},
        {"status": "error"},
        {"statusCode": 429},
        {"StatusCode": 502},
        {"status_code": 40200},
        {"request_info": {"success": False, "message": "You have used all your credits"}},
        {"requestMetadata": {"status": "failed"}},
    ],
)
def test_a_failure_in_any_form_is_neither_a_rank_nor_a_none(told: dict[str, Any]) -> None:
    none: dict[str, Any] = {"organic_results": [], "search_information": {"total_results": 0}}
    some: dict[str, Any] = {"organic_results": [{"title": "A", "link": "https://example.com/"}]}
    assert read(**none).page_class is models.PageClass.NO_RESULTS
    assert read(**some).page_class is models.PageClass.RESULTS
    assert read(**none | told).page_class is read(**some | told).page_class is models.PageClass.PARSE_FAILURE


@pytest.mark.parametrize(
    "told",
    [{"success": True}, {"status": "ok"}, {"status": 200}, {"status_code": 20000}, {"code": 0}, {"errors": []}, {"error": None}],
)
def test_a_success_in_any_form_changes_nothing(told: dict[str, Any]) -> None:
    page = read(organic_results=[{"title": "A", "link": "https://example.com/"}], **told)
    assert page.page_class is models.PageClass.RESULTS


def test_the_services_own_words_make_a_none_unknown() -> None:
    none: dict[str, Any] = {"organic_results": [], "search_information": {"total_results": 0}}
    assert read(**none, message="captcha detected").page_class is models.PageClass.PARSE_FAILURE


def test_a_flag_for_no_results_makes_those_shown_another_querys() -> None:
    about = {"original_query_yields_zero_results": True}
    rows = [{"title": "A", "link": "https://example.com/"}]
    assert read(organic_results=rows, search_information=about).organic == ()
    assert read(organic_results=[], search_information=about | {"total_results": 0}).page_class is models.PageClass.NO_RESULTS


@pytest.mark.parametrize("name", ["organic", "organicResults"])
def test_names_of_other_services_are_known(name: str) -> None:
    rows = [{"title": "A", "link": "https://a.test/", "position": 1}, {"title": "B", "url": "https://b.test/", "rank": 2}]
    page = read(**{name: rows, "searchParameters": {"q": "oak"}, "peopleAlsoAsk": [{"question": "?"}]})
    assert ([one.url for one in page.organic], page.query) == (["https://a.test/", "https://b.test/"], "oak")
    assert "people_also_ask" in page.features


def test_an_answer_alone_is_no_failure_and_no_list_of_results() -> None:
    empty = {"organic_results_state": "Fully empty"}
    answer = {"answer_box": {"type": "calculator_result", "result": "3"}}

    assert read(search_information=empty, **answer).page_class is models.PageClass.ANSWER_ONLY
    assert read(search_information=empty, local_results=[{"title": "Oak"}]).page_class is models.PageClass.ANSWER_ONLY
    assert (
        read(search_information=empty, related_searches=[{"query": "x"}], **answer).page_class is models.PageClass.PARSE_FAILURE
    )
    assert read(organic_results=[], **answer).page_class is models.PageClass.PARSE_FAILURE


def test_the_query_and_its_correction_come_along() -> None:
    rows = [{"title": "A", "link": "https://a.test/"}]
    plain = read(organic_results=rows, search_parameters={"q": "oak  table"})
    shown = read(organic_results=rows, search_parameters={"q": "oka"}, search_information={"query_displayed": "jay"})
    fixed = {"query_displayed": "oka", "showing_results_for": "oak", "spelling_fix": "oak"}
    same = {"query_displayed": "Oak", "spelling_fix": "oak"}
    offered = {**fixed, "organic_results_state": "Showing results for exact spelling despite spelling suggestion"}

    assert (plain.query, shown.query, read(organic_results=rows).query) == ("oak table", "jay", None)
    assert read(organic_results=rows, search_information=fixed).is_corrected
    assert not read(organic_results=rows, search_information=same).is_corrected
    assert not read(organic_results=rows, search_information=offered).is_corrected


@pytest.mark.parametrize("key", ["references", "sources", "citations"])
def test_the_sources_of_the_overview_come_along_each_once(key: str) -> None:
    links = [
        {"link": "https://a.test/#:~:text=x"},
        {"url": "https://b.test/"},
        {"link": "https://a.test/"},
        "https://c.test/",
        7,
        {},
    ]
    page = read(organic_results=[{"title": "A", "link": "https://x.test/"}], ai_overview={key: links})

    assert page.cited == ("https://a.test/", "https://b.test/", "https://c.test/")


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

    assert page.page_class is models.PageClass.PARSE_FAILURE or b'"' in body


@pytest.mark.parametrize("mark", [{"sponsored": "true"}, {"is_ad": 1}])
def test_an_ad_is_marked_in_several_ways(mark: dict[str, object]) -> None:
    rows = [{"title": "Ad", "link": "https://b.test/", **mark}, {"title": "M", "link": "https://a.test/"}]
    assert [one.url for one in serp_json.parse_plugin(json.dumps({"organic_results": rows})).organic] == ["https://a.test/"]


def test_results_of_the_query_without_its_quotes_are_not_its_results() -> None:
    about = {"query_displayed": '"abc xyz"', "message": 'No results found for "abc xyz". Results for abc xyz (without quotes):'}
    body = {"search_information": about, "organic_results": [{"title": "M", "link": "https://a.test/"}]}
    assert not serp_json.parse_plugin(json.dumps(body)).organic


def test_a_link_without_a_scheme_is_an_address_and_no_page_of_google() -> None:
    rows = [{"title": "M", "link": "example.com/x"}, {"title": "N", "link": "www.b.test"}, {"title": "O", "link": "/search?q=a"}]
    found = serp_json.parse_plugin(json.dumps({"organic_results": rows})).organic
    assert [one.url for one in found] == ["https://example.com/x", "https://www.b.test"]
