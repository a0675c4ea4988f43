"""An address without a scheme is one on https, wherever somebody types it; what is no address stays refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from state.scraping import ledgers
from state.store import connection, keys


def arguments_of(job_id: str) -> str:
    return str((connection.client().hget(keys.job(job_id), "data") or b"").decode())


def ledger_of(job_id: str) -> ledgers.Ledger:
    found = ledgers.read(job_id)
    assert found
    return found


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/scrapes", {"url": "example.com/a"}),
        ("/api/v1/scrapes/map", {"url": "example.com/a"}),
        ("/api/v1/jobs", {"task": "scrape_url", "arguments": {"url": "example.com/a"}}),
        ("/scrape/business", {"url": "example.com/a"}),
    ],
)
def test_a_page_and_a_site(client: FlaskClient, path: str, body: dict[str, Any]) -> None:
    made = client.post(path, json=body)
    assert made.status_code == 202, made.text
    assert '"https://example.com/a"' in arguments_of(made.get_json()["id"])


def test_a_crawl(client: FlaskClient) -> None:
    for path in ("/scrape", "/api/v1/scrapes/crawl"):
        made = client.post(path, json={"url": "www.Example.com"}).get_json()
        assert ledger_of(made["id"]).fields["url"] == "https://www.example.com/"


def test_a_batch(client: FlaskClient) -> None:
    made = client.post("/api/v1/scrapes/batch", json={"urls": ["example.com", "http://b.example/x"]})
    assert made.status_code == 202, made.text


@pytest.mark.parametrize("url", ["sites.txt", "localhost:3000", "not a url", "example", 5, None])
def test_what_is_no_address_is_refused(client: FlaskClient, url: Any) -> None:
    assert client.post("/scrape", json={"url": url}).status_code == 422
    assert client.post("/api/v1/scrapes/batch", json={"urls": [url]}).status_code == 422
