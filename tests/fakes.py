"""The outside world of the tests: a SERP provider whose pages the test writes, and a store in memory. Nothing else is faked."""

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

import models
from clients.serp import ProviderHealth
from topics.tracking import check

#: What a page is made of: results, or the exception the provider raises instead.
Answer = bytes | Exception

CAPTCHA = b"""<!doctype html><html><head><title>https://www.google.com/search?q=x</title></head><body>
<form id="captcha-form" action="index" method="post"><div id="recaptcha" class="g-recaptcha"></div></form>
<div>Our systems have detected unusual traffic from your computer network.</div></body></html>"""

JS_REQUIRED = b"""<!doctype html><html><head><title>Google Search</title></head><body><noscript>
<meta http-equiv="refresh" content="0;url=/httpservice/retry/enablejs?sei=x">
<div>Please click <a href="/httpservice/retry/enablejs?sei=x">here</a> if you are not redirected within a few seconds.</div>
</noscript></body></html>"""

CONSENT = b"""<!doctype html><html><head><title>Before you continue to Google Search</title></head><body>
<h1>Before you continue to Google</h1>
<form action="https://consent.google.com/save" method="POST"><button>Reject all</button></form></body></html>"""

NO_RESULTS = b"""<!doctype html><html><head><title>x - Google Search</title></head><body><div id="topstuff"><div class="mnr-c">
<p>Your search - <em>x</em> - did not match any documents.</p></div></div></body></html>"""

#: An ordinary page in which no rule finds a result.
STRANGE = b"""<!doctype html><html><head><title>x - Google Search</title></head><body>
<div id="search"><p>New design!</p></div></body></html>"""


def serp(results: Sequence[str | tuple[str, str]]) -> bytes:
    """A result page of these addresses, in the markup of 2026; a pair is (opaque link, displayed host)."""
    blocks = []
    for number, result in enumerate(results, 1):
        href, shown = (result, result.split("/")[2]) if isinstance(result, str) else (result[0], result[1])
        blocks.append(
            f'<div class="MjjYud"><div class="A6K0A"><div class="wHYlTd Ww4FFb tF2Cxc asEBEc vt6azd"><div class="yuRUbf"><span>'
            f'<a jsname="UWckNb" class="zReHs" href="{html.escape(href)}"><h3 class="LC20lb MBeuO DKV0Md">Title {number}</h3><br>'
            f'<cite class="qLRx3b tjvcx GvPZzd cHaqb" role="text">https://{html.escape(shown)}</cite></a></span></div>'
            f'<div class="VwiC3b"><span>A snippet of some words.</span></div></div></div></div>'
        )
    return (
        '<!doctype html><html itemscope itemtype="http://schema.org/SearchResultsPage"><head><title>x - Google Search</title>'
        '</head><body><div id="rcnt"><div id="center_col"><div id="res"><div id="search"><h1>Search Results</h1><div id="rso">'
        f"{''.join(blocks)}</div></div></div></div></div></body></html>"
    ).encode()


def others(count: int, start: int = 0) -> list[str]:
    """Addresses of other people's pages."""
    return [f"https://other{number}.test/page" for number in range(start, start + count)]


def page_of_others(start: int, count: int = 10) -> bytes:
    """The page from `start` of a scan that never meets a page of ours."""
    return serp(others(count, start))


def titled(page: bytes, query: str) -> bytes:
    """The page as the answer to this query: Google's title names it."""
    return page.replace(b"<title>x - ", f"<title>{html.escape(query)} - ".encode())


@dataclass
class Provider:
    """Answers from `answers`: a function of (text, start), or one answer for everything. Remembers what was asked."""

    answers: Callable[[str, int], Answer] | Answer = field(default_factory=lambda: serp(others(10)))
    name: str = "sandbox"
    is_sandbox: bool = False
    links: dict[str, str | Exception] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    queries: list[models.SerpQuery] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)

    def page(self, query: models.SerpQuery, *, start: int) -> models.SerpReply:
        self.asked.append((query.text, start))
        self.queries.append(query)
        answer = self.answers(query.text, start) if callable(self.answers) else self.answers
        if isinstance(answer, Exception):
            raise answer
        answer = titled(answer, query.text)
        url = f"https://www.google.com/search?q={query.text.replace(' ', '+')}&start={start}"
        return models.SerpReply(answer, "html", url, cost=10, remaining=990, elapsed_ms=5, request_id=f"r{len(self.asked)}")

    def resolve(self, goto_url: str) -> str | None:
        self.resolved.append(goto_url)
        found = self.links.get(goto_url)
        if isinstance(found, Exception):
            raise found
        return found

    def probe(self) -> ProviderHealth:
        return ProviderHealth(True, 10, 10, 1000, 990)


@dataclass
class Store:
    """Objects in a dictionary; `fails` is raised by every `put`."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fails: Exception | None = None

    def put(self, key: str, body: bytes, *, content_type: str, content_encoding: str | None = None) -> None:
        if self.fails:
            raise self.fails
        self.objects[key] = body

    def get(self, key: str, most_bytes: int | None = None) -> bytes | None:
        return self.objects.get(key)

    def exists(self, key: str) -> bool:
        return key in self.objects

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix)))

    def describe(self) -> str:
        return "memory"


def use(monkeypatch: pytest.MonkeyPatch, answers: Callable[[str, int], Answer] | Answer | None = None) -> tuple[Provider, Store]:
    """Put a fake provider and store in place for all checks of this test."""
    provider = Provider() if answers is None else Provider(answers)
    store = Store()
    tools = check.Tools(provider, store)
    check.tools.cache_clear()
    monkeypatch.setattr(check, "tools", _Kept(tools))
    return provider, store


class _Kept:
    """Stands for `check.tools`, its cache_clear included."""

    def __init__(self, tools: check.Tools) -> None:
        self._tools = tools

    def __call__(self) -> check.Tools:
        return self._tools

    def cache_clear(self) -> None:
        """Nothing is cached."""
