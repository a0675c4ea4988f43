"""A bare loop of coroutines with aiohttp, on one event loop."""

import asyncio

import aiohttp

from benchmarks.crawl_rules import TIMEOUT_S, Rules, canonical, nowhere, read, seeds


class Loop:
    """One crawl."""

    def __init__(self, origin: str) -> None:
        self.origin, self.rules, self.seen, self.out = origin, Rules(origin), set[str](), nowhere()
        self.todo: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    async def run(self, count: int) -> None:
        """Crawl with so many coroutines."""
        timeout, connector = aiohttp.ClientTimeout(total=TIMEOUT_S), aiohttp.TCPConnector(limit=count)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            self._offer(seeds(self.origin))
            workers = [asyncio.create_task(self._work(session)) for _ in range(count)]
            await self.todo.join()
            for worker in workers:
                worker.cancel()

    def _offer(self, urls: list[str]) -> None:
        for url in urls:
            if url not in self.seen:
                self.seen.add(url)
                if self.rules.wants(url):
                    self.todo.put_nowait((url, 0))

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            url, tries = await self.todo.get()
            try:
                await self._page(session, url)
            except aiohttp.TooManyRedirects:
                pass
            except (aiohttp.ClientError, TimeoutError, OSError):
                if tries < 1:
                    self.todo.put_nowait((url, tries + 1))
            finally:
                self.todo.task_done()

    async def _page(self, session: aiohttp.ClientSession, url: str) -> None:
        async with session.get(url, max_redirects=5) as answer:
            body = await answer.read()
        if answer.status >= 500:
            raise OSError
        if answer.status == 200 and "html" in answer.headers.get("Content-Type", ""):
            final = canonical(str(answer.url))
            self.seen.add(final)
            links, line = read(final, body)
            self.out.write(line or "")
            self._offer(links)


def crawl(origin: str, count: int) -> None:
    """Crawl a site with so many coroutines."""

    async def run() -> None:
        await Loop(origin).run(count)

    asyncio.run(run())
