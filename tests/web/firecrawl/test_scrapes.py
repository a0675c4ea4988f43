"""POST /scrape: a document of the asked forms alone, and errors in the form and with the statuses that the clients know."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from models import JobStatus
from tests.topics.scraping.site import Answer, Site, page
from topics.operations.job_records import Job
from web import budget, hub
from web.firecrawl import bodies, options, waits

pytestmark = pytest.mark.usefixtures("beside")

CAPTCHA = Answer("<title>Just a moment...</title><div class=g-recaptcha data-sitekey=x></div><p>Checking your browser</p>", 403)


def scraped(client: FlaskClient, url: str, version: str = "v2", **given: Any) -> dict[str, Any]:
    """The document of a page."""
    reply = client.post(f"/{version}/scrape", json={"url": url, **given})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.get_json()
    assert found["success"] is True
    document: dict[str, Any] = found["data"]
    return document


def refused(client: FlaskClient, url: str, version: str = "v2", **given: Any) -> tuple[int, dict[str, Any]]:
    """The status and body of an error."""
    reply = client.post(f"/{version}/scrape", json={"url": url, **given})
    body: dict[str, Any] = reply.get_json()
    assert body["success"] is False and isinstance(body["error"], str) and body["code"], body
    return reply.status_code, body


@pytest.fixture
def home(site: Site) -> str:
    head = "<meta name=description content='All of it'><meta property='og:title' content='Og'><meta name=robots content=all>"
    written = page("Old oak trees", "/a", "/b", head=head).replace("</body>", "</main></body>")
    site.pages["/"] = written.replace("<body>", "<body><nav><a href=/nav>Go there</a></nav><main>")
    return f"{site.url}/"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_markdown_and_metadata_come_where_nothing_is_asked_for(client: FlaskClient, home: str, version: str) -> None:
    found = scraped(client, home, version)
    assert set(found) == {"markdown", "metadata"} and found["markdown"].startswith("# Old oak trees")
    told = found["metadata"]
    assert (told["title"], told["description"], told["ogTitle"], told["robots"]) == ("Old oak trees", "All of it", "Og", "all")
    assert (told["sourceURL"], told["url"], told["statusCode"], told["proxyUsed"]) == (home, home, 200, "basic")
    assert (told["cacheState"], told["creditsUsed"]) == ("miss", 1) and "html" in told["contentType"]


def test_only_the_forms_that_are_asked_for_come(client: FlaskClient, home: str) -> None:
    found = scraped(client, home, formats=["html", "rawHtml", {"type": "links"}, "images", "summary"])
    assert set(found) == {"html", "rawHtml", "links", "images", "summary", "metadata"}
    assert "<nav>" in found["rawHtml"] and "<h1>Old oak trees</h1>" in found["html"] and "nav" not in found["html"]
    assert found["links"][0].endswith("/nav") and found["summary"].startswith("Old oak trees is what")


def test_tags_cut_the_page_and_the_whole_page_comes_where_asked(client: FlaskClient, home: str) -> None:
    assert "Go there" not in scraped(client, home)["markdown"]
    assert "Go there" in scraped(client, home, onlyMainContent=False)["markdown"]
    cut = scraped(client, home, includeTags=["h1", "nav"], excludeTags=["nav a"], formats=["markdown", "links"])
    assert cut["markdown"].strip() == "# Old oak trees" and cut["links"] == []


def test_json_is_filled_from_what_the_page_says_and_names_what_it_does_not(client: FlaskClient, site: Site) -> None:
    ld = '<script type="application/ld+json">{"@type":"Product","name":"Oak","offers":{"price":"12.50"},"sku":"7"}</script>'
    site.pages["/"] = page("Shop", head=ld)
    schema = {"properties": {"name": {"type": "string"}, "sku": {"type": "integer"}, "colour": {"type": "string"}}}
    for version, given in (
        ("v2", {"formats": [{"type": "json", "schema": schema}]}),
        ("v1", {"formats": ["json"], "jsonOptions": {"schema": schema}}),
    ):
        found = scraped(client, f"{site.url}/", version, **given)
        assert found["json"] == {"name": "Oak", "sku": 7} and "colour" in found["warning"]
    status, body = refused(client, f"{site.url}/", formats=[{"type": "json", "prompt": "what is it?"}])
    assert (status, body["code"]) == (400, "UNSUPPORTED_OPTION") and "schema" in body["error"]


def test_the_options_that_every_client_adds_are_taken(client: FlaskClient, home: str) -> None:
    added = {"onlyMainContent": True, "removeBase64Images": True, "fastMode": False, "blockAds": True, "storeInCache": True}
    added |= {"maxAge": 14400000, "mobile": False, "origin": "python-sdk@4.55.0", "integration": "langchain", "proxy": "auto"}
    added |= {"skipTlsVerification": False, "zeroDataRetention": False, "parsers": ["pdf"], "waitFor": None, "headers": {}}
    added |= {"parsePDF": True, "auditMetadata": {"a": "b"}, "toolDetail": "compact", "useMock": None, "timeout": 30000}
    assert scraped(client, home, **added)["markdown"]


def test_a_kept_page_that_is_young_enough_answers_without_a_request(client: FlaskClient, site: Site, home: str) -> None:
    assert scraped(client, home, maxAge=60_000)["metadata"]["cacheState"] == "miss"
    told = scraped(client, home, maxAge=60_000)["metadata"]
    assert (told["cacheState"], told["creditsUsed"], told["statusCode"], site.times("/")) == ("hit", 0, 200, 1)
    assert "cachedAt" in told and scraped(client, home, maxAge=0)["metadata"]["cacheState"] == "miss"
    assert scraped(client, home, maxAge=60_000, headers={"X-Own": "1"})["metadata"]["cacheState"] == "miss"


def test_a_page_is_not_fetched_where_only_a_kept_one_is_wanted(client: FlaskClient, site: Site, home: str) -> None:
    status, body = refused(client, home, minAge=0)
    assert (status, body["code"], site.times("/")) == (404, "SCRAPE_NO_CACHED_DATA", 0)
    scraped(client, home, maxAge=1)
    assert scraped(client, home, minAge=0)["metadata"]["cacheState"] == "hit" and site.times("/") == 1
    assert refused(client, home, minAge=86_400_000)[0] == 404
    assert refused(client, home, minAge=10, maxAge=5)[0] == 400


def test_headers_are_sent_but_those_of_the_connection(client: FlaskClient, site: Site) -> None:
    seen: dict[str, str] = {}
    site.pages["/"] = lambda headers: seen.update(headers) or Answer(page("Home"))  # type: ignore[func-returns-value]
    given = {"X-Own": "1", "Host": "evil.example", "Connection": "upgrade", "Content-Length": "9"}
    scraped(client, f"{site.url}/", headers=given, location={"country": "DE", "languages": ["de-DE", "de"]})
    assert seen["X-Own"] == "1" and seen["Host"] in site.url and seen["Accept-Language"] == "de-DE, de"


def test_a_blocked_page_is_an_error_that_names_its_class(client: FlaskClient, site: Site) -> None:
    site.pages["/"] = CAPTCHA
    status, body = refused(client, f"{site.url}/")
    assert (status, body["code"]) == (403, "BLOCKED") and "challenge page" in body["error"]


def test_each_failure_has_its_status_and_code(client: FlaskClient, site: Site) -> None:
    site.pages |= {"/robots.txt": Answer("User-agent: *\nDisallow: /private\n", kind="text/plain")}
    site.pages |= {"/busy": Answer("no", 503), "/file": Answer(b"%PDF-1.7 \x00\x01", kind="application/pdf")}
    found = {path: refused(client, site.url + path) for path in ("/gone", "/busy", "/private", "/file")}
    assert {path: (status, body["code"]) for path, (status, body) in found.items()} == {
        "/gone": (404, "PAGE_NOT_FOUND"),
        "/busy": (500, "SCRAPE_SITE_ERROR"),
        "/private": (403, "ROBOTS_DISALLOWED"),
        "/file": (400, "SCRAPE_UNSUPPORTED_FILE_ERROR"),
    }


@pytest.mark.parametrize(
    ("given", "name", "code"),
    [
        ({"colour": "red"}, "colour", "unrecognized"),
        ({"formats": ["poem"]}, "formats", "BAD_REQUEST"),
        ({"formats": ["changeTracking"]}, "formats", "UNSUPPORTED_OPTION"),
        ({"formats": [{"type": "branding"}]}, "formats", "UNSUPPORTED_OPTION"),
        ({"profile": {"name": "x"}}, "profile", "UNSUPPORTED_OPTION"),
        ({"zeroDataRetention": True}, "zeroDataRetention", "UNSUPPORTED_OPTION"),
        ({"lockdown": True}, "lockdown", "UNSUPPORTED_OPTION"),
        ({"timeout": "soon"}, "timeout", "BAD_REQUEST"),
        ({"includeTags": ["div["]}, "content_within", "BAD_REQUEST"),
    ],
)
def test_an_option_that_would_be_missed_is_refused_by_its_name(
    client: FlaskClient, given: dict[str, Any], name: str, code: str
) -> None:
    status, body = refused(client, "https://a.example/", **given)
    assert (status, body["code"].lower()) == (400, code.lower()) and name in body["error"]
    if code != "BAD_REQUEST":
        assert body["details"][0]["path"] == [name]


def test_certificates_are_not_verified_where_the_server_allows_it(client: FlaskClient, home: str) -> None:
    with config.overridden(fetch_allow_unverified_tls=True):
        assert "warning" not in scraped(client, home, skipTlsVerification=True)


def test_what_a_screenshot_cannot_be_is_told() -> None:
    asked = {"type": "screenshot", "fullPage": True, "quality": 80, "viewport": {"width": 800, "height": 600}}
    for formats, warned in (([asked], True), ([{"type": "screenshot"}, "markdown"], False)):
        given = bodies.read(bodies.Scrape, {"url": "https://a.example", "formats": formats})
        assert any("viewport" in said for said in options._of_screenshots(given)) is warned


def test_certificates_are_verified_else_and_whoever_asked_otherwise_is_told(client: FlaskClient, home: str) -> None:
    found = scraped(client, home, skipTlsVerification=True)
    assert found["markdown"] and "FETCH_ALLOW_UNVERIFIED_TLS" in found["warning"]


@pytest.mark.parametrize(
    "given", [{"formats": ["screenshot"]}, {"waitFor": 500}, {"mobile": True}, {"actions": [{"type": "wait"}]}]
)
def test_what_needs_a_browser_is_refused_where_none_is(client: FlaskClient, tmp_path: Any, given: dict[str, Any]) -> None:
    with config.overridden(chromium_path=tmp_path / "none"):
        status, body = refused(client, "https://a.example/", **given)
    assert status == 400 and options.BROWSER in body["error"] and next(iter(given)) in body["error"].replace(":", "")


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'"x"', b"", b'{"url": 5}', b'{"url": "not a url"}', b'{"url":"http://10.0.0.1/"}']
)
@pytest.mark.parametrize("path", ["/v1/scrape", "/v2/crawl", "/v2/map", "/v1/batch/scrape", "/v2/search"])
def test_a_bad_body_is_400_in_their_form(client: FlaskClient, path: str, body: bytes) -> None:
    reply = client.post(path, data=body, content_type="application/json")
    found = reply.get_json()
    assert (reply.status_code, found["success"]) == (400, False) and found["error"]


def test_a_scrape_that_is_not_over_in_time_is_408_and_goes_on(client: FlaskClient, site: Site, home: str) -> None:
    free = threading.Event()
    site.before = lambda path: path == "/" and free.wait(60) and None
    status, body = refused(client, home, timeout=50)
    free.set()
    assert (status, body["code"]) == (408, "SCRAPE_TIMEOUT")


@pytest.mark.parametrize("path", ["/v2/scrape", "/v2/map"])
def test_who_waits_too_long_is_told_what_for_and_where_to_ask_later(
    client: FlaskClient, site: Site, home: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parked(job_id: str) -> Job:
        return Job(job_id, JobStatus.PARKED, "PENDING", parked_for="robots.txt of host a.example cannot be reached")

    free = threading.Event()
    site.before = lambda path: free.wait(60) and None
    monkeypatch.setattr(waits.jobs, "get_job_status", parked)
    reply = client.post(path, json={"url": home, "timeout": 50})
    monkeypatch.undo()
    said = reply.get_json()["error"]
    assert reply.status_code == 408 and "It waits: robots.txt of host a.example cannot be reached." in said
    later = said.partition("GET ")[2].partition(" ")[0]
    assert client.get(later).status_code == (404 if path == "/v2/scrape" else 202)
    free.set()


def test_more_requests_than_may_wait_are_429_with_retry_after(
    client: FlaskClient, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget.WAITING, "used", 10_000)
    reply = client.post("/v2/scrape", json={"url": home})
    assert reply.status_code == 429 and int(reply.headers["Retry-After"]) > 0 and reply.get_json()["success"] is False


def test_a_scrape_can_be_asked_for_again_by_its_id(client: FlaskClient, home: str) -> None:
    first = scraped(client, home)
    again = client.get(f"/v2/scrape/{first['metadata']['scrapeId']}").get_json()
    assert again["success"] and again["data"]["markdown"] == first["markdown"]
    assert client.get("/v2/scrape/none").status_code == 404


@pytest.mark.parametrize("path", ["/v2/extract", "/v1/deep-research", "/v2/agent", "/v1/llmstxt", "/v2/crawl/params-preview"])
def test_what_is_not_offered_says_so(client: FlaskClient, path: str) -> None:
    reply = client.post(path, json={"url": "https://a.example"})
    assert (reply.status_code, reply.get_json()["code"]) == (404, "UNSUPPORTED_ENDPOINT")
    assert path in reply.get_json()["error"]


@pytest.mark.parametrize(("path", "words"), [("/v0/scrape", "v1 and v2"), ("/v1/v2/scrape", "must not end in a version")])
def test_a_wrong_base_address_is_told(client: FlaskClient, path: str, words: str) -> None:
    reply = client.post(path, json={"url": "https://a.example"})
    assert reply.status_code == 404 and words in reply.get_json()["error"]


def test_an_address_may_come_without_its_scheme(client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bodies.with_scheme("docs.a.example/x?y=z") == "http://docs.a.example/x?y=z"
    for text in ("not a url", "https://a.example", "mailto:a@b.example", "http:/a.example", "a", ""):
        assert bodies.with_scheme(text) == text
    reply = client.post("/v2/batch/scrape", json={"urls": ["a.example", "https://", "b.example/c"]}).get_json()
    assert reply["invalidURLs"] == ["https://"]


def test_who_asks_for_more_time_than_is_waited_is_answered(client: FlaskClient, home: str) -> None:
    assert scraped(client, home, timeout=3_600_000)["markdown"]


def test_a_server_that_ends_lets_nobody_wait_and_says_where_the_result_will_be(
    client: FlaskClient, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = hub.Hub()
    ending.stop()
    monkeypatch.setattr(hub, "hub", lambda: ending)
    monkeypatch.setattr("web.endings.is_over", lambda job_id: False)
    reply = client.post("/v2/scrape", json={"url": home})
    assert reply.status_code == 503 and "/v2/scrape/" in reply.get_json()["error"] and reply.headers["Retry-After"]


@pytest.mark.parametrize("path", ["/v1/scrape/", "/v2/scrape/"])
def test_a_slash_too_many_is_no_other_address(client: FlaskClient, home: str, path: str) -> None:
    reply = client.post(path, json={"url": home})
    assert reply.status_code == 200 and reply.get_json()["success"] is True


def test_a_page_without_a_word_is_no_error_and_says_so(client: FlaskClient, site: Site) -> None:
    site.pages |= {"/none": "", "/app": "<html><head><title>App</title></head><body><div id=root></div></body></html>"}
    for path in ("/none", "/app"):
        found = scraped(client, f"{site.url}{path}", formats=["markdown", "rawHtml"])
        assert found["markdown"] == "" and "No text" in found["warning"] and "waitFor" in found["warning"]
        assert "warning" not in scraped(client, f"{site.url}{path}", formats=["rawHtml"])
