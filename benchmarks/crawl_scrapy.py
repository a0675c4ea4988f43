"""Scrapy, its delay 0 and its retries as the other contenders have them."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import scrapy  # type: ignore[import-not-found]
from scrapy.crawler import CrawlerProcess  # type: ignore[import-not-found]

from benchmarks.crawl_rules import TIMEOUT_S, Rules, canonical, nowhere, seeds

SETTINGS = {
    "LOG_LEVEL": "CRITICAL",
    "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": True,
    "RETRY_TIMES": 1,
    "DOWNLOAD_TIMEOUT": TIMEOUT_S,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REDIRECT_MAX_TIMES": 5,
}


class Spider(scrapy.Spider):  # type: ignore[misc]
    """One crawl."""

    name = "bench"

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin, self.rules, self.seen, self.out = origin, Rules(origin), set[str](), nowhere()

    async def start(self) -> Any:
        """The first requests."""
        for request in self.offer(seeds(self.origin)):
            yield request

    def offer(self, urls: list[str]) -> Iterator[Any]:
        """Requests for those that are new."""
        for url in urls:
            if url not in self.seen:
                self.seen.add(url)
                if self.rules.wants(url):
                    yield scrapy.Request(url, self.parse, dont_filter=True)

    def parse(self, response: Any) -> Iterator[Any]:
        """Write the line of a page, and follow its links."""
        if not isinstance(response, scrapy.http.HtmlResponse):
            return
        url = canonical(response.url)
        self.seen.add(url)
        named = response.css('link[rel="canonical"]::attr(href)').get()
        if named and (other := canonical(urljoin(url, named))) != url:
            yield from self.offer([other])
            return
        links = [canonical(urljoin(url, href.strip())) for href in response.css("a::attr(href)").getall()]
        self.out.write(json.dumps({"url": url, "title": response.css("title::text").get(), "links": len(links)}))
        yield from self.offer(links)


def crawl(origin: str, count: int) -> None:
    """Crawl a site with so many requests at a time."""
    process = CrawlerProcess(SETTINGS | {"CONCURRENT_REQUESTS": count, "CONCURRENT_REQUESTS_PER_DOMAIN": count})
    process.crawl(Spider, origin=origin)
    process.start()
