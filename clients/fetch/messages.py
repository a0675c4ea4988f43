"""A request for a page, and the reply to it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Literal

import clock
import errors
from parsing import charsets

Mode = Literal["direct", "stealth", "render", "scrapedo"]

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5
MOST_HEADERS, MOST_HEADER_CHARS = 50, 8192
LONGEST_WAIT_S = 30 * 24 * 3600.0  # a longer Retry-After is a mistake

NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
SECONDS = re.compile(r"(\d{1,12}(?:\.\d{0,9})?)(?:\s*,|$)", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

#: Headers that the fetcher sets itself: they frame the message, or say what it can unpack.
OURS = frozenset(
    (
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"),
        *("range", "if-range", "accept-encoding", "if-none-match", "if-modified-since"),
    )
)

#: Text, address and headers of a page → where it sends its reader; None = it is a page of its own.
Moved = Callable[[str, str, Mapping[str, str]], str | None]


@dataclass(frozen=True)
class Request:
    """A page to fetch. `timeout_s` bounds everything, from the lookup of the name to the last byte; None = REQUEST_TIMEOUT.

    `max_bytes` bounds the body as received, and again unpacked. `etag` and `last_modified` are those of the page that is stored:
    an unchanged page is then not sent again. `proxy` is http://[user:password@]host:port. `options` are parameters of Scrape.do.
    `onscreen` is for mode render. Without `verify_tls` a page whose certificate is wrong is fetched all the same.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    max_bytes: int = MAX_BYTES
    max_redirects: int = MAX_REDIRECTS
    etag: str | None = None
    last_modified: str | None = None
    proxy: str | None = None
    mode: Mode = "direct"
    options: Mapping[str, str] = field(default_factory=dict)
    onscreen: "Onscreen | None" = None
    verify_tls: bool = True
    moved: "Moved | None" = None  # finds out where a page that only sends its reader on leads: that is followed like a redirect


@dataclass(frozen=True)
class Onscreen:
    """What is done on a rendered page: how long it goes on, actions (render_actions.py), its screen, its picture."""

    wait_s: float = 0.0  # after it has loaded
    actions: tuple[Mapping[str, Any], ...] = ()
    mobile: bool = False
    picture: Literal["", "view", "page"] = ""
    shadows: bool = False  # with what stands in open shadow roots, as templates


@dataclass(frozen=True)
class Reply:
    """A whole answer, whatever its status. `headers` have names in lower case; several of one name are joined by `, `, cookies by
    line ends. `body` is unpacked. `redirects` are the addresses it was sent on to, the last one is `final_url`.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[str, ...] = ()
    address: str = ""  # the IP address of the server; "" where a provider or a proxy fetched the page
    elapsed_s: float = 0.0  # of everything
    sent_ago_s: float = 0.0  # since the last request left, at the time of this reply
    cost_credits: float | None = None  # what a provider charged
    picture: bytes = b""  # JPEG of a rendered page, where it was asked for
    not_modified: bool = False  # the stored page is still the page; compare `final_url` with that of the stored page

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return charsets.decode(self.body, self.headers.get("content-type"))

    @property
    def text(self) -> str:
        """The body as text. Bytes that have no meaning become U+FFFD."""
        return self._decoded[0]

    @property
    def charset(self) -> str:
        """The name of the encoding that `text` was read with."""
        return self._decoded[1]

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        return self.headers.get("last-modified")

    @property
    def retry_after_s(self) -> float | None:
        """Seconds that the server asks to wait (Retry-After), from now; None if it does not ask."""
        return retry_after_s(self.headers)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds or as a date (RFC 9110, 10.2.3), 0 to 30 days; None where it is missing or makes no sense.

    A date counts from the server's own `Date`, so that a wrong clock of either side does not matter.
    """
    text = headers.get("retry-after", "").strip()
    if seconds := SECONDS.match(text):
        return min(float(seconds[1]), LONGEST_WAIT_S)
    until = _date(text)
    if until is None:
        return None
    now = _date(headers.get("date", "")) or clock.now().timestamp()
    return min(max(0.0, until - now), LONGEST_WAIT_S)


def _date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def check(request: Request) -> None:
    """Raises ArgumentError for limits and headers that cannot be sent. Needs no network."""
    if request.timeout_s is not None and not (0 < request.timeout_s <= 3600):  # refuses NaN too
        raise errors.ArgumentError(f"timeout_s={request.timeout_s}: give more than 0 and at most 3600 seconds")
    if not 1 <= request.max_bytes <= 1 << 31:
        raise errors.ArgumentError(f"max_bytes={request.max_bytes}: give 1 to 2 GiB")
    if not 0 <= request.max_redirects <= 20:
        raise errors.ArgumentError(f"max_redirects={request.max_redirects}: give 0 to 20")
    check_headers(request.headers)
    for name, value in (("etag", request.etag), ("last_modified", request.last_modified)):
        if value is not None:
            _check_value(name, value)


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises ArgumentError for headers that cannot be sent, or that the fetcher sets itself."""
    if len(headers) > MOST_HEADERS or sum(len(str(n)) + len(str(v)) for n, v in headers.items()) > MOST_HEADER_CHARS:
        raise errors.ArgumentError(f"headers: send at most {MOST_HEADERS}, of {MOST_HEADER_CHARS} characters in all")
    for name, value in headers.items():
        if not isinstance(name, str) or NAME.fullmatch(name) is None:
            raise errors.ArgumentError(f"header name {name[:50]!r} is no name: use letters, digits and -")
        if name.lower() in OURS or name.lower().startswith("proxy-"):
            raise errors.ArgumentError(f"header {name} is set by the fetcher: leave it out")
        _check_value(name, value)


def _check_value(name: str, value: str) -> None:
    if not isinstance(value, str):
        raise errors.ArgumentError(f"header {name} is of type {type(value).__name__}: give a text")
    if CONTROL.search(value):
        raise errors.ArgumentError(f"header {name} has a control character: take line ends and the like out of it")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise errors.ArgumentError(f"header {name} has a character that HTTP cannot send: encode it") from None
