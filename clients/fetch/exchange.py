"""One request and its answer, as both transports take and give them. The addresses are already checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import errors
from clients.fetch.proxies import Proxy
from parsing.web_urls import Url

MOST_HEADERS, MOST_HEAD_BYTES = 200, 128 * 1024
CONNECT_S = 15.0  # for one connection, TLS included


@dataclass(frozen=True, slots=True)
class Exchange:
    """`addresses` are those of the host, or of the proxy if there is one. `ends_at` is a time of `clock.monotonic`."""

    url: Url
    addresses: tuple[str, ...]
    headers: Sequence[tuple[str, str]]
    ends_at: float
    timeout_s: float  # as the caller gave it, for messages
    max_bytes: int
    proxy: Proxy | None = None
    method: str = "GET"
    data: bytes = b""
    verify_tls: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is as received: still packed. `address` is the peer's; "" behind a proxy.

    `broke_off` says why the body has not the length that was announced. It may be whole all the same: some servers announce the
    length that it has unpacked (scrapy#2586). Then the packed stream comes to its end.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    address: str
    broke_off: str = ""


class Transport(Protocol):
    """Sends one request. Raises only errors of errors.py."""

    def send(self, exchange: Exchange) -> Answer:
        """The answer to one request. Raises Unreachable, BadCertificate, PageLate, PageTooLarge or PageCutOff."""


def headers_of(pairs: Sequence[tuple[str, str]], size: int, host: str) -> dict[str, str]:
    """Headers by name in lower case; `size` is that of all. Raises PageTooLarge beyond what a page can need."""
    if len(pairs) > MOST_HEADERS or size > MOST_HEAD_BYTES:
        raise too_many_headers(host)
    found: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        if name in found and name == "location":  # said twice
            continue
        if name in found:
            value = f"{found[name]}{chr(10) if name == 'set-cookie' else ', '}{value}"
        found[name] = value
    return found


def too_many_headers(host: str) -> errors.PageTooLarge:
    """The error for a head that is too large."""
    return errors.PageTooLarge(f"{host} sent more than {MOST_HEADERS} headers or {MOST_HEAD_BYTES >> 10} KiB of them: not read")


def late(exchange: Exchange) -> errors.PageLate:
    """The error for a page that was not there in time."""
    return errors.PageLate(
        f"{exchange.url.host} did not send the whole page within {exchange.timeout_s:g} s (REQUEST_TIMEOUT): it is tried again"
    )


def too_large(exchange: Exchange) -> errors.PageTooLarge:
    """The error for a body beyond `max_bytes`."""
    return page_too_large(exchange.url.host, exchange.max_bytes)


def page_too_large(host: str, limit_bytes: int) -> errors.PageTooLarge:
    """The same, from outside an exchange."""
    return errors.PageTooLarge(f"{host} sent more than {shown_bytes(limit_bytes)} for one page: allow more by max_page_kb")


def cut_off(exchange: Exchange, why: str) -> errors.PageCutOff:
    """The error for a page that broke off, or is no HTTP."""
    return errors.PageCutOff(f"{exchange.url.host} sent a page that is not whole: {why}")


def unreachable(exchange: Exchange, why: str) -> errors.Unreachable:
    """The error for a server, or a proxy, that takes no connection."""
    whom = f"the proxy of {exchange.url.host}" if exchange.proxy else f"{exchange.url.host}:{exchange.url.port}"
    return errors.Unreachable(f"{whom} cannot be reached: {why}")


def shown_bytes(count: int) -> str:
    """A size for people.

    >>> shown_bytes(10 << 20), shown_bytes(5000)
    ('10 MiB', '5,000 bytes')
    """
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count:,} bytes"


def text_of(value: bytes, name: str) -> str:
    """A header's value: UTF-8 as servers write today, or the Latin-1 of the old standard.

    A place to go to keeps its bytes: a server with an old code page knows them again (scrapy#2321).
    """
    try:
        return value.decode()
    except UnicodeDecodeError:
        if name.lower() == "location":
            return "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in value)
        return value.decode("latin-1")
