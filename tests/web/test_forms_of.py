"""What is wrong with a value that may have several forms is said in the words of the one that was meant."""

from typing import Any

import pytest
from flask.testing import FlaskClient

URL = "https://example.com/"


def told(client: FlaskClient, path: str, body: Any) -> list[tuple[str, str]]:
    reply = client.post(path, json=body)
    assert reply.status_code in (400, 422), reply.text
    found = reply.get_json()
    if "errors" in found:
        return [(one["field"], one["message"]) for one in found["errors"]]
    return [(".".join(one["path"]), one["message"]) for one in found["details"]]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/scrape", {"url": URL, "webhook": {"uri": URL}}, {("webhook.url", "field required")}),
        ("/scrape", {"url": URL, "webhook": {"uri": URL}}, {("webhook.uri", "is no known field; did you mean url?")}),
        ("/scrape", {"url": URL, "webhook": 5}, {("webhook", "should be a string or an object")}),
        ("/v2/crawl", {"url": URL, "webhook": 5}, {("webhook", "should be a string or an object")}),
        ("/v2/scrape", {"url": URL, "formats": [5]}, {("formats.0", "should be a string or an object")}),
        ("/v2/scrape", {"url": URL, "headers": {"A[b]": 1}}, {("headers.A[b]", "Input should be a valid string")}),
    ],
)
def test_only_the_form_that_was_meant_is_spoken_of(client: FlaskClient, path: str, body: Any, said: set[tuple[str, str]]) -> None:
    found = told(client, path, body)
    assert said <= set(found) and not any("function-" in field or field.endswith(".str") for field, _ in set(found) - said)


def test_a_keyword_with_a_wrong_name_of_its_text(client: FlaskClient) -> None:
    client.post("/api/v1/projects", json={"domain": "example.com", "id": "shop"})
    found = told(client, "/api/v1/projects/shop/keywords", {"keywords": ["a", {"keyword": "b"}]})
    assert ("keywords.1.text", "field required") in found
    assert [field for field, _ in found] == ["keywords.1.text", "keywords.1.keyword"]


def test_a_body_that_is_a_list_should_be_an_object(client: FlaskClient) -> None:
    [(_, said)] = told(client, "/scrape", [])
    assert said == "input should be a valid dictionary: a JSON object"


@pytest.mark.parametrize(
    ("given", "own"), [("from", "since"), ("end_date", "until"), ("q", "text"), ("state", "status"), ("created_before", "until")]
)
def test_a_filter_that_others_call_so_is_known(client: FlaskClient, given: str, own: str) -> None:
    [told] = client.get("/api/v1/jobs", query_string={given: "x"}).get_json()["errors"]
    assert told["message"] == f"is no known field; did you mean {own}?"
