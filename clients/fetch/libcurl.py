"""What libcurl takes and says, the same for both of its Python bindings: pinned addresses, fields, heads, errors."""

from collections.abc import Iterator

import clock
import errors
from clients.fetch import exchange as exchanges
from clients.fetch.exchange import Exchange

# curl.se/libcurl/c/libcurl-errors.html (2026-11)
UNSUPPORTED_PROTOCOL, WEIRD_SERVER_REPLY, HTTP2, PARTIAL_FILE, OPERATION_TIMEDOUT, SSL_CONNECT = 1, 8, 16, 18, 28, 35
GOT_NOTHING, SEND_ERROR, RECV_ERROR, PEER_FAILED_VERIFICATION, BAD_CONTENT_ENCODING = 52, 55, 56, 60, 61
FILESIZE_EXCEEDED, CACERT_BADFILE, HTTP2_STREAM, TOO_LARGE = 63, 77, 92, 100

CUT_OFF = {
    UNSUPPORTED_PROTOCOL: "the answer is not HTTP",
    WEIRD_SERVER_REPLY: "the answer is not HTTP",
    HTTP2: "the connection broke",
    PARTIAL_FILE: "it ends before its length",
    GOT_NOTHING: "the server closed the connection without an answer",
    SEND_ERROR: "the connection broke",
    RECV_ERROR: "the connection broke",
    BAD_CONTENT_ENCODING: "it is packed in an unknown way",
    HTTP2_STREAM: "the connection broke",
}


def connects_to(exchange: Exchange) -> str:
    """`host:port` of the next hop, which is the proxy where there is one."""
    host, port = (exchange.proxy.host, exchange.proxy.port) if exchange.proxy else (exchange.url.host, exchange.url.port)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def pin(name: str, addresses: tuple[str, ...]) -> str:
    """A line of CURLOPT_RESOLVE: libcurl connects to these addresses, and looks nothing up."""
    return f"{name}:{','.join(f'[{address}]' if ':' in address else address for address in addresses)}"


def field(name: str, value: str) -> bytes:
    """A line of CURLOPT_HTTPHEADER, which would take `Name:` for an order to leave the field out."""
    return (f"{name}: {value}" if value.strip() else f"{name};").encode("latin-1")


def headers(lines: list[bytes], exchange: Exchange) -> dict[str, str]:
    """The last head: before it may come those of 1xx, behind it the fields that follow a body in pieces.

    Raises PageCutOff if it is not whole, PageTooLarge if it is huge.
    """
    start = next((number for number in range(len(lines) - 1, -1, -1) if lines[number].startswith(b"HTTP/")), 0)
    raw, end, _ = b"".join(lines[start + 1 :]).partition(b"\r\n\r\n")
    if end and raw.isascii() and raw.count(b"\n") == raw.count(b"\r\n"):  # the usual head, the quick way
        parts = [line.partition(":") for line in raw.decode().split("\r\n")]
        return exchanges.headers_of([(name.strip(), value.strip()) for name, _, value in parts], len(raw), exchange.url.host)
    return exchanges.headers_of(list(_pairs(lines[start + 1 :], exchange)), len(raw), exchange.url.host)


def _pairs(lines: list[bytes], exchange: Exchange) -> Iterator[tuple[str, str]]:
    for line in lines:
        line = line.rstrip(b"\r\n")
        if not line:
            return
        name, _, value = line.partition(b":")
        text = name.strip().decode("latin-1")
        yield text, exchanges.text_of(value.strip(), text)
    raise exchanges.cut_off(exchange, "the connection ended within the head")


def error(exchange: Exchange, number: int, words: str) -> errors.TrawlError:
    """The error for libcurl's number and words."""
    if number == OPERATION_TIMEDOUT:
        is_over = clock.monotonic() >= exchange.ends_at - 0.005
        return exchanges.late(exchange) if is_over else exchanges.unreachable(exchange, "it does not answer in time")
    if number == FILESIZE_EXCEEDED:
        return exchanges.too_large(exchange)
    if number == PEER_FAILED_VERIFICATION:
        return errors.BadCertificate(f"{exchange.url.host} has no valid certificate ({words[:120]}): it is not fetched")
    if number == CACERT_BADFILE:
        return errors.ConfigError("FETCH_CA_BUNDLE holds no certificates that can be read: name a file in PEM form, or unset it")
    if number == TOO_LARGE or "Too large response headers" in words or "Too many response headers" in words:
        return exchanges.too_many_headers(exchange.url.host)
    if number == SSL_CONNECT:  # e.g. renegotiation of 2009, which browsers still speak (scrapy#5491)
        return exchanges.unreachable(exchange, f"TLS failed ({words[:160]}). Mode stealth speaks to more old servers")
    if number in CUT_OFF and not (exchange.proxy and "CONNECT" in words):
        return exchanges.cut_off(exchange, CUT_OFF[number])
    return exchanges.unreachable(exchange, words[:160] or f"libcurl says {number}")
