"""A page fetched directly: each address checked, each redirect followed by us, all within one deadline."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import clock
import config
import errors
from clients import body
from clients.fetch import bodies, cookies, exchange, proxies, targets, transports
from clients.fetch.exchange import Answer, Exchange
from clients.fetch.messages import Reply, Request
from parsing import charsets
from parsing.web_urls import Url

REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: Headers of the caller that another site may see after a redirect. Any other may be a secret.
HARMLESS = frozenset({"accept", "accept-language", "user-agent", "cache-control", "dnt", "sec-gpc", "upgrade-insecure-requests"})

#: Bytes of a page that only sends its reader on, and what one of them holds.
MOST_MOVING, MOVING = 20_000, (b"location", b"refresh", b"Refresh", b"REFRESH")

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(
    request: Request,
    before: Callable[[str], None] | None = None,
    transport: exchange.Transport | None = None,
    sent: tuple[str, bytes] = ("GET", b""),
    public_only: bool = False,
    jar: cookies.Jar | None = None,
) -> Reply:
    """The page. `before` is called with each address it is sent on to, and may raise; its time does not count as the page's.

    `sent` is a method with its body. `jar` has cookies of requests before, and keeps those of this one. A page of the public
    internet never leads into a private network, not even into one that may be fetched. `public_only`: it is a part of such a
    page. A `transport` of the caller's names itself to the server; the usual ones do not.
    """
    began = clock.monotonic()
    trip = _Trip(
        request, began + _timeout_s(request), transport, sent, public_only, proxies.of(request.proxy), jar or cookies.Jar()
    )
    first = url = targets.check(request.url)
    exchanged, answer = trip.step(url, is_first=True)
    while (target := _redirect(answer, url) or trip.moved(answer, exchanged)) is not None:
        trip.turn(url, answer, target)
        url = target
        trip.ask(before, url)
        exchanged, answer = trip.step(url, is_first=_same_site(first, url))
    trip.jar.keep(url.href, answer.headers)
    whole = _unpacked(answer, exchanged) if trip.whole is None else trip.whole
    now = clock.monotonic()
    return Reply(
        url=request.url,
        final_url=url.href,
        status=answer.status,
        headers=answer.headers,
        body=whole,
        redirects=tuple(trip.redirects),
        address=answer.address,
        elapsed_s=now - began,
        sent_ago_s=now - trip.sent_at,
        not_modified=answer.status == 304 and bool(request.etag or request.last_modified),
    )


@dataclass(slots=True)
class _Trip:
    """What the steps of one request share."""

    request: Request
    ends_at: float
    transport: exchange.Transport | None
    sent: tuple[str, bytes]
    public_only: bool
    proxy: proxies.Proxy | None
    jar: cookies.Jar
    redirects: list[str] = field(default_factory=list)
    sent_at: float = 0.0
    whole: bytes | None = None  # the body of the last answer, once it was unpacked

    def step(self, url: Url, *, is_first: bool) -> tuple[Exchange, Answer]:
        """One request, to one checked address."""
        if self.proxy is not None:
            found = proxies.resolve(self.proxy, self.ends_at)
        else:
            found = targets.resolve(url, self.ends_at)
            self.public_only = targets.held_public(url, found, self.public_only)
        headers = list(_headers(self.request, is_first=is_first, cookie=self.jar.header(url.href)))
        headers = headers if self.transport else [*_own(self.request), *headers]
        limits = (self.ends_at, _timeout_s(self.request), self.request.max_bytes)
        exchanged = Exchange(url, found, headers, *limits, self.proxy, *self.sent, self.request.verify_tls)
        self.sent_at, self.whole = clock.monotonic(), None
        return exchanged, (self.transport or transports.chosen()).send(exchanged)

    def turn(self, url: Url, answer: Answer, target: Url) -> None:
        """An answer of `url` sends on to `target`: keep its cookies, and send no data again unless it says so."""
        most = self.request.max_redirects
        if len(self.redirects) >= most:
            raise errors.TooManyRedirects(f"{self.request.url} sends on more than {most} times: it may be a loop")
        self.redirects.append(target.href)
        self.jar.keep(url.href, answer.headers)
        self.sent = self.sent if answer.status in (307, 308) else ("GET", b"")

    def moved(self, answer: Answer, exchanged: Exchange) -> Url | None:
        """Where a page without a text of its own sends its reader; None where it is the page, or leads in a circle."""
        is_html = "html" in answer.headers.get("content-type", "html").lower()
        if not (self.request.moved and answer.status == 200 and is_html and len(answer.body) <= MOST_MOVING):
            return None
        self.whole = whole = _unpacked(answer, exchanged)
        if len(whole) > MOST_MOVING or not ("refresh" in answer.headers or any(sign in whole for sign in MOVING)):
            return None
        content_type, url = answer.headers.get("content-type"), exchanged.url.href
        text = charsets.decode(whole, content_type)[0]
        target = self.request.moved(text, url, answer.headers)
        if target is None or target in (self.request.url, *self.redirects) or len(self.redirects) >= self.request.max_redirects:
            return None
        try:
            return targets.check(target)
        except (errors.RefusedAddress, errors.BadUrl):
            return None

    def ask(self, before: Callable[[str], None] | None, target: Url) -> None:
        """Let the caller wait before a redirect is followed; that time is not the page's."""
        asked_at = clock.monotonic()
        if before is not None:
            before(target.href)
        self.ends_at += clock.monotonic() - asked_at


