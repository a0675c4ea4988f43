"""Pages by libcurl: one handle a thread, whose connections are reused.

libcurl never looks up a name and never follows a redirect: it connects to the addresses that it is given. It speaks no protocol
but HTTP, reads no proxy, no password and no cookie from anywhere. It is driven step by step, so that a job that is interrupted
ends within half a second. Its callbacks are functions in C: an interruption raised inside a callback would be lost.
"""

import io
import os
import threading
from typing import Any

import pycurl

import clock
from clients import certificates
from clients.fetch import exchange as exchanges
from clients.fetch import libcurl, targets
from clients.fetch.exchange import Answer, Exchange

DISALLOW_USERNAME_IN_URL, SUPPRESS_CONNECT_HEADERS = 278, 265  # what pycurl does not name

STEP_S = 0.5
MOST_CONNECTIONS = 16  # kept open by one thread

_local = threading.local()
_abandoned: list[object] = []  # of the process before a fork: to close them would close its connections too


class _Line:
    """The handles of one thread."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.busy = self.sends = False
        self.pinned = self.pin = ""
        self.options: dict[int, Any] = {}  # as they are set
        self.easy = easy = pycurl.Curl()
        self.multi = pycurl.CurlMulti()
        self.multi.setopt(pycurl.M_MAXCONNECTS, MOST_CONNECTIONS)
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PATH_AS_IS, 1),
            (DISALLOW_USERNAME_IN_URL, 1),
            (pycurl.NETRC, pycurl.NETRC_IGNORED),
            (pycurl.HTTP09_ALLOWED, 0),
            (SUPPRESS_CONNECT_HEADERS, 1),
            (pycurl.NOPROXY, ""),
            (pycurl.DNS_CACHE_TIMEOUT, -1),
            (pycurl.RESOLVER_START_FUNCTION, _never),
            (pycurl.CAINFO, certificates.bundle()),
        ):
            easy.setopt(option, value)


def _never(*_: object) -> int:
    """Refuse to look up a name: what is not pinned is not connected to."""
    return 1


def send(exchange: Exchange) -> Answer:
    """One request. Raises Unreachable, BadCertificate, PageLate, PageTooLarge or PageCutOff."""
    left_ms = int((exchange.ends_at - clock.monotonic()) * 1000)
    if left_ms <= 0:
        raise exchanges.late(exchange)
    line = _line()
    lines: list[bytes] = []
    body = io.BytesIO()
    line.busy = True
    _prepare(line, exchange, left_ms)
    line.easy.setopt(pycurl.WRITEFUNCTION, body.write)
    line.easy.setopt(pycurl.HEADERFUNCTION, lines.append)
    failure = _perform(line)
    line.busy = False
    if failure is not None and failure[0] != libcurl.PARTIAL_FILE:
        raise libcurl.error(exchange, *failure)
    return _answer(line.easy, exchange, lines, body, libcurl.CUT_OFF[libcurl.PARTIAL_FILE] if failure else "")


def _line() -> _Line:
    line: _Line | None = getattr(_local, "line", None)
    if line is not None and line.pid != os.getpid():
        _abandoned.append(line)
        line = None
    if line is None or line.busy:  # an interruption left it in the middle of a page
        line = _local.line = _Line()
    return line


def close() -> None:
    """Close the connections of this thread."""
    _local.line = None


def _prepare(line: _Line, exchange: Exchange, left_ms: int) -> None:
    proxy = exchange.proxy
    line.easy.setopt(pycurl.URL, exchange.url.href)
    line.easy.setopt(pycurl.TIMEOUT_MS, left_ms)
    for option, value in (
        (pycurl.HTTPHEADER, tuple(exchange.headers)),
        (pycurl.CONNECTTIMEOUT_MS, min(left_ms, int(exchanges.CONNECT_S * 1000))),
        (pycurl.MAXFILESIZE_LARGE, exchange.max_bytes),
        (pycurl.SSL_VERIFYPEER, int(exchange.verify_tls)),
        (pycurl.SSL_VERIFYHOST, 2 * exchange.verify_tls),
        (pycurl.PROXY, proxy.address if proxy else ""),
        (pycurl.PROXYUSERPWD, proxy.login if proxy else ""),
    ):
        if line.options.get(option) != value:
            _set(line, option, value)
    if exchange.method != "GET" or line.sends:
        _set_method(line, exchange)
    _pin(line, libcurl.connects_to(exchange), exchange.addresses)


def _set(line: _Line, option: int, value: Any) -> None:
    """Set what is not as it was for the page before."""
    if option == pycurl.HTTPHEADER:
        line.easy.setopt(option, [libcurl.field(name, text) for name, text in value])
    elif option == pycurl.PROXYUSERPWD and not value:
        line.easy.unsetopt(option)
    else:
        line.easy.setopt(option, value)
    line.options[option] = value


def _set_method(line: _Line, exchange: Exchange) -> None:
    line.sends = exchange.method != "GET"
    if line.sends:
        line.easy.setopt(pycurl.POSTFIELDS, exchange.data)
        line.easy.setopt(pycurl.CUSTOMREQUEST, exchange.method)
    else:
        line.easy.unsetopt(pycurl.CUSTOMREQUEST)
        line.easy.setopt(pycurl.HTTPGET, 1)


def _pin(line: _Line, name: str, addresses: tuple[str, ...]) -> None:
    """Give the handle the addresses of `host:port`; they stand until another host takes their place."""
    pin = libcurl.pin(name, addresses)
    if pin != line.pin:
        line.easy.setopt(pycurl.RESOLVE, [*([f"-{line.pinned}"] if line.pinned not in ("", name) else []), pin])
        line.pinned, line.pin = name, pin


def _perform(line: _Line) -> tuple[int, str] | None:
    """Drive the request to its end; None, or libcurl's number and words for what went wrong."""
    multi = line.multi
    multi.add_handle(line.easy)
    try:
        while multi.perform()[1]:
            due_ms = multi.timeout()  # of a timer of libcurl: another address is tried, the deadline is over
            multi.select(STEP_S if due_ms < 0 else min(STEP_S, due_ms / 1000))
        failed = multi.info_read()[2]
        return (failed[0][1], failed[0][2]) if failed else None
    finally:
        multi.remove_handle(line.easy)


def _answer(easy: pycurl.Curl, exchange: Exchange, lines: list[bytes], body: io.BytesIO, broke_off: str) -> Answer:
    peer = "" if exchange.proxy else easy.getinfo(pycurl.PRIMARY_IP)
    if not exchange.proxy and peer not in exchange.addresses:  # a kept connection, to an address that was checked then
        targets.check_peer(exchange.url, peer)
    return Answer(easy.getinfo(pycurl.RESPONSE_CODE), libcurl.headers(lines, exchange), body.getvalue(), peer, broke_off)
