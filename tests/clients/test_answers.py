"""An error inside a 200 is the service's error, with its words; a result that merely contains such words is a result."""

import json
from typing import Any

import pytest
import responses

import errors
import models
from clients.serp import scrapedo
from tests.clients.stage import QUERY, TOKEN, on_plugin, on_scrapedo

pytestmark = pytest.mark.usefixtures("waits")

Body = dict[str, Any] | str
FROM_TARGET = {"Scrape.do-Initial-Status-Code": "200"}


def answering(body: Body, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
    """Let the service answer so, on both paths."""
    text = body if isinstance(body, str) else json.dumps(body)
    for path in ("/", "/plugin/google/search"):
        responses.get(f"https://api.scrape.do{path}", status=status, body=text, headers=headers or {})


def page(plugin: bool, query: models.SerpQuery = QUERY) -> models.SerpReply:
    provider: scrapedo.ScrapeDo = on_plugin() if plugin else on_scrapedo()
    return provider.page(query, start=0)


INSIDE: list[tuple[Body, type[errors.TrawlError], str]] = [
    ({"StatusCode": 401, "Message": ["No credits left this month"]}, errors.OutOfCredits, "No credits left this month"),
    ({"StatusCode": 401, "Message": ["Unauthorized: the token is invalid"]}, errors.BadToken, "the token is invalid"),
    ({"StatusCode": "402", "Message": "Please pay"}, errors.OutOfCredits, "Please pay"),
    ({"StatusCode": 403, "Message": ["Forbidden"]}, errors.BadToken, "Forbidden"),
    ({"StatusCode": 429, "Message": ["You are sending too many requests"]}, errors.ProviderBusy, "too many"),
    ({"StatusCode": 502, "Message": ["Request failed"], "ErrorType": "ProxyError"}, errors.NetworkError, "Request failed"),
    ({"StatusCode": 400, "Message": ["geoCode is not supported"]}, errors.DataError, "geoCode"),
    ({"error": "Failed to retrieve maps results."}, errors.NetworkError, "Failed to retrieve"),
    ({"error": "Your account has run out of searches."}, errors.OutOfCredits, "run out of searches"),
    ({"error": "Invalid API key. Your API key should be here"}, errors.BadToken, "Invalid API key"),
    ({"error": {"code": 401, "message": "Account suspended"}}, errors.OutOfCredits, "Account suspended"),
    ({"errors": [{"message": "token is missing"}]}, errors.BadToken, "token is missing"),
    ({"message": "Unauthorized.", "success": False}, errors.BadToken, "Unauthorized"),
    ({"success": False, "message": "internal failure"}, errors.NetworkError, "internal failure"),
    ({"request_info": {"success": False, "message": "No credits remain"}}, errors.OutOfCredits, "No credits remain"),
    ({"status_code": 40200, "status_message": "Payment Required."}, errors.OutOfCredits, "Payment Required"),
    ({"status": "error", "msg": "backend away"}, errors.NetworkError, "backend away"),
    ({"statusCode": 503, "message": "Service Unavailable"}, errors.NetworkError, "Service Unavailable"),
    ({"message": "Not enough credits", "statusCode": 400}, errors.OutOfCredits, "Not enough credits"),
    ({"message": "Monthly API calls limit reached: 1000"}, errors.NetworkError, "calls limit reached"),
    ({"detail": "Not authenticated"}, errors.NetworkError, "Not authenticated"),
    ({"errorMessage": "Task timed out after 30 seconds", "errorType": "Timeout"}, errors.NetworkError, "Task timed out"),
    ({"ErrorCode": 401, "ErrorMessage": "No credits left"}, errors.OutOfCredits, "No credits left"),
    ({"ok": False, "reason": "no credits left"}, errors.OutOfCredits, "no credits left"),
    ('[{"StatusCode": 401, "Message": ["No credits left"]}]', errors.OutOfCredits, "No credits left"),
    ({"organic_results": [], "StatusCode": 401, "Message": ["no credits"]}, errors.OutOfCredits, "no credits"),
    ({"organic_results": [], "error": "Your credits are used up"}, errors.OutOfCredits, "credits are used up"),
]

PAGES: list[tuple[Body, type[errors.TrawlError], str]] = [
    (
        '<html><body><pre>{"StatusCode":401,"Message":["No credits left"]}</pre></body></html>',
        errors.OutOfCredits,
        "No credits left",
    ),
    ("upstream request timeout", errors.NetworkError, "upstream request timeout"),
    ("error code: 1015", errors.NetworkError, "error code: 1015"),
    (
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>nginx</body></html>",
        errors.NetworkError,
        "502",
    ),
    ("<title>api.scrape.do | 504: Gateway time-out</title><body>Error 504</body>", errors.NetworkError, "504"),
    ("<title>shop.test | 522: Connection timed out</title><p>Cloudflare's network</p>", errors.NetworkError, "522"),
    ("<html><head>\n<title>502 Server Error</title>\n</head><h1>Error: Server Error</h1></html>", errors.NetworkError, "502"),
    ("<html><body><h1>Service Unavailable</h1></body></html>", errors.NetworkError, "Service Unavailable"),
    ("<title>Error 401</title><p>No credits left</p>", errors.OutOfCredits, "No credits left"),
    ("<html><title>Unauthorized</title><h1>Token not found</h1></html>", errors.BadToken, "Token not found"),
    ("<h1>402 Payment Required</h1>", errors.OutOfCredits, "402"),
    ("502 Bad Gateway", errors.NetworkError, "502"),
    ("error code: 503", errors.NetworkError, "503"),
    ("No credits left", errors.OutOfCredits, "No credits left"),
    ("upstream: Unauthorized token", errors.BadToken, "Unauthorized token"),
]


@pytest.mark.parametrize("plugin", [False, True])
@pytest.mark.parametrize("headers", [{}, FROM_TARGET], ids=["", "target"])
@pytest.mark.parametrize(("body", "error", "words"), INSIDE)
@responses.activate
def test_an_error_object_inside_a_200_is_the_services_error(
    body: Body, error: type[errors.TrawlError], words: str, headers: dict[str, str], plugin: bool
) -> None:
    answering(body, headers=headers)
    with pytest.raises(errors.TrawlError, match="inside a 200") as caught:
        page(plugin)
    assert type(caught.value) is error and words in str(caught.value)
    assert len(responses.calls) == 1, "a 200 is charged: it is not asked for again at once"


@pytest.mark.parametrize(("body", "error", "words"), PAGES)
@responses.activate
def test_a_gateways_error_page_inside_a_200_is_the_services_error(body: Body, error: type[errors.TrawlError], words: str) -> None:
    answering(body)
    with pytest.raises(errors.TrawlError, match="inside a 200") as caught:
        page(plugin=False)
    assert type(caught.value) is error and words in str(caught.value)


GOOGLE = (
    '<html><head><title>{0} - Google Search</title></head><body><textarea name="q">{0}</textarea>'
    '<div id="rso">{1}</div></body></html>'
)
ROW = {"position": 1, "title": "401 Unauthorized: no credits left", "link": "https://example.com/"}

RESULTS: list[tuple[bool, Body]] = [
    (True, {"organic_results": [ROW]}),
    (True, {"organic_results": [ROW], "error": "ads could not be read"}),
    (True, {"organic_results": [ROW], "message": "no credits", "status": "error"}),
    (True, {"search_parameters": {"q": "error 401"}, "organic_results": [ROW], "pagination": {"error": "none"}}),
    (True, {"organic_results": [], "error": "Google hasn't returned any results for this query."}),
    (True, {"organic_results": [], "search_information": {"organic_results_state": "Fully empty"}}),
    (True, {"error": "Google hasn\u2019t returned any results for this query."}),
    (
        True,
        {
            "search_metadata": {"status": "Success"},
            "search_information": {"organic_results_state": "Fully empty", "query_displayed": "no credits left"},
            "error": "Google hasn't returned any results for this query.",
        },
    ),
    (True, {"search_information": {"query_displayed": "no credits left"}, "status": "Success", "code": 200}),
    (False, GOOGLE.format("502 bad gateway", "how to mend it")),
    (False, GOOGLE.format("unauthorized", "no credits left, token invalid")),
    (False, "<title>502 bad gateway</title><div id='search'>results</div>"),
    (False, "<title>402 Google Suche</title>"),
    (False, "<title>4020 products</title><p>No credits left</p>"),
    (False, "<html><body><p>an ordinary page about tokens and credits</p></body></html>"),
    (False, "<h1>500</h1>" + "x" * (65 * 1024)),
]


@pytest.mark.parametrize(("plugin", "body"), RESULTS)
@responses.activate
def test_what_merely_contains_such_words_is_a_result(plugin: bool, body: Body) -> None:
    answering(body)
    assert page(plugin).body


@responses.activate
def test_a_page_that_came_from_the_target_is_no_error_of_the_service() -> None:
    answering("<title>403 Forbidden</title>", headers=FROM_TARGET)
    assert page(plugin=False).body
    answering("<title>403 Forbidden</title>", status=403, headers={"Scrape.do-Initial-Status-Code": "403"})
    assert page(plugin=False).body


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (402, "", errors.OutOfCredits),
        (402, {"Message": ["token of an unpaid account"]}, errors.OutOfCredits),
        (403, "", errors.BadToken),
        (403, {"Message": ["Your subscription has expired"]}, errors.OutOfCredits),
        (429, {"error": "Your account has run out of searches."}, errors.OutOfCredits),
        (429, {"Message": ["too many requests: upgrade your subscription"]}, errors.ProviderBusy),
        (400, {"Message": ["cannot read q=credit cards"]}, errors.DataError),
        (500, {"Message": ["credit service away"]}, errors.NetworkError),
    ],
)
@responses.activate
def test_a_true_status_that_refuses_us_halts_and_another_one_does_not(
    status: int, body: Body, error: type[errors.TrawlError]
) -> None:
    answering(body, status=status)
    with pytest.raises(errors.TrawlError) as caught:
        page(plugin=False)
    assert type(caught.value) is error


@pytest.mark.parametrize("text", ["credit card token", "no credits left"])
@responses.activate
def test_a_query_that_an_error_repeats_halts_nothing(text: str) -> None:
    answering({"error": f"could not fetch https://www.google.com/search?q={text.replace(' ', '+')} ({text})"})
    with pytest.raises(errors.TrawlError) as caught:
        page(plugin=False, query=models.SerpQuery(text))
    assert type(caught.value) is errors.NetworkError


@responses.activate
def test_the_token_is_cut_out_of_words_inside_a_200() -> None:
    answering({"StatusCode": 401, "Message": [f"bad token {TOKEN}"]})
    with pytest.raises(errors.BadToken) as caught:
        page(plugin=False)
    assert TOKEN not in str(caught.value) and "***" in str(caught.value)
