"""POST /crawl, /batch/scrape, /map and /search: what they start, and what their options mean."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
from clients import serp as providers
from errors import ConfigError
from state.scraping import ledgers
from state.webhooks import endpoints
from tests import fakes
from tests.topics.scraping.site import Answer, Site, page
from topics.scraping import config as configs
from web import hub
from web.firecrawl import bodies, search_words

URL = "https://a.example/docs/start"


def started(client: FlaskClient, path: str, **given: Any) -> dict[str, Any]:
    """The reply of a start."""
    reply = client.post(path, json=given)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.get_json()
    assert found["success"] is True and found["url"] == f"http://localhost{path}/{found['id']}"
    return found


def ended(client: FlaskClient, url: str) -> dict[str, Any]:
    """The status of a crawl or batch that is over."""
    assert hub.hub().wait(url.rpartition("/")[2], 300)
    found: dict[str, Any] = client.get(url.removeprefix("http://localhost")).get_json()
    return found


def config_of(job_id: str) -> configs.ScrapingConfig:
    ledger = ledgers.read(job_id)
    assert ledger is not None
    return configs.load(ledger.fields["config"])


def test_options_of_a_crawl_mean_what_they_say(client: FlaskClient) -> None:
    given = {"limit": 7, "maxDiscoveryDepth": 2, "includePaths": ["^/docs/.*"], "excludePaths": ["/private/.*"]}
    given |= {"regexOnFullURL": True, "sitemap": "only", "ignoreQueryParameters": True, "crawlEntireDomain": True}
    given |= {"allowSubdomains": True, "allowExternalLinks": True, "ignoreRobotsTxt": True, "delay": 2, "maxConcurrency": 3}
    given |= {"robotsUserAgent": "OwnBot", "scrapeOptions": {"formats": ["markdown", "links"], "onlyMainContent": False}}
    made = config_of(started(client, "/v2/crawl", url=URL, **given)["id"])
    assert (made.expected_pages, made.max_depth, made.include_regex, made.exclude_regex) == (
        7,
        2,
        ("^/docs/.*",),
        ("/private/.*",),
    )
    assert made.regex_on_url and made.use_sitemaps and not made.follow_links and made.ignore_query and not made.below_start
    assert made.subdomains and made.other_sites and not made.obey_robots and made.robots_agent == "OwnBot"
    assert (made.delay_between_requests, made.concurrency, made.extract_links, made.only_main) == (2, 3, True, False)


def test_a_crawl_keeps_below_its_start_on_its_host_by_default(client: FlaskClient) -> None:
    made = config_of(started(client, "/v2/crawl", url=URL)["id"])
    assert (made.below_start, made.subdomains, made.other_sites, made.obey_robots) == (True, False, False, True)
    assert made.expected_pages == 10_000
    old = config_of(started(client, "/v1/crawl", url=URL, maxDepth=3, ignoreSitemap=True, allowBackwardLinks=True)["id"])
    assert (old.max_path_depth, old.use_sitemaps, old.below_start) == (3, False, False)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"prompt": "the blog"}, ["prompt"]),
        ({"scrapeOptions": {"profile": {"name": "x"}}}, ["scrapeOptions", "profile"]),
        ({"scrapeOptions": {"colour": "red"}}, ["scrapeOptions", "colour"]),
        ({"webhook": {"url": "http://127.0.0.1:1/", "colour": 1}}, ["webhook", "colour"]),
        ({"webhook": "http://127.0.0.1:1/"}, ["webhook", "url"]),
    ],
)
def test_a_wrong_option_of_a_crawl_is_named_with_its_path(client: FlaskClient, given: dict[str, Any], path: list[str]) -> None:
    reply = client.post("/v2/crawl", json={"url": URL, **given})
    assert reply.status_code == 400 and reply.get_json()["details"][0]["path"] == path


@pytest.mark.parametrize("pattern", ["(", "(?=a)", "(a)\\1", "(?:a{100}){100}"])
def test_a_regular_expression_that_cannot_be_searched_safely_is_refused(client: FlaskClient, pattern: str) -> None:
    reply = client.post("/v2/crawl", json={"url": URL, "includePaths": [pattern]})
    words = ("no regular expression", "not supported", "too large")
    assert reply.status_code == 400 and any(one in reply.get_json()["error"] for one in words)


@pytest.mark.usefixtures("beside")
def test_a_crawl_is_started_listed_and_read(client: FlaskClient, site: Site) -> None:
    site.pages |= {"/": page("Home", "/a", "/private/b"), "/a": page("A"), "/private/b": page("B")}
    made = started(client, "/v2/crawl", url=f"{site.url}/", excludePaths=["/private/.*"], scrapeOptions={"formats": ["links"]})
    found = ended(client, made["url"])
    assert (found["status"], found["completed"], found["total"], found["creditsUsed"]) == ("completed", 2, 2, 2)
    assert {tuple(sorted(one)) for one in found["data"]} == {("links", "metadata")}


def test_a_crawl_that_runs_is_listed_with_its_options_but_no_secret(client: FlaskClient) -> None:
    made = started(client, "/v2/crawl", url=URL, limit=3, scrapeOptions={"headers": {"Authorization": "secret"}})
    for path in ("/v1/crawl/active", "/v2/crawl/ongoing"):
        [found] = client.get(path).get_json()["crawls"]
        assert (found["id"], found["url"], found["options"]["limit"]) == (made["id"], URL, 3)
        assert isinstance(found["teamId"], str) and "secret" not in str(found)
    client.delete(f"/v2/crawl/{made['id']}")
    assert client.get("/v2/crawl/active").get_json()["crawls"] == []


@pytest.mark.usefixtures("beside")
def test_a_batch_leaves_out_what_is_no_address_and_says_so(client: FlaskClient, site: Site) -> None:
    site.pages |= {"/a": page("A"), "/b": page("B")}
    urls = [f"{site.url}/a", "https://", f"{site.url}/b"]
    made = started(client, "/v2/batch/scrape", urls=urls, ignoreInvalidURLs=True)
    assert made["invalidURLs"] == ["https://"]
    found = ended(client, made["url"])
    assert sorted(one["metadata"]["sourceURL"] for one in found["data"]) == [urls[0], urls[2]]
    assert client.post("/v1/batch/scrape", json={"urls": urls}).status_code == 400
    assert client.post("/v2/batch/scrape", json={"urls": ["https://"]}).status_code == 400


def test_a_batch_that_is_sent_again_with_its_key_is_the_first_one(client: FlaskClient) -> None:
    key = {"x-idempotency-key": "k1"}
    first = client.post("/v2/batch/scrape", json={"urls": ["https://a.example/"]}, headers=key).get_json()
    again = client.post("/v2/batch/scrape", json={"urls": ["https://a.example/"]}, headers=key).get_json()
    other = client.post("/v2/batch/scrape", json={"urls": ["https://b.example/"]}, headers=key)
    assert first["id"] == again["id"] and (other.status_code, other.get_json()["success"]) == (409, False)


@pytest.mark.usefixtures("beside")
def test_a_map_has_links_as_its_version_writes_them(client: FlaskClient, site: Site) -> None:
    site.pages["/"] = page("Home", "/red-oak?x=1", "/red-oak?x=2", "/blue")
    new = client.post("/v2/map", json={"url": f"{site.url}/"}).get_json()
    assert new["success"], new
    assert [one["url"].removeprefix(site.url) for one in new["links"]] == ["/", "/red-oak", "/blue"]
    old = client.post("/v1/map", json={"url": f"{site.url}/", "search": "oak", "ignoreQueryParameters": False}).get_json()
    assert [one.removeprefix(site.url) for one in old["links"]] == ["/red-oak?x=1", "/red-oak?x=2"]
    assert len(client.post("/v2/map", json={"url": f"{site.url}/", "limit": 1}).get_json()["links"]) == 1


def test_a_search_without_a_provider_names_the_setting(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(settings: Any) -> Any:
        raise ConfigError("SCRAPEDO_TOKEN is not set")

    monkeypatch.setattr(providers, "make", missing)
    reply = client.post("/v2/search", json={"query": "oak"})
    assert reply.status_code == 400 and "SCRAPEDO_TOKEN" in reply.get_json()["error"]


def test_the_account_says_what_waits_and_what_is_left(client: FlaskClient) -> None:
    started(client, "/v2/crawl", url=URL)
    queue = client.get("/v2/team/queue-status").get_json()
    assert (queue["success"], queue["jobsInQueue"], queue["activeJobsInQueue"], queue["waitingJobsInQueue"]) == (True, 1, 0, 1)
    assert client.get("/v1/concurrency-check").get_json() == {"success": True, "concurrency": 0, "maxConcurrency": 0}
    credit = client.get("/v2/team/credit-usage").get_json()["data"]
    assert isinstance(credit["remainingCredits"], int) and credit["billingPeriodStart"] < credit["billingPeriodEnd"]


@pytest.mark.usefixtures("beside")
def test_a_page_that_sends_on_is_a_page_of_its_target(client: FlaskClient, site: Site) -> None:
    site.pages |= {"/": page("Home", "/old"), "/old": Answer(status=301, headers={"Location": "/new"}), "/new": page("New")}
    found = ended(client, started(client, "/v2/crawl", url=f"{site.url}/")["url"])
    assert (found["completed"], found["total"]) == (2, 2)


def test_a_webhook_is_written_down_with_the_crawl_it_is_for(client: FlaskClient) -> None:
    hook = {"url": "https://hook.example/x", "headers": {"X-Own": "1"}, "metadata": {"a": 1}, "events": ["page", "completed"]}
    made = started(client, "/v2/crawl", url=URL, webhook=hook)
    [found] = endpoints.of_targets([made["id"]])[0]
    assert (found.url, found.style, found.headers, found.metadata) == (hook["url"], "firecrawl", {"X-Own": "1"}, {"a": 1})
    assert set(found.events) == {"page", "completed"}
    batch = started(client, "/v1/batch/scrape", urls=["https://a.example/"], webhook="https://hook.example/y")
    assert endpoints.of_targets([batch["id"]])[0][0].url == "https://hook.example/y"


@pytest.mark.usefixtures("beside")
def test_a_search_has_hits_and_where_asked_their_pages(client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/a"] = page("Oak")
    fakes.use(monkeypatch, fakes.serp([f"{site.url}/a", "https://other.test/x", f"{site.url}/gone"]))
    new = client.post("/v2/search", json={"query": "oak", "limit": 2, "sources": ["web", "alexandria"]}).get_json()
    assert [(hit["url"], hit["position"], hit["description"]) for hit in new["data"]["web"]] == [
        (f"{site.url}/a", 1, ""),
        ("https://other.test/x", 2, ""),
    ]
    given = {"query": "oak", "scrapeOptions": {"formats": ["markdown"]}}
    old = client.post("/v1/search", json=given).get_json()["data"]
    assert old[0]["markdown"] and old[0]["metadata"]["statusCode"] == 200
    assert "answered 404" in old[2]["metadata"]["error"]
    told = old[2]["metadata"]
    assert (told["url"], told["sourceURL"]) == (f"{site.url}/gone", f"{site.url}/gone") and "title" in told


@pytest.mark.parametrize(
    ("narrowed", "words"),
    [
        ({"includeDomains": ["a.example", "b.example"]}, "(site:a.example OR site:b.example)"),
        ({"categories": ["github", {"type": "pdf"}]}, "(site:github.com OR filetype:pdf)"),
        ({"tbs": "qdr:w"}, "after:2026-01-24"),
        ({"tbs": "qdr:m3"}, "after:2025-11-02"),
        ({"tbs": "cdr:1,cd_min:12/1/2025,cd_max:12/31/2025"}, "after:2025-11-30 before:2026-01-01"),
        ({"tbs": "", "categories": [], "includeDomains": []}, ""),
    ],
)
def test_what_narrows_a_search_down_is_asked_for_in_words(
    monkeypatch: pytest.MonkeyPatch, narrowed: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))
    query, warnings = search_words.of(bodies.read(bodies.Search, {"query": "oak tree", **narrowed}))
    assert (query, warnings) == (f"oak tree {words}".strip(), [])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"tbs": "sbd:1"}, "tbs"),
        ({"tbs": "cdr:1,cd_min:13/45/2025"}, "tbs"),
        ({"categories": ["poems"]}, "categories"),
        ({"includeDomains": ["a.example) OR (b.example"]}, "includeDomains"),
    ],
)
def test_what_cannot_be_said_in_words_is_refused_by_its_name(client: FlaskClient, given: dict[str, Any], name: str) -> None:
    reply = client.post("/v2/search", json={"query": "oak", **given})
    assert reply.status_code == 400 and name in reply.get_json()["error"]


@pytest.mark.usefixtures("beside")
def test_the_words_reach_the_provider_and_an_hour_is_a_day(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = fakes.use(monkeypatch, fakes.serp(["https://a.example/x"]))
    given = {"query": "oak", "tbs": "qdr:h", "includeDomains": ["a.example"], "limit": 1}
    found = client.post("/v2/search", json=given).get_json()
    assert "hours" in found["warning"]
    assert [one.text.partition(" after:")[0] for one in provider.queries] == ["oak site:a.example"]


def test_events_may_be_named_as_deliveries_name_them(client: FlaskClient) -> None:
    hook = {"url": "https://hook.example/x", "events": ["batch_scrape.completed", "completed", "batch_scrape.failed"]}
    made = started(client, "/v2/batch/scrape", urls=["https://a.example/"], webhook=hook)
    assert set(endpoints.of_targets([made["id"]])[0][0].events) == {"completed", "failed"}
    every = started(client, "/v2/crawl", url=URL, webhook={**hook, "headers": {}, "metadata": {}, "events": []})
    assert len(endpoints.of_targets([every["id"]])[0][0].events) == 4
    for events in (["job.completed"], "completed", {}, 5):
        wrong = client.post("/v2/crawl", json={"url": URL, "webhook": {**hook, "events": events}})
        assert wrong.status_code == 400, events


@pytest.mark.usefixtures("beside")
def test_similar_addresses_are_one_page_unless_each_is_wanted(client: FlaskClient, site: Site) -> None:
    site.pages |= {"/": page("Home", "/a", "/a/", "/a/index.html", "/index.html"), "/a": page("A"), "/a/": page("A")}
    site.pages |= {"/a/index.html": page("A"), "/index.html": page("Home")}
    counts = {}
    for wanted in (None, True, False):
        made = started(client, "/v2/crawl", url=f"{site.url}/", deduplicateSimilarURLs=wanted)
        counts[wanted] = ended(client, made["url"])["completed"]
    assert counts == {None: 2, True: 2, False: 5}
    assert len(client.post("/v2/map", json={"url": f"{site.url}/"}).get_json()["links"]) == 2
