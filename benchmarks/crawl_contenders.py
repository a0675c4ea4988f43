"""The contenders of `benchmarks/crawl.py`: a bare loop of threads with pycurl, one of coroutines with aiohttp, and Scrapy.

They share one set of rules (what is a page, what is a trap) that is tuned to such sites, write the same line a page, and keep
nothing else: no queue, no ledger, no politeness.
"""

import asyncio
import gzip
import io
import json
import multiprocessing
import os
import queue
import re
import threading
import zlib
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit
from urllib.request import urlopen
from urllib.robotparser import RobotFileParser

from selectolax.lexbor import LexborHTMLParser

DROPPED = ("utm_source", "sessionid")
FILES = (".pdf", ".zip", ".jpg", ".png")
MOST_OF_A_PATH, MOST_PARAMETERS, MOST_DEPTH = 60, 2, 8
TIMEOUT_S = 10


class Rules:
    """One canonical form, one filter."""

    def __init__(self, origin: str) -> None:
        self.host, self.counts = urlsplit(origin).netloc, dict[str, int]()
        self.robots = RobotFileParser()
        self.robots.parse(urlopen(f"{origin}/robots.txt").read().decode().splitlines())

    def wants(self, url: str) -> bool:
        """Whether a page is worth a request."""
        parts = urlsplit(url)
        if parts.netloc != self.host or parts.path.lower().endswith(FILES) or parts.path.count("/") > MOST_DEPTH:
            return False
        names = [part for part in parts.path.split("/") if part]
        if any(names.count(name) > 2 for name in names):
            return False
        if parts.query:
            self.counts[parts.path] = self.counts.get(parts.path, 0) + 1
            if self.counts[parts.path] > MOST_OF_A_PATH or parts.query.count("&") >= MOST_PARAMETERS:
                return False
        return self.robots.can_fetch("bench", url)


