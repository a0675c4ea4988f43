"""Pages by Scrape.do, which connects from addresses of its own. Each page costs credits; the reply says how many.

The service looks up the names and follows the redirects. Checked here is what is known without the network. `options` are the
service's own parameters (scrape.do/documentation, 2026-11). Headers of the caller are sent on with its prefix `sd-`.
"""

import functools
from collections.abc import Callable, Iterator, Mapping

from pydantic import SecretStr

import clock
import config
import errors
from clients.fetch import exchange, targets
from clients.fetch.messages import Reply, Request
from clients.serp import api, scrapedo
from clients.serp.answers import Answer
from parsing.web_urls import Url

OPTIONS = frozenset(
    (
        *("super", "render", "geoCode", "regionalGeoCode", "postalcode", "device", "sessionId", "setCookies", "retryTimeout"),
        *("disableRetry", "disableRedirection", "waitUntil", "customWait", "waitSelector", "width", "height", "blockResources"),
    )
)
PREFIX = "scrape.do-"
COST = "Scrape.do-Request-Cost"
WITHOUT = "fetch the page without provider=scrapedo"
REMEDY = "Check the network of this machine and status.scrape.do; the page is tried again"


def check(request: Request) -> None:
    """Raises ConfigError without a token, ArgumentError for an option that the service does not have. Needs no network."""
    scrapedo.token(config.settings(), WITHOUT)
    if request.proxy:
        raise errors.ArgumentError("proxy: Scrape.do has proxies of its own. Leave it out, or use mode direct")
    for name, value in request.options.items():
        if name not in OPTIONS or not value.isprintable() or len(value) > 500:
            raise errors.ArgumentError(f"option {name[:40]!r} is none of {', '.join(sorted(OPTIONS))}, or its value is none")


def get(request: Request, before: Callable[[str], None] | None = None) -> Reply:
    """The page. `before` is called with the address where the service ended up, once it is known; it may raise.

    Raises BadToken, OutOfCredits, ProviderBusy, NetworkError, PageTooLarge, or what `check` raises.
    """
    check(request)
    url = targets.check(request.url)
    values = config.settings()
    began = clock.monotonic()
    sent = dict(_headers(request))
    asked = {"url": url.href, **request.options, **({"extraHeaders": "true"} if sent else {})}
    service = _service(values.scrapedo_url, scrapedo.token(values, WITHOUT), request.timeout_s or values.request_timeout)
    answer = service.get("/", asked, headers=sent)
    try:
        final_url = _checked(answer, request, url, before)
    except errors.TrawlError as exc:
        exc.cost_credits = answer.number(COST)  # it is paid all the same
        raise
    return _reply(request, answer, (url.href, final_url), clock.monotonic() - began)


def _checked(answer: Answer, request: Request, url: Url, before: Callable[[str], None] | None) -> str:
    """Where the page comes from, which may be fetched and is not too large."""
    final_url = answer.headers.get("Scrape.do-Resolved-Url") or url.href
    if final_url != url.href:
        final_url = targets.check(final_url).href
        if before is not None and final_url != url.href:
            before(final_url)
    if len(answer.body) > request.max_bytes:
        raise exchange.page_too_large(url.host, request.max_bytes)
    return final_url


def _reply(request: Request, answer: Answer, urls: tuple[str, str], elapsed_s: float) -> Reply:
    status = answer.target_status or answer.status
    return Reply(
        url=request.url,
        final_url=urls[1],
        status=status,
        headers=dict(_told(answer.headers)),
        body=answer.body,
        redirects=urls[1:] if urls[0] != urls[1] else (),
        elapsed_s=elapsed_s,
        sent_ago_s=elapsed_s,
        cost_credits=answer.number(COST),
        not_modified=status == 304,
    )


def _headers(request: Request) -> Iterator[tuple[str, str]]:
    for name, value in request.headers.items():
        yield f"sd-{name}", value
    if request.etag:
        yield "sd-If-None-Match", request.etag
    if request.last_modified:
        yield "sd-If-Modified-Since", request.last_modified


def _told(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The target's headers: all but the service's own. The body is unpacked already."""
    for name, value in headers.items():
        name = name.lower()
        if not name.startswith(PREFIX) and name not in ("content-encoding", "content-length", "transfer-encoding", "connection"):
            yield name, value


@functools.lru_cache(maxsize=32)
def _service(base_url: str, token: SecretStr, timeout_s: float) -> api.Api:
    return api.Api(base_url, token, timeout_s=timeout_s, remedy=REMEDY, any_page=True)