def _timeout_s(request: Request) -> float:
    return request.timeout_s or config.settings().request_timeout


def _headers(request: Request, *, is_first: bool, cookie: str | None) -> Iterator[tuple[str, str]]:
    yield "Accept-Encoding", bodies.ACCEPTED
    for name, value in request.headers.items():
        if is_first or name.lower() in HARMLESS:
            if cookie and name.lower() == "cookie":
                value, cookie = f"{value}; {cookie}", None
            yield name, value
    if cookie:
        yield "Cookie", cookie
    if request.etag:
        yield "If-None-Match", request.etag
    if request.last_modified:
        yield "If-Modified-Since", request.last_modified


def _own(request: Request) -> Iterator[tuple[str, str]]:
    given = {name.lower() for name in request.headers}
    if "user-agent" not in given:
        yield "User-Agent", user_agent()
    if "accept" not in given:
        yield "Accept", ACCEPT


def user_agent() -> str:
    """The name that is sent: FETCH_USER_AGENT, with FETCH_CONTACT in brackets."""
    values = config.settings()
    return f"{values.fetch_user_agent} (+{values.fetch_contact})" if values.fetch_contact else values.fetch_user_agent


def _same_site(first: Url, url: Url) -> bool:
    """Whether secrets for `first` may go to `url`: the same host and port, or the same host from http to https."""
    if first.host != url.host:
        return False
    return (first.scheme, first.port) == (url.scheme, url.port) or (first.port, url.port, url.scheme) == (80, 443, "https")


def _redirect(answer: Answer, url: Url) -> Url | None:
    """Where an answer sends on to, checked; None if it is the page."""
    where = answer.headers.get("location")
    if answer.status not in REDIRECTS or not where:
        return None
    try:
        return targets.check(where, url.href)
    except errors.RefusedAddress as exc:
        raise errors.RefusedAddress(f"{url.host} sends on to a refused address: {exc}") from None
    except errors.BadUrl as exc:
        raise errors.BadUrl(f"{url.host} sends on to what cannot be fetched: {exc}") from None


def _unpacked(answer: Answer, exchanged: Exchange) -> bytes:
    encoding = answer.headers.get("content-encoding", "") or bodies.unnamed(answer.body, answer.headers.get("content-type", ""))
    if answer.broke_off and not bodies.shows_its_end(answer.body, encoding):
        raise exchange.cut_off(exchanged, answer.broke_off)
    try:
        return bodies.unpack(answer.body, encoding, exchanged.max_bytes)
    except body.TooLarge:
        raise exchange.too_large(exchanged) from None
    except body.Broken as exc:
        raise exchange.cut_off(exchanged, str(exc)) from None
