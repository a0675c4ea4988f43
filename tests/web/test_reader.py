"""The reader: a page for a person with curl, as the headers of Jina's reader ask; and the loader of Open WebUI."""

from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

import config
from tests.topics.scraping.conftest import polite, site  # noqa: F401 (fixtures)
from tests.topics.scraping.site import Answer, Site, page
from tests.web.firecrawl.conftest import beside  # noqa: F401 (fixture)

pytestmark = pytest.mark.usefixtures("beside")


@pytest.fixture
def address(site: Site) -> str:  # noqa: F811
    written = page("Old oak trees", "/a", head="<meta name=description content='All of them'>")
    site.pages["/trees?age=old%20"] = written.replace("<h1>", "<main class=in><h1>").replace("</body>", "</main></body>")
    return f"{site.url}/trees?age=old%20"


def test_markdown_has_a_head_with_title_and_address(client: FlaskClient, address: str) -> None:
    reply = client.get(f"/r/{address}")
    assert reply.status_code == 200 and reply.mimetype == "text/plain"
    assert reply.text.startswith(f"Title: Old oak trees\n\nURL Source: {address}\n\nMarkdown Content:\n# Old oak trees")


@pytest.mark.parametrize("spelling", ["http:/{rest}", "http://{rest}", "HTTP://{rest}"])
def test_the_address_may_have_lost_a_slash_on_the_way(client: FlaskClient, address: str, spelling: str) -> None:
    assert client.get("/r/" + spelling.format(rest=address.partition("://")[2])).status_code == 200


def test_forms_and_parts_are_chosen_by_headers(client: FlaskClient, address: str) -> None:
    text = client.get(f"/r/{address}", headers={"X-Return-Format": "text", "X-Remove-Selector": "p"})
    assert text.text.strip() == "Old oak trees"
    html = client.get(f"/r/{address}", headers={"X-Respond-With": "html"})
    assert "<main class=in>" in html.text and html.mimetype == "text/plain"  # no page of others runs under our address
    part = client.get(f"/r/{address}", headers={"X-Target-Selector": "main h1"})
    assert part.text.endswith("Markdown Content:\n# Old oak trees\n")
    links = client.get(f"/r/{address}", headers={"X-With-Links-Summary": "true"})
    assert "Links/Buttons:\n- [/a](http" in links.text


def test_json_comes_to_who_takes_json(client: FlaskClient, address: str) -> None:
    found = client.get(f"/r/{address}", headers={"Accept": "application/json"}).get_json()
    assert (found["code"], found["data"]["title"], found["data"]["description"]) == (200, "Old oak trees", "All of them")
    assert found["data"]["url"] == address and found["data"]["content"].startswith("# Old oak trees")


def test_a_kept_page_is_taken_where_that_is_tolerated(client: FlaskClient, site: Site, address: str) -> None:  # noqa: F811
    for headers in ({"X-Cache-Tolerance": "60"}, {"X-Cache-Tolerance": "60"}):
        client.get(f"/r/{address}", headers=headers)
    assert site.times("/trees?age=old%20") == 1
    client.get(f"/r/{address}", headers={"X-Cache-Tolerance": "60", "X-No-Cache": "true"})
    assert site.times("/trees?age=old%20") == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Return-Format", "screenshot"), ("X-Timeout", "soon"), ("X-Proxy-Url", "http://p"), ("X-Target-Selector", "div[")],
)
def test_a_header_that_would_be_missed_is_refused(client: FlaskClient, address: str, name: str, value: str) -> None:
    reply = client.get(f"/r/{address}", headers={name: value})
    assert reply.status_code == 422 and reply.mimetype == "application/problem+json"


def test_a_page_that_cannot_be_read_is_an_error_with_its_reason(client: FlaskClient, site: Site) -> None:  # noqa: F811
    site.pages["/wall"] = Answer("<title>Just a moment...</title><div class=g-recaptcha data-sitekey=x></div>", 403)
    site.pages["/busy"] = Answer("no", 503)
    found = {path: client.get(f"/r/{site.url}{path}") for path in ("/wall", "/busy", "/gone")}
    assert {path: reply.status_code for path, reply in found.items()} == {"/wall": 403, "/busy": 502, "/gone": 404}
    assert client.get("/r/http://10.0.0.1/").status_code == 422 and client.get("/r/ftp://a.example/").status_code == 422


