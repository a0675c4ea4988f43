"""Pages whose scripts run, in a real Chromium. It reaches nothing but what the fetcher may fetch."""

import importlib.util
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import config
import errors
from clients import fetch
from clients.fetch import by_curl, by_render
from processes import descendants
from tests.clients.fetch.hostile import Server, page, redirect, serving, silent

HTML = "Content-Type: text/html; charset=utf-8"
MISSING = importlib.util.find_spec("playwright") is None or not os.access("/usr/bin/chromium", os.X_OK)

browser = pytest.mark.skipif(MISSING, reason="Playwright or Chromium is not installed")


@pytest.fixture
def site(names: dict[str, list[str]]) -> Iterator[Server]:
    """A site whose name is allowed; this machine is not."""
    names["site.example"] = ["127.0.0.1"]
    with serving({}) as server, config.overridden(fetch_allow_networks="site.example"):
        yield server
    by_curl.close()


def render(server: Server, path: str = "/", **fields: Any) -> fetch.Reply:
    return fetch.get(fetch.Request(server.at("site.example") + path, mode="render", **{"timeout_s": 30.0, **fields}))


def script(code: str) -> bytes:
    return page(f"<title>é</title><p id=x>before</p><script>{code}</script>".encode(), HTML)


SET = "document.getElementById('x').textContent = "


@browser
def test_a_page_is_read_after_its_scripts_ran_and_what_they_fetched(site: Server) -> None:
    site.ways["/"] = script(
        f"fetch('/data', {{method: 'POST', body: 'asked'}}).then(r => r.json()).then(d => {{ {SET} d.text }})"
    )
    site.ways["/data"] = page(b'{"text": "after"}', "Content-Type: application/json")
    reply = render(site)
    assert '<p id="x">after</p>' in reply.text and "<title>é</title>" in reply.text
    assert (reply.status, reply.charset, reply.address) == (200, "utf-8", "127.0.0.1")
    assert site.heard[-1].startswith(b"POST /data") and site.heard[-1].endswith(b"asked")


INTRUDER = """
<iframe src="URL/"></iframe><img src="URL/i"><script src="URL/a.js"></script><link rel=preload as=fetch href="URL/p">
<link rel=stylesheet href="URL/c"><link rel=prefetch href="URL/f"><link rel=preconnect href="URL"><object data="URL/o"></object>
<video src="URL/v"></video><link rel=icon href="URL/icon"><link rel=manifest href="URL/manifest">
<style>@import "URL/i.css"</style>
<script>
fetch("URL/x").catch(e => 0); new WebSocket("URL/w".replace("http", "ws")); navigator.sendBeacon("URL/b", "x");
new EventSource("URL/e");
const peer = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:PORT"}, {urls: "turn:127.0.0.1:PORT?transport=tcp",
  username: "u", credential: "p"}]});
peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
fetch("/hop").catch(e => 0); import("URL/m").catch(e => 0); window.open("URL/n");
try { new Worker("URL/k") } catch (e) {}
try { new WebTransport("URL/t".replace("http:", "https:")) } catch (e) {}
</script>"""


@browser
def test_nothing_of_the_page_reaches_this_machine(site: Server, names: dict[str, list[str]]) -> None:
    names["inside.example"] = ["127.0.0.1"]
    ways = {"/": page(b"secret", "Access-Control-Allow-Origin: *", HTML), "/a.js": page(b"", HTML)}
    with serving(ways) as canary, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", canary.port))
        datagrams.setblocking(False)
        for host in ("127.0.0.1", "localhost", "inside.example", "0x7f.1", "[::1]"):
            url = canary.at(host)
            site.ways["/"] = page(INTRUDER.replace("URL", url).replace("PORT", str(canary.port)).encode(), HTML)
            site.ways["/hop"] = redirect(url + "/")
            assert "secret" not in render(site).text
        assert canary.connections == 0
        with pytest.raises(BlockingIOError):
            datagrams.recv(1)


@browser
@pytest.mark.parametrize("way", ["location.href = 'URL'", "location.replace('URL')", "document.forms[0].submit()"])
def test_a_script_that_leaves_for_this_machine_is_refused(site: Server, way: str) -> None:
    with serving({"/": page(b"secret", HTML)}) as canary:
        form = f'<form action="{canary.url}/" method=post></form>'
        site.ways["/"] = page(f"{form}<script>{way.replace('URL', canary.url)}</script>".encode(), HTML)
        with pytest.raises(errors.RefusedAddress):
            render(site)
        assert canary.connections == 0


@browser
def test_a_script_that_leaves_for_another_page_is_followed_and_asked_about(site: Server) -> None:
    asked: list[str] = []
    site.ways["/"] = script("location.href = '/next'")
    site.ways["/next"] = redirect("/end")
    site.ways["/end"] = script(f"{SET} 'end'")
    request = fetch.Request(site.at("site.example"), mode="render", timeout_s=30.0)
    reply = fetch.get(request, before=asked.append)
    assert asked == [site.at("site.example") + path for path in ("/next", "/end")]
    assert '<p id="x">end</p>' in reply.text


@browser
def test_a_page_that_never_ends_is_read_when_its_time_does(site: Server) -> None:
    before = descendants.memory_mb()  # of servers that other tests started
    site.ways["/"] = page(b"<p>there</p><script src=/never></script>", HTML)
    site.ways["/never"] = silent
    assert "there" in render(site, timeout_s=12.0).text
    site.ways["/"] = script("for (;;);")
    with pytest.raises(errors.PageLate):
        render(site, timeout_s=6.0)
    assert descendants.memory_mb() < before + 30  # a browser takes more; what others share with it counts for them once it ends


