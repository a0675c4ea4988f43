"""A web site for `benchmarks/crawl.py`: made from a seed, served on loopback, with what makes crawls hard; and its own score.

Listings with pages, articles, pages that only the sitemap names; errors, pages that fail once; redirects and loops; the same page
under several addresses; facets, a calendar and session ids without end; files; a part that robots.txt forbids.

A page has some 11 kB and 45 links. Pages of the public web have more (medians of 300 of them, 2026: 95 kB, 125 links).
"""

import asyncio
import gzip
import html
import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

FACETS = {"material": ("wool", "silk", "linen", "cotton"), "tone": ("dark", "light", "warm"), "order": ("price", "name", "new")}
PER_LISTING = 25
REASONS = {200: b"OK", 301: b"Moved", 302: b"Found", 404: b"Not Found", 500: b"Error", 503: b"Busy"}


@dataclass
class Score:
    """What was asked for. `found` holds the pages of the site that were answered."""

    requests: int = 0
    found: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)


class Site:
    """About `size` pages by path, and answers for what leads nowhere."""

    def __init__(self, size: int, seed: int, origin: str) -> None:
        self.origin, self.dice, self.size = origin, random.Random(seed), size
        syllables = ["ka", "lo", "mi", "ren", "tu", "sha", "bel", "dor", "fin", "gra", "hel", "jun"]
        self.words = ["".join(self.dice.choices(syllables, k=self.dice.randint(2, 4))) for _ in range(3000)]
        self.texts = [" ".join(self.dice.choices(self.words, k=60)).capitalize() + "." for _ in range(800)]
        self.pages: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.failing: dict[str, str] = {}
        self.failed_once: set[str] = set()
        self._fill()

    def _fill(self) -> None:
        groups = [f"/{self.dice.choice(self.words)}-{number}/" for number in range(40)]
        self.groups = set(groups)
        items = [f"/item/{self.dice.choice(self.words)}-{number}" for number in range(self.size * 9 // 10)]
        self.alone = [f"/offer/{self.dice.choice(self.words)}-{number}" for number in range(self.size // 100)]
        shuffled = self.dice.sample(items, len(items))
        for kind, share in (("404", 0.03), ("500", 0.01), ("once", 0.01)):
            self.failing |= {shuffled.pop(): kind for _ in range(int(share * self.size))}
        services = [f"/service/{self.dice.choice(self.words)}-{number}" for number in range(20)]
        self.footer = " ".join(f'<a href="{path}">{path.rpartition("/")[2]}</a>' for path in services)
        self.menu = "".join(f'<li><a href="{group}">{group.strip("/")}</a></li>' for group in groups[:15])
        for number, item in enumerate(items):
            self._item(number, item, items, groups)
        for number, group in enumerate(groups):
            self._listing(group, items[number :: len(groups)])
        for path in [*services, *self.alone]:
            self._put(path, path, self._text(3), "")
        links = " ".join(f'<a href="{group}">{group}</a>' for group in groups)
        self._put("/", "Home", self._text(2), f'{links} <a href="/diary?month=2026-01">diary</a> <a href="/index.html">start</a>')
        self.redirects |= {"/r/a": "/r/b", "/r/b": "/r/a"}
        listed = [*items[: len(items) // 3], *self.alone]
        self.maps = {"/map-1.xml": self._map(listed[::2]), "/map-2.xml.gz": gzip.compress(self._map(listed[1::2]), mtime=0)}
        index = "".join(f"<sitemap><loc>{self.origin}{name}</loc></sitemap>" for name in [*self.maps, "/sitemap.xml"])
        self.maps["/sitemap.xml"] = f"<sitemapindex>{index}</sitemapindex>".encode()

    def _item(self, number: int, path: str, items: list[str], groups: list[str]) -> None:
        links = [self.dice.choice(items) for _ in range(6)] + [self.dice.choice(groups)]
        extras = [
            f"{path}?utm_source=mail",
            f"/print{path}",
            f"/to/{number}",
            f"/cart/{number % 50}",
            "/r/a",
            f"/files/{number}.pdf",
        ]
        extras += [f"/members/{number}", f"/missing/{number}", "up/up/up/up/", "/diary?month=2026-05", "mailto:a@example.com"]
        chosen = self.dice.choice(extras) if self.dice.random() < 0.4 else ""
        if chosen == f"/to/{number}":
            self.redirects[chosen] = path
        anchors = " ".join(f'<a href="{link}">{link}</a>' for link in [*links, *([chosen] if chosen else [])])
        self._put(path, path, self._text(self.dice.randint(8, 24)), anchors)

    def _listing(self, group: str, items: list[str]) -> None:
        count = -(-len(items) // PER_LISTING)
        facets = "".join(f'<a href="{group}?{name}={value}">{value}</a>' for name, values in FACETS.items() for value in values)
        for number in range(count):
            path = group if number == 0 else f"{group}?page={number + 1}"
            shown = items[number * PER_LISTING : (number + 1) * PER_LISTING]
            following = [f"{group}?page={number + 2}"] if number + 1 < count else []
            self._put(
                path, path, self._text(1), " ".join(f'<a href="{link}">{link}</a>' for link in [*shown, *following]) + facets
            )

    def _text(self, count: int) -> str:
        return "".join(f"<p>{text}</p>" for text in self.dice.choices(self.texts, k=count))

    def _put(self, path: str, title: str, text: str, links: str) -> None:
        self.pages[path] = self.page(title, text, links, path)

    def page(self, title: str, text: str, links: str, canonical: str = "") -> bytes:
        """An ordinary page."""
        named = f'<link rel="canonical" href="{html.escape(self.origin + canonical)}">' if canonical else ""
        head = f'<head><meta charset="utf-8"><title>{title}</title>{named}<meta name="description" content="{title}"></head>'
        menu = f'<header><nav><ul><li><a href="/">Home</a></li>{self.menu}</ul></nav></header>'
        main = f"<main><h1>{title}</h1>{text}{links}</main><footer>{self.footer}</footer>"
        return f"<!doctype html><html lang=en>{head}<body>{menu}{main}</body></html>".encode()

    def _map(self, paths: list[str]) -> bytes:
        return ("<urlset>" + "".join(f"<url><loc>{self.origin}{path}</loc></url>" for path in paths) + "</urlset>").encode()

    @property
    def reachable(self) -> set[str]:
        """What a crawl must find."""
        return {path for path in self.pages if self.failing.get(path) not in ("404", "500")}

    def answer(self, target: str) -> tuple[int, bytes, str, str]:
        """Status, body, type (or where it sends on to), and what kind of request this was."""
        path, _, query = target.partition("?")
        if target == "/robots.txt":
            text = f"User-agent: *\nDisallow: /members/\nSitemap: {self.origin}/sitemap.xml\n"
            return 200, text.encode(), "text/plain", "robots"
        if target in self.maps:
            return 200, self.maps[target], "application/gzip" if target.endswith("gz") else "text/xml", "sitemap"
        kind = self.failing.get(path)
        if kind in ("404", "500"):
            return int(kind), b"<title>error</title>error", "text/html", kind
        if kind == "once" and path not in self.failed_once:
            self.failed_once.add(path)
            return 503, b"busy", "text/html", "503"
        if target in self.pages:
            return 200, self.pages[target], "text/html; charset=utf-8", "page"
        if path in self.redirects:
            return 302, b"", self.redirects[path], "redirect"
        return self._nowhere(path, query)

    def _nowhere(self, path: str, query: str) -> tuple[int, bytes, str, str]:
        kind = "text/html; charset=utf-8"
        if path == "/diary":
            found = re.match(r"month=(\d{4})-(\d\d)", query)
            month = int(found[1]) * 12 + int(found[2]) if found else 24313
            links = " ".join(
                f'<a href="/diary?month={(month + step - 1) // 12}-{(month + step - 1) % 12 + 1:02}">x</a>' for step in (-1, 1)
            )
            return (
                200,
                self.page("Diary", f"<p>Nothing was written in this month {month}. {self.texts[0]}</p>", links),
                kind,
                "trap",
            )
        if path.startswith("/cart/"):
            links = "".join(f'<a href="/cart/{n}?sessionid={self.dice.getrandbits(128):032x}">{n}</a>' for n in range(50))
            return 200, self.page("Cart", "<p>Empty</p>", links, "/"), kind, "trap"
        if path in self.groups:
            chosen = parse_qs(query)
            more = "".join(
                f'<a href="{path}?{query}&amp;{n}={v}">{v}</a>' for n, vs in FACETS.items() if n not in chosen for v in vs
            )
            return 200, self.page("Chosen", self.texts[len(query) % 800], more, path), kind, "trap"
        if path.startswith("/print/") or path == "/index.html":
            original = path.removeprefix("/print") if path != "/index.html" else "/"
            return (200, self.pages[original], kind, "duplicate") if original in self.pages else (404, b"", kind, "404")
        if path.startswith("/item/") and "/up/" in path:
            return 200, self.page("Up", "<p>up</p>", '<a href="up/">up</a>'), kind, "trap"
        if path.startswith("/files/"):
            return 200, b"%PDF-1.4" + b"x" * 50_000, "application/pdf", "file"
        if path in self.pages:
            return 200, self.pages[path], kind, "duplicate"
        return (200, b"members", kind, "forbidden") if path.startswith("/members/") else (404, b"no such page", kind, "404")


class _Visit(asyncio.Protocol):
    def __init__(self, site: Site, score: Score, latency_s: float) -> None:
        self.site, self.score, self.latency_s, self.read = site, score, latency_s, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            line, self.read = self.read[: self.read.find(b"\r\n")], self.read[end + 4 :]
            answer = self._answer(urlsplit(line.split(b" ")[1].decode())._replace(scheme="", netloc="").geturl())
            if self.latency_s:
                asyncio.get_running_loop().call_later(self.latency_s, self.transport.write, answer)
            else:
                self.transport.write(answer)

    def _answer(self, target: str) -> bytes:
        if target == "/-score":
            score, site = self.score, self.site
            missing = sorted(site.reachable - score.found)
            told = {
                "requests": score.requests,
                "found": len(score.found),
                "of": len(site.reachable),
                "kinds": score.kinds,
                "missing": missing[:5],
            }
            return _message(200, json.dumps(told).encode(), "application/json")
        status, body, kind, what = self.site.answer(target)
        self.score.requests += 1
        self.score.kinds[what] += 1
        if what == "page":
            self.score.found.add(target)
        return _message(status, body, kind)


def _message(status: int, body: bytes, kind: str) -> bytes:
    where = f"Location: {kind}\r\n" if status in (301, 302) else f"Content-Type: {kind}\r\n"
    return b"HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, REASONS[status], where.encode(), len(body), body)


def serve(port: int, size: int, seed: int, latency_ms: float) -> None:
    """Serve the site until the process ends. Says `ready` when it listens."""

    async def run() -> None:
        site, score = Site(size, seed, f"http://127.0.0.1:{port}"), Score()
        made = await asyncio.get_running_loop().create_server(
            lambda: _Visit(site, score, latency_ms / 1000), "127.0.0.1", port, backlog=1024
        )
        print("ready", flush=True)
        await made.serve_forever()

    asyncio.run(run())