def test_open_webui_gets_the_pages_that_could_be_read(client: FlaskClient, site: Site, address: str) -> None:  # noqa: F811
    reply = client.post("/r", json={"urls": [address, f"{site.url}/gone", "not an address", address]})
    [found] = reply.get_json()
    assert found["page_content"].startswith("# Old oak trees")
    assert found["metadata"] == {
        "source": address,
        "title": "Old oak trees",
        "description": "All of them",
        "language": found["metadata"].get("language"),
    }


def test_open_webui_is_told_where_no_page_could_be_read(client: FlaskClient, site: Site) -> None:  # noqa: F811
    assert client.post("/r", json={"urls": [f"{site.url}/gone"]}).status_code == 502
    assert client.post("/r", json={"urls": ["nowhere"]}).status_code == 422
    assert client.post("/r", json={"urls": []}).status_code == 422


def test_links_and_pictures_are_kept_as_the_headers_say(client: FlaskClient, site: Site) -> None:  # noqa: F811
    words = "All about oak trees and what lives in them. " * 20
    inner = (
        f'<p>{words} <a href="/b_(c)">Go on</a> {words} <a href="/d"><img src="/leaf.png" alt="A leaf"></a> {words} end of it</p>'
    )
    site.pages["/p"] = f"<title>Oak</title><main><h1>Oak</h1>{inner}</main>"

    def read(**headers: str) -> str:
        return client.get(f"/r/{site.url}/p", headers={name.replace("_", "-"): value for name, value in headers.items()}).text

    whole = read()
    assert "[Go on](" in whole and "![A leaf](" in whole
    bare = read(X_Retain_Links="text", X_Retain_Images="none").partition("Markdown Content:")[2]
    assert "Go on" in bare and "end of it" in bare and "](" not in bare and "leaf" not in bare
    alt = read(X_Retain_Links="none", X_Retain_Images="alt").partition("Markdown Content:")[2]
    assert "Go on" not in alt and "](" not in alt and "end of it" in alt


def test_one_page_comes_by_post_as_by_get(client: FlaskClient, address: str) -> None:
    by_get = client.get(f"/r/{address}").text
    for path in ("/r", "/r/"):
        reply = client.post(path, json={"url": address})
        assert (reply.status_code, reply.mimetype, reply.text) == (200, "text/plain", by_get)
    for body in ({}, {"url": address, "urls": [address]}):
        assert client.post("/r", json=body).status_code == 422


@pytest.mark.parametrize(("name", "value"), [("X-Engine", "steam"), ("X-Retain-Images", "some"), ("X-Json-Schema", "{}")])
def test_a_word_that_no_header_knows_is_refused(client: FlaskClient, address: str, name: str, value: str) -> None:
    reply = client.get(f"/r/{address}", headers={name: value})
    assert reply.status_code == 422 and name in reply.get_json()["detail"]


def test_a_browser_is_asked_for_by_its_name(client: FlaskClient, address: str, tmp_path: Path) -> None:
    with config.overridden(chromium_path=tmp_path / "none"):
        assert "requirements-browser.txt" in client.get(f"/r/{address}", headers={"X-Engine": "browser"}).get_json()["detail"]
        assert client.get(f"/r/{address}", headers={"X-Engine": "direct"}).status_code == 200


def test_a_form_names_the_page_as_curl_sends_it(client: FlaskClient, address: str) -> None:
    for path in ("/r", "/r/"):
        reply = client.post(path, data={"url": address})
        assert reply.status_code == 200 and "# Old oak trees" in reply.text
    assert client.post("/r", data={"url": address}, content_type="multipart/form-data").status_code == 200
    wrong = client.post("/r", data={"link": address})
    assert wrong.status_code == 422 and "link" in wrong.text
    assert client.post("/scrape", data={"url": address}).status_code == 415


def test_an_address_may_be_encoded_as_a_whole(client: FlaskClient, address: str) -> None:
    reply = client.get(f"/r/{quote(address, safe='')}")
    assert reply.status_code == 200 and f"URL Source: {address}\n" in reply.text
