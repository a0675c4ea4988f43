"""Pages after their scripts ran, in Chromium by Playwright. An extra: requirements-browser.txt, and a browser at CHROMIUM_PATH.

Chromium reaches no network. Each of its requests is sent by the fetcher of every other page, with its checks and limits, and
handed back. What would go out another way (WebSockets, WebRTC, prefetched names) meets a proxy that is not there.

Meant to run in an isolated job: when the process of the job ends, so does the browser. Give that job no `memory_mb`: Chromium
reserves more address space than any such limit allows, and uses little of it. Its memory is bounded here.
"""

import asyncio
import contextlib
import importlib.util
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import clock
import config
import errors
from clients.fetch import addresses, cookies, exchange, following, messages, render_actions, targets
from clients.fetch.messages import Reply, Request
from processes import descendants

INSTALL = "pip install -r requirements-browser.txt"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
NEEDLESS = frozenset({"image", "media", "font"})  # kinds of requests that change no text
MOST_REQUESTS, AT_ONCE = 300, 8
MEMORY_MB = 1024  # of the browser with all its processes
LOOK_S = 0.25  # between two looks at its memory
QUIET_S = 5.0  # longest wait for the network to fall silent, once the page is loaded
LAST_S = 2.0  # kept of the deadline, to read the page

FLAGS = (
    "--proxy-server=http://127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",  # not even for this machine
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-quic",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--js-flags=--max-old-space-size=512",
)
#: The page with its open shadow roots as templates; null where there is none, or the browser is too old.
WITH_SHADOWS = """() => {
  const roots = [], open = [document];
  while (open.length && roots.length < 1000) {
    for (const one of open.pop().querySelectorAll('*'))
      if (one.shadowRoot) { roots.push(one.shadowRoot); open.push(one.shadowRoot); }
  }
  const html = document.documentElement;
  return roots.length && html.getHTML ? '<!DOCTYPE html><html>' + html.getHTML({shadowRoots: roots}) + '</html>' : null;
}"""

#: Headers of an answer that speak of its form on the way, not of the page.
OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})


def check() -> None:
    """Raises ConfigError, with what to install, if Playwright or the browser is missing."""
    if importlib.util.find_spec("playwright") is None:
        raise errors.ConfigError(f"mode render needs Playwright: {INSTALL}")
    path = config.settings().chromium_path
    if not os.access(path, os.X_OK):
        raise errors.ConfigError(f"CHROMIUM_PATH={path} is no program: apt-get install chromium, or name your Chromium")


def get(request: Request, before: Callable[[str], None] | None = None, jar: cookies.Jar | None = None) -> Reply:
    """The page as its scripts left it: `body` is UTF-8. A reply that is no HTML comes as it is.

    `before` is called with each address that the page itself is sent on to, by a redirect or a script. `jar`: the cookies of a
    session; what the page itself sets is kept there. Raises as every fetch, and SystemFault if the browser crashes or grows too
    large.
    """
    began = clock.monotonic()
    timeout_s = request.timeout_s or config.settings().request_timeout
    first = following.get(replace(request, mode="direct", timeout_s=timeout_s), before, jar=jar)
    if "html" not in first.headers.get("content-type", "") or first.not_modified:
        return first
    page = _Page(request, before, first, began + timeout_s, timeout_s, addresses.is_public(first.address), jar)
    html, url, picture = asyncio.run(page.rendered())
    page.raise_problem()
    headers = {**{name: value for name, value in first.headers.items() if name not in OF_THE_WAY}, "content-type": CONTENT_TYPE}
    return replace(
        first,
        url=request.url,
        final_url=url,
        headers=headers,
        body=html.encode("utf-8", "replace"),
        picture=picture,
        redirects=(*first.redirects, *page.redirects),
        elapsed_s=clock.monotonic() - began,
        sent_ago_s=clock.monotonic() - page.sent_at,
    )


CONTENT_TYPE = "text/html; charset=utf-8"


