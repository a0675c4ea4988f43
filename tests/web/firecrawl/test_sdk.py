"""The real SDK of Firecrawl against a real web process, worker and Redis: v2 and v1, waiting and not, and its watcher."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from firecrawl import AsyncFirecrawl, Firecrawl
from firecrawl.v2.types import PaginationConfig, ScrapeOptions
from firecrawl.v2.utils.error_handler import BadRequestError, FirecrawlError, WebsiteNotSupportedError

from local import ports
from tests import patience
from tests.local import real
from tests.topics.scraping import site as sites
from tests.topics.scraping.site import Answer, Site, page

pytestmark = pytest.mark.real_redis

RUN = "import runpy, sys; sys.argv = ['manage.py', *{words!r}]; runpy.run_path('manage.py', run_name='__main__')"
NAMES = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
CAPTCHA = Answer("<title>Just a moment...</title><div class=g-recaptcha data-sitekey=x></div><p>Checking your browser</p>", 403)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A first page that leads to ten others, and one that asks for a captcha."""
    pages = {f"/p{number}": page(f"Page {name}", "/") for number, name in enumerate(NAMES)}
    with sites.served({"/": page("Trees", *pages), "/captcha": CAPTCHA, **pages}) as served:
        yield served


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, real_server: str) -> Iterator[Callable[[], str]]:
    """The address of a web process beside a worker."""
    folder, port = tmp_path_factory.mktemp("sdk"), ports.free_port()
    env = {"REDIS_URL": real_server, "DATA_DIR": str(folder), "FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "REQUEST_DELAY": "0"}
    env |= {"HOST_CONCURRENCY": "20", "SERP_PROVIDER": "sandbox", "CHROMIUM_PATH": str(folder / "none"), "WORKERS": "1"}
    web, worker = RUN.format(words=["web", "--port", str(port)]), RUN.format(words=["worker"])
    with real.program(web, folder / "web.log", **env), real.program(worker, folder / "worker.log", **env):

        def ready() -> str:
            real.until(lambda: _answers(port, folder / "web.log"))
            return f"http://127.0.0.1:{port}"

        yield ready


def _answers(port: int, log: Path) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"http://127.0.0.1:{port}/v2/concurrency-check", timeout=patience.HANG_S).status_code == 200
    return False


@pytest.fixture
def base(processes: Callable[[], str]) -> str:
    return processes()


@pytest.fixture
def sdk(base: str) -> Firecrawl:
    return Firecrawl(api_key="fc-test", api_url=base)


def test_a_page_is_scraped_in_the_asked_forms(sdk: Firecrawl, site: Site) -> None:
    plain = sdk.scrape(site.url)
    assert plain.markdown and plain.html is None and plain.metadata is not None
    assert (plain.metadata.status_code, plain.metadata.source_url, plain.metadata.title) == (200, site.url, "Trees")
    forms = sdk.scrape(site.url, formats=["html", "rawHtml", "links"], only_main_content=False, exclude_tags=["h1"], max_age=0)
    assert forms.html and forms.raw_html and len(forms.links or []) == 10 and forms.markdown is None
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    assert sdk.scrape(site.url, formats=[{"type": "json", "schema": schema}]).json == {"title": "Trees"}


def test_errors_are_those_that_the_sdk_knows(sdk: Firecrawl, site: Site) -> None:
    with pytest.raises(BadRequestError, match="screenshot"):
        sdk.scrape(site.url, formats=["screenshot"])
    with pytest.raises(BadRequestError):
        sdk.scrape("not a url")
    with pytest.raises(WebsiteNotSupportedError, match="challenge page"):
        sdk.scrape(f"{site.url}/captcha")
    with pytest.raises(FirecrawlError, match="not found"):
        sdk.get_crawl_status("00000000-0000-4000-8000-000000000000")
    with pytest.raises(FirecrawlError, match="extract"):
        sdk.start_extract([site.url], prompt="x")


def test_a_batch_is_waited_for_and_another_cancelled(sdk: Firecrawl, site: Site) -> None:
    urls = [f"{site.url}/p{number}" for number in range(7)]
    done = sdk.batch_scrape(urls, formats=["markdown"], poll_interval=1, wait_timeout=300)
    assert (done.status, done.completed, done.total) == ("completed", 7, 7)
    assert {one.metadata.source_url for one in done.data if one.metadata} == set(urls)
    started = sdk.start_batch_scrape([*urls, "https://"], ignore_invalid_urls=True, idempotency_key="once")
    assert started.invalid_urls == ["https://"]
    again = sdk.start_batch_scrape([*urls, "https://"], ignore_invalid_urls=True, idempotency_key="once")
    assert started.id == again.id


def test_a_crawl_is_waited_for_listed_paged_and_cancelled(sdk: Firecrawl, site: Site) -> None:
    options = ScrapeOptions(formats=["markdown", "links"])
    done = sdk.crawl(site.url, limit=8, exclude_paths=["/p9"], scrape_options=options, poll_interval=1, timeout=300)
    assert done.status == "completed" and done.completed == done.total == len(done.data) == 8
    started = sdk.start_crawl(site.url, limit=8, delay=1)
    assert any(one.id == started.id for one in sdk.get_active_crawls().crawls)
    assert sdk.cancel_crawl(started.id) is True
    assert sdk.get_crawl_status(started.id, pagination_config=PaginationConfig(auto_paginate=False)).status == "cancelled"
    assert sdk.cancel_crawl(done.id) is False if hasattr(done, "id") and done.id else True
    assert sdk.get_crawl_errors(started.id).errors == []


def test_a_map_and_the_account(sdk: Firecrawl, site: Site) -> None:
    assert len(sdk.map(site.url, limit=5, sitemap="include").links) == 5
    assert sdk.get_concurrency().max_concurrency >= 0  # each test flushes Redis: a worker says anew after a while that it lives
    assert sdk.get_credit_usage().remaining_credits > 0 and sdk.get_queue_status().waiting_jobs_in_queue >= 0


def test_a_watcher_sees_the_end(sdk: Firecrawl, site: Site) -> None:
    seen: list[str] = []
    watcher = sdk.watcher(sdk.start_crawl(site.url, limit=4).id, kind="crawl", poll_interval=1, timeout=300)
    watcher.add_listener(lambda job: seen.append(job.status))
    watcher.start()
    real.until(lambda: seen and seen[-1] == "completed")


def test_the_asynchronous_client(base: str, site: Site) -> None:
    async def run() -> tuple[int, int, int]:
        client = AsyncFirecrawl(api_key="fc-test", api_url=base)
        assert (await client.scrape(site.url, formats=["markdown"])).markdown
        crawl = await client.crawl(url=site.url, limit=4, poll_interval=1, timeout=300)
        batch = await client.batch_scrape([f"{site.url}/p{number}" for number in range(3)], poll_interval=1)
        return len(crawl.data), len(batch.data), len((await client.map(site.url)).links)

    assert asyncio.run(run()) == (4, 3, 11)


def test_version_one(sdk: Firecrawl, site: Site) -> None:
    old = sdk.v1
    page_ = old.scrape_url(site.url, formats=["markdown", "rawHtml"])
    assert page_.markdown and page_.rawHtml and page_.metadata
    crawl = old.crawl_url(site.url, limit=5, poll_interval=2)
    assert crawl.status == "completed" and len(crawl.data) == crawl.total == 5
    assert len(old.batch_scrape_urls([f"{site.url}/p1", f"{site.url}/p2"], formats=["markdown"]).data) == 2
    assert len(old.map_url(site.url).links) == 11