def canonical(url: str) -> str:
    """One form of an address."""
    parts = urlsplit(url)
    fields = sorted((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in DROPPED)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", urlencode(fields), ""))


def nowhere() -> TextIO:
    """Where lines are written that nobody reads."""
    return open(os.devnull, "w")


def seeds(origin: str) -> list[str]:
    """The start page and what the sitemaps name."""
    todo, done, found = [f"{origin}/sitemap.xml"], set[str](), [f"{origin}/"]
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        body = urlopen(name).read()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        names = [match.decode() for match in re.findall(rb"<loc>([^<]+)</loc>", body)]
        if b"<sitemapindex" in body:
            todo += names
        else:
            found += map(canonical, names)
    return found


def read(url: str, body: bytes) -> tuple[list[str], str | None]:
    """The links of a page, and its line; no line where it is another page by its own word."""
    tree = LexborHTMLParser(body)
    named = tree.css_first('link[rel="canonical"]')
    if named and (href := named.attributes.get("href")) and (other := canonical(urljoin(url, href))) != url:
        return [other], None
    links = [canonical(urljoin(url, href.strip())) for a in tree.css("a") if (href := a.attributes.get("href"))]
    title = tree.css_first("title")
    return links, json.dumps({"url": url, "title": title.text() if title else None, "links": len(links)})


def with_aiohttp(origin: str, count: int) -> None:
    """Coroutines on one event loop."""
    import aiohttp

    async def run() -> None:
        rules, seen, todo = Rules(origin), set[str](), asyncio.Queue[tuple[str, int]]()
        out = nowhere()

        def offer(urls: list[str]) -> None:
            for url in urls:
                if url not in seen:
                    seen.add(url)
                    if rules.wants(url):
                        todo.put_nowait((url, 0))

        async def work(session: aiohttp.ClientSession) -> None:
            while True:
                url, tries = await todo.get()
                try:
                    async with session.get(url, max_redirects=5) as answer:
                        body = await answer.read()
                        if answer.status >= 500:
                            raise OSError
                        if answer.status == 200 and "html" in answer.headers.get("Content-Type", ""):
                            final = canonical(str(answer.url))
                            seen.add(final)
                            links, line = read(final, body)
                            out.write(line or "")
                            offer(links)
                except aiohttp.TooManyRedirects:
                    pass
                except (aiohttp.ClientError, TimeoutError, OSError):
                    if tries < 1:
                        todo.put_nowait((url, tries + 1))
                finally:
                    todo.task_done()

        timeout, connector = aiohttp.ClientTimeout(total=TIMEOUT_S), aiohttp.TCPConnector(limit=count)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            offer(seeds(origin))
            workers = [asyncio.create_task(work(session)) for _ in range(count)]
            await todo.join()
            for worker in workers:
                worker.cancel()

    asyncio.run(run())


def with_threads(origin: str, count: int, processes: int = 2) -> None:
    """Threads with pycurl in two processes; the frontier is split by the hash of the address."""
    pending: Any = multiprocessing.Value("i", 1)
    inboxes: list[Any] = [multiprocessing.Queue() for _ in range(processes)]
    made = [
        multiprocessing.Process(target=_process, args=(number, origin, count // processes, inboxes, pending))
        for number in range(processes)
    ]
    for process in made:
        process.start()
    for process in made:
        process.join()


def _process(me: int, origin: str, count: int, inboxes: Any, pending: Any) -> None:
    import time

    import pycurl

    rules, seen, lock, todo, local = (
        Rules(origin),
        set[str](),
        threading.Lock(),
        queue.SimpleQueue[tuple[str, int]](),
        threading.local(),
    )
    out = nowhere()

    def get(url: str) -> tuple[int, str, str, bytes]:
        if not hasattr(local, "curl"):
            local.curl = pycurl.Curl()
            for option, value in ((pycurl.NOSIGNAL, 1), (pycurl.TIMEOUT_MS, TIMEOUT_S * 1000), (pycurl.FOLLOWLOCATION, 1)):
                local.curl.setopt(option, value)
            local.curl.setopt(pycurl.MAXREDIRS, 5)
            local.curl.setopt(pycurl.ACCEPT_ENCODING, "gzip, deflate, br")
        curl, body = local.curl, io.BytesIO()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEFUNCTION, body.write)
        try:
            curl.perform()
        except pycurl.error as exc:
            raise OSError(exc.args[0]) from None
        return (
            curl.getinfo(pycurl.RESPONSE_CODE),
            curl.getinfo(pycurl.CONTENT_TYPE) or "",
            curl.getinfo(pycurl.EFFECTIVE_URL),
            body.getvalue(),
        )

    def offer(urls: list[str]) -> None:
        mine, theirs = [], []
        with lock:
            for url in urls:
                if url in seen:
                    continue
                seen.add(url)
                owner = zlib.crc32(url.encode()) % len(inboxes)
                if owner != me:
                    theirs.append((owner, url))
                elif rules.wants(url):
                    mine.append(url)
        with pending.get_lock():
            pending.value += len(mine) + len(theirs)
        for url in mine:
            todo.put((url, 0))
        for owner, url in theirs:
            inboxes[owner].put(url)

    def receive() -> None:
        while True:
            url = inboxes[me].get()
            with lock:
                new = url not in seen and rules.wants(url)
                seen.add(url)
            if new:
                todo.put((url, 0))
            else:
                with pending.get_lock():
                    pending.value -= 1

    def work() -> None:
        while True:
            url, tries = todo.get()
            try:
                status, kind, final, body = get(url)
                if status >= 500:
                    raise OSError(0)
                if status == 200 and "html" in kind:
                    final = canonical(final)
                    with lock:
                        seen.add(final)
                    links, line = read(final, body)
                    out.write(line or "")
                    offer(links)
            except OSError as exc:
                if tries < 1 and exc.args[0] != pycurl.E_TOO_MANY_REDIRECTS:
                    with pending.get_lock():
                        pending.value += 1
                    todo.put((url, tries + 1))
            finally:
                with pending.get_lock():
                    pending.value -= 1

    for target in (receive, *[work] * count):
        threading.Thread(target=target, daemon=True).start()
    if me == 0:
        offer(seeds(origin))
        with pending.get_lock():
            pending.value -= 1
    while pending.value > 0:
        time.sleep(0.02)
    os._exit(0)


def with_scrapy(origin: str, count: int) -> None:
    """Scrapy, its delay 0 and its retries as the others have them."""
    import scrapy  # type: ignore[import-not-found]
    from scrapy.crawler import CrawlerProcess  # type: ignore[import-not-found]

    rules, seen, out = Rules(origin), set[str](), nowhere()

    class Spider(scrapy.Spider):  # type: ignore[misc]
        name = "bench"

        async def start(self) -> Any:
            for request in self.offer(seeds(origin)):
                yield request

        def offer(self, urls: list[str]) -> Any:
            for url in urls:
                if url not in seen:
                    seen.add(url)
                    if rules.wants(url):
                        yield scrapy.Request(url, self.parse, dont_filter=True)

        def parse(self, response: Any) -> Any:
            if not isinstance(response, scrapy.http.HtmlResponse):
                return
            url = canonical(response.url)
            seen.add(url)
            named = response.css('link[rel="canonical"]::attr(href)').get()
            if named and (other := canonical(urljoin(url, named))) != url:
                yield from self.offer([other])
                return
            links = [canonical(urljoin(url, href.strip())) for href in response.css("a::attr(href)").getall()]
            out.write(json.dumps({"url": url, "title": response.css("title::text").get(), "links": len(links)}))
            yield from self.offer(links)

    settings = {
        "LOG_LEVEL": "CRITICAL",
        "CONCURRENT_REQUESTS": count,
        "CONCURRENT_REQUESTS_PER_DOMAIN": count,
        "DOWNLOAD_DELAY": 0,
    }
    settings |= {"ROBOTSTXT_OBEY": True, "RETRY_TIMES": 1, "DOWNLOAD_TIMEOUT": TIMEOUT_S, "COOKIES_ENABLED": False}
    process = CrawlerProcess(settings | {"TELNETCONSOLE_ENABLED": False, "REDIRECT_MAX_TIMES": 5})
    process.crawl(Spider)
    process.start()


def run(name: str, origin: str, count: int) -> None:
    """Crawl with one of them."""
    {"aiohttp": with_aiohttp, "threads": with_threads, "scrapy": with_scrapy}[name](origin, count)