@dataclass
class _Page:
    """One page in one browser."""

    request: Request
    before: Callable[[str], None] | None
    first: Reply | None  # what the navigation gets; then None
    ends_at: float
    timeout_s: float
    is_public: bool  # then every part of it must be
    jar: cookies.Jar | None = None
    sent_at: float = field(default_factory=clock.monotonic)
    redirects: list[str] = field(default_factory=list)
    count: int = 0
    received: int = 0
    problem: errors.TrawlError | None = None

    @property
    def screen(self) -> messages.Onscreen:
        """What is done on it."""
        return self.request.onscreen or messages.Onscreen()

    async def rendered(self) -> tuple[str, str, bytes]:
        """The page's HTML, address and picture, once it is loaded and quiet, or what there is when the time ends."""
        from playwright.async_api import Error, async_playwright

        assert self.first is not None
        url = self.first.final_url
        try:
            async with asyncio.timeout(self._left_s()), async_playwright() as playwright, self._context(playwright) as context:
                page = await context.new_page()
                with contextlib.suppress(Error):  # late, or aborted by the page itself: what there is, is read
                    await page.goto(url, wait_until="load", timeout=max(1.0, (self._left_s() - LAST_S) * 1000))
                    await page.wait_for_load_state("networkidle", timeout=self._quiet_ms())
                self.raise_problem()
                picture = await render_actions.act(page, self.screen, self._left_s() - LAST_S)
                self.raise_problem()
                html, url = await _html(page, shadows=self.screen.shadows), page.url
                if len(html) > self.request.max_bytes:
                    raise exchange.page_too_large(targets.check(url).host, self.request.max_bytes)
                return html, targets.check(url).href, picture
        except TimeoutError:
            ended: errors.TrawlError = errors.PageLate(
                f"{url} was not rendered within {self.timeout_s:g} s (REQUEST_TIMEOUT): it is tried again"
            )
        except Error as exc:
            ended = errors.SystemFault(f"the browser failed at {url}: {str(exc).splitlines()[0][:200]}")
        raise self.problem or ended

    def raise_problem(self) -> None:
        """Raise what ended the page, if anything did."""
        if self.problem is not None:
            raise self.problem

    @contextlib.asynccontextmanager
    async def _context(self, playwright: Any) -> AsyncIterator[Any]:
        browser = await playwright.chromium.launch(
            executable_path=str(config.settings().chromium_path),
            args=list(FLAGS),
            chromium_sandbox=os.geteuid() != 0,  # Chromium has no sandbox for root: render as an ordinary user
            timeout=max(1.0, self._left_s() * 1000),
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="render")
        watch = asyncio.create_task(self._watch(browser))
        try:
            agent = next((value for name, value in self.request.headers.items() if name.lower() == "user-agent"), None)
            context = await browser.new_context(
                user_agent=agent or following.user_agent(),
                accept_downloads=False,
                service_workers="block",
                **(render_actions.MOBILE if self.screen.mobile else render_actions.DESK),
            )
            if self.jar and (kept := self.jar.each()):
                await context.add_cookies(kept)
            await context.route("**/*", lambda route: self._answer(route, pool))
            await context.route_web_socket("**/*", lambda socket: socket.close())
            yield context
        finally:
            watch.cancel()
            pool.shutdown(wait=False, cancel_futures=True)  # a request that is under way ends by its own deadline
            await browser.close()

    async def _watch(self, browser: Any) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if await asyncio.to_thread(descendants.memory_mb) > MEMORY_MB:
                self.problem = errors.SystemFault(
                    f"{self.request.url} needs more than {MEMORY_MB} MB in the browser: it is closed"
                )
                await browser.close()

    async def _answer(self, route: Any, pool: ThreadPoolExecutor) -> None:
        """Answer one request of the page: with what the fetcher gets for it, or not at all."""
        from playwright.async_api import Error

        with contextlib.suppress(Error):  # the page is gone
            asked = route.request
            first, is_page = self.first, asked.is_navigation_request() and asked.frame.parent_frame is None
            if is_page and first is not None:
                self.first = None
                await _fulfill(route, first)
                return
            self.count += 1
            is_needless = asked.resource_type in NEEDLESS and not (self.screen.picture and asked.resource_type != "media")
            if is_needless or asked.method not in METHODS or self.count > MOST_REQUESTS:
                await route.abort()
                return
            headers = await asked.all_headers()
            data = (asked.method, asked.post_data_buffer or b"")
            reply = await asyncio.get_running_loop().run_in_executor(pool, self._fetched, asked.url, headers, data, is_page)
            await (route.abort() if reply is None else _fulfill(route, reply))

    def _fetched(self, url: str, headers: Mapping[str, str], data: tuple[str, bytes], is_page: bool) -> Reply | None:
        """What the fetcher gets for a request of the page; None where it is refused or fails."""
        asked, most = self.request, max(1, min(self.request.max_bytes, 5 * self.request.max_bytes - self.received))
        kept = {name: value for name, value in headers.items() if _may_send(name)}
        asked = Request(url, kept, max(0.001, self._left_s()), most, proxy=asked.proxy, verify_tls=asked.verify_tls)
        try:
            messages.check(asked)
            if is_page:
                self._ask(url)
            reply = following.get(asked, self._ask if is_page else None, sent=data, public_only=self.is_public)
        except errors.TrawlError as exc:
            if is_page:
                self.problem = self.problem or exc
            return None
        self.received += len(reply.body)
        return reply

    def _ask(self, url: str) -> None:
        target = targets.check(url).href
        if self.before is not None:
            self.before(target)
        self.redirects.append(target)
        self.sent_at = clock.monotonic()
        if len(self.redirects) > self.request.max_redirects:
            raise errors.TooManyRedirects(
                f"{self.request.url} sends on more than {self.request.max_redirects} times by its scripts"
            )

    def _left_s(self) -> float:
        return max(0.001, self.ends_at - clock.monotonic())

    def _quiet_ms(self) -> float:
        return max(1.0, min(QUIET_S, self._left_s() - LAST_S) * 1000)


async def _html(page: Any, *, shadows: bool) -> str:
    """The page as it is now. One that is just being replaced by another is asked again; the deadline is the caller's."""
    from playwright.async_api import Error

    while True:
        try:
            whole = await page.evaluate(WITH_SHADOWS) if shadows else None
            return whole if isinstance(whole, str) else str(await page.content())
        except Error as exc:
            if "navigating" not in str(exc):
                raise
        await asyncio.sleep(0.05)


def _may_send(name: str) -> bool:
    return not name.startswith((":", "proxy-")) and name not in messages.OURS


async def _fulfill(route: Any, reply: Reply) -> None:
    headers = {name: value for name, value in reply.headers.items() if name not in OF_THE_WAY}
    await route.fulfill(status=reply.status, headers=headers, body=reply.body)
