"""Where the sandbox's results come from: `PageRequest` is the request, `Invented` one source, `replay.Recorded` the other."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import clock
import errors
import models
from sandbox import pages, rankings

PAGE_SIZE = 10
GOTO = "/goto?url="
TOKEN_HEAD = "CAES"  # how Google's own tokens begin (2026-11)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page that somebody asks for; `url` is the Google address it stands at."""

    query: models.SerpQuery
    start: int
    url: str


class Source(Protocol):
    """What the responder asks for. A page or row list that is None means: Google finds nothing."""

    def page(self, request: PageRequest, *, opaque: bool) -> str | None:
        """The page's HTML; with `opaque`, its links are /goto links."""

    def rows(self, request: PageRequest) -> list[dict[str, Any]]:
        """The page's organic results as the plugin gives them; empty where there are none."""

    def location(self, goto: str) -> str | None:
        """Where the /goto link (path and query) leads; None where nobody knows."""


class Invented:
    """Results out of `world`, today's by the project's clock."""

    def __init__(self, *, seed: int, domains: tuple[str, ...], no_results: float) -> None:
        self._seed = seed
        self._domains = domains
        self._no_results = no_results

    def page(self, request: PageRequest, *, opaque: bool) -> str | None:
        """The page as HTML."""
        found, more = self._results(request)
        if not found:
            return None
        text = request.query.text
        sheet = pages.Sheet(
            query=request.query,
            start=request.start,
            links=[pages.Link(seal(result.url, self._seed) if opaque else result.url, result) for result in found],
            features=pages.features_of(text, request.start, self._seed),
            total=int(10 ** (3 + 6 * rankings.roll(self._seed, "total", text))),
            more=more,
        )
        return pages.results(sheet)

    def rows(self, request: PageRequest) -> list[dict[str, Any]]:
        """The same results as plain values."""
        return [
            {"position": number, "title": result.title, "link": result.url, "displayed_link": result.cite}
            for number, result in enumerate(self._results(request)[0], start=1)
        ]

    def location(self, goto: str) -> str | None:
        """The address in a link made by `seal`."""
        return unseal(goto, self._seed)

    def _results(self, request: PageRequest) -> tuple[list[rankings.Result], bool]:
        text, day = request.query.text, clock.now().date()
        if rankings.roll(self._seed, "nothing", text.lower()) < self._no_results:
            return [], False
        places = rankings.ranking(request.query, day, seed=self._seed, domains=self._domains)
        ends = request.start + PAGE_SIZE
        return [rankings.describe(text, day, place) for place in places[request.start : ends]], len(places) > ends


def read_url(url: str, device: str) -> PageRequest:
    """The question in a Google address. Raises DataError for what is no result page of Google's."""
    parts = urlsplit(url)
    values = {name: value[-1] for name, value in parse_qs(parts.query).items()}
    if not (parts.hostname or "").startswith("www.google.") or parts.path != "/search":
        raise errors.DataError(f"url={url[:100]!r}: the sandbox only knows https://www.google.com/search?q=…")
    return _request_of(values, device, url)


def read_plugin(params: Mapping[str, str]) -> PageRequest:
    """The question in the plugin's parameters. Raises DataError where `q` or `start` is wrong."""
    return _request_of(params, params.get("device", "desktop"), "https://www.google.com/search")


def seal(url: str, seed: int) -> str:
    """`url` as an opaque /goto link, readable by `unseal` with the same seed only."""
    return GOTO + TOKEN_HEAD + base64.urlsafe_b64encode(_mixed(url.encode(), seed)).decode()


def unseal(goto: str, seed: int) -> str | None:
    """The address in a sealed link; None if the sandbox did not make the link.

    >>> unseal(seal("https://example.com/a", 7), 7), unseal(seal("https://example.com/a", 7), 8)
    ('https://example.com/a', None)
    """
    token = goto.removeprefix(GOTO).removeprefix(TOKEN_HEAD)
    try:
        url = _mixed(base64.urlsafe_b64decode(token), seed).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return url if url.startswith(("http://", "https://")) else None


def _request_of(values: Mapping[str, str], device: str, url: str) -> PageRequest:
    text, start = values.get("q", "").strip(), values.get("start", "0") or "0"
    if not text:
        raise errors.DataError("q is missing")
    if not (start.isascii() and start.isdigit()):
        raise errors.DataError(f"start={start!r}: use 0, 10, 20 …")
    if device not in ("desktop", "mobile", "tablet"):
        raise errors.DataError(f"device={device!r}: use desktop, mobile or tablet")
    query = models.SerpQuery(text, country=values.get("gl", "us"), language=values.get("hl", "en"), device=device)
    return PageRequest(query, int(start) // PAGE_SIZE * PAGE_SIZE, url)


def _mixed(data: bytes, seed: int) -> bytes:
    """XOR with a stream made of the seed and the length: not secret, only not readable by accident."""
    stream = hashlib.shake_128(f"{seed}|{len(data)}".encode()).digest(len(data))
    return bytes(left ^ right for left, right in zip(data, stream, strict=True))
