"""Pages of other sites: those that CORS_ORIGINS names may ask with a key, and read the reply; others may not."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pydantic import ValidationError

import config

APP = "https://app.example"
PREFLIGHT = {
    "Origin": APP,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def test_nobody_may_by_default(client: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/jobs", headers={"Origin": APP}).headers
    asked = client.options("/v2/scrape", headers=PREFLIGHT)
    assert not [name for name, _ in asked.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["/v2/scrape", "/api/v1/jobs", "/scrape", "/nowhere"])
def test_a_browser_is_told_without_a_key_that_the_page_may_ask(client: FlaskClient, path: str) -> None:
    with config.overridden(cors_origins=f"http://localhost:3000,{APP}"):
        reply = client.options(path, headers=PREFLIGHT)
        other = client.options(path, headers={**PREFLIGHT, "Origin": "https://evil.example"})
    assert reply.status_code == 204 and reply.headers["Access-Control-Allow-Origin"] == APP
    assert "POST" in reply.headers["Access-Control-Allow-Methods"] and "Origin" in reply.headers["Vary"]
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "Access-Control-Allow-Origin" not in other.headers


def test_replies_and_errors_name_the_origin_and_what_may_be_read(key_client: Callable[..., FlaskClient]) -> None:
    keyed = key_client("operator")
    with config.overridden(cors_origins=APP):
        replies = [keyed.get(path, headers={"Origin": APP}) for path in ("/api/v1/jobs", "/api/v1/jobs/none")]
        replies.append(keyed.post("/scrape", json={"url": "https://a.example/"}, headers={"Origin": APP}))
    assert [reply.status_code for reply in replies] == [200, 404, 202]
    for reply in replies:
        assert reply.headers["Access-Control-Allow-Origin"] == APP
        assert "Location" in reply.headers["Access-Control-Expose-Headers"]


def test_without_a_key_a_page_of_another_site_changes_nothing(client: FlaskClient) -> None:
    with config.overridden(cors_origins="*"):
        reply = client.post("/scrape", json={"url": "https://a.example/"}, headers={"Origin": APP})
    assert reply.status_code == 403 and reply.headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("text", ["app.example", "https://app.example/path", "https://*.example", "* https://a.example", "null"])
def test_what_is_no_origin_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValidationError, match="no list of origins"):
        config.Settings.model_validate({"cors_origins": text})