@browser
def test_a_page_that_eats_memory_ends_its_browser_only(site: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_render, "MEMORY_MB", 300)
    before = descendants.memory_mb()
    eat = "const a = new Uint8Array(2e7); a.fill(7); kept.push(a)"
    code = f"const kept = []; for (;;) {{ {eat}; const at = Date.now(); while (Date.now() - at < 50); }}"  # it is never loaded
    site.ways["/"] = script(code)
    with pytest.raises(errors.SystemFault):
        render(site)
    assert descendants.memory_mb() < before + 30  # a browser takes more; what others share with it counts for them once it ends


@browser
def test_what_is_no_html_and_what_is_unchanged_needs_no_browser(site: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_render._Page, "rendered", None)
    site.ways.update({"/": page(b"{}", "Content-Type: application/json"), "/same": page(b"", HTML, status="304 X")})
    assert render(site).body == b"{}"
    assert render(site, "/same", etag="x").not_modified


@browser
def test_a_page_that_writes_without_end_is_too_large(site: Server) -> None:
    site.ways["/"] = script("document.body.append('x'.repeat(2e6))")
    with pytest.raises(errors.PageTooLarge):
        render(site, max_bytes=1_000_000)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find = importlib.util.find_spec
    with config.overridden(chromium_path=tmp_path / "none"), pytest.raises(errors.ConfigError):
        fetch.check_mode("render")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("playwright", "curl_cffi") else find(name))
    for mode, file in (("render", "requirements-browser.txt"), ("stealth", "requirements-stealth.txt")):
        with pytest.raises(errors.ConfigError, match=f"pip install -r {file}"):
            fetch.check(fetch.Request("https://example.com/", mode=mode))  # type: ignore[arg-type]
    with pytest.raises(errors.ArgumentError, match="direct, stealth"):
        fetch.check_mode("magic")


FORM = """<title>Form</title><div id=list></div><input id=word><button id=more>More</button>
<p id=far style="margin-top:3000px">far</p>
<script>
const add = (text) => { const p = document.createElement('p'); p.className = 'row'; p.textContent = text; list.append(p); };
more.onclick = () => setTimeout(() => add('clicked'), 50);
word.onkeydown = (event) => { if (event.key === 'Enter') add('wrote ' + word.value); };
addEventListener('scroll', () => add('scrolled'), {once: true});
setTimeout(() => add('late'), 300);
</script>"""


@browser
def test_actions_are_done_in_order_before_the_page_is_read(site: Server) -> None:
    site.ways["/"] = page(FORM.encode(), HTML)
    actions = (
        {"type": "click", "selector": "#more"},
        {"type": "wait", "selector": "p.row"},
        {"type": "write", "selector": "#word", "text": "oak"},
        {"type": "press", "key": "Enter"},
        {"type": "scroll", "direction": "down"},
        {"type": "wait", "milliseconds": 600},
    )
    text = render(site, onscreen=fetch.Onscreen(actions=actions)).text
    assert [row for row in ("clicked", "wrote oak", "scrolled", "late") if f">{row}</p>" not in text] == [], text


@browser
def test_a_page_goes_on_for_the_time_that_is_asked(site: Server) -> None:
    site.ways["/"] = script(f"setTimeout(() => {{ {SET} 'late' }}, 800)")
    assert ">late<" in render(site, onscreen=fetch.Onscreen(wait_s=2.0)).text


@browser
def test_a_picture_is_of_the_screen_or_of_the_whole_page(site: Server) -> None:
    site.ways["/"] = page(FORM.encode(), HTML)
    seen = {name: render(site, onscreen=fetch.Onscreen(picture=name)).picture for name in ("view", "page")}
    seen["mobile"] = render(site, onscreen=fetch.Onscreen(picture="view", mobile=True)).picture
    assert all(data.startswith(b"\xff\xd8") for data in seen.values())
    assert size_of(seen["view"]) == (1280, 800) and size_of(seen["mobile"])[0] == 780
    assert size_of(seen["page"])[1] > 3000 and not render(site).picture


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, by its frame header."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return int.from_bytes(jpeg[at + 7 : at + 9]), int.from_bytes(jpeg[at + 5 : at + 7])


@browser
def test_an_action_on_what_is_not_there_fails_and_names_it(site: Server) -> None:
    site.ways["/"] = page(FORM.encode(), HTML)
    with pytest.raises(errors.DataError, match="could not be done on the page"):
        render(site, timeout_s=8.0, onscreen=fetch.Onscreen(actions=({"type": "click", "selector": "#none"},)))


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"type": "executeJavascript", "script": "x"}, "executeJavascript"),
        ({"type": "click"}, "needs selector"),
        ({"type": "click", "selector": "a", "colour": "red"}, "colour"),
        ({"type": "wait", "milliseconds": 999_999}, "milliseconds"),
        ({"type": "scroll", "direction": "left"}, "direction"),
        ({"type": "write", "text": ["a"]}, "text"),
    ],
)
def test_an_action_that_cannot_be_done_is_refused_before_the_fetch(action: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.ArgumentError, match=words):
        fetch.check(fetch.Request("https://a.example/", onscreen=fetch.Onscreen(actions=(action,))))
