"""Pages by curl_cffi, whose TLS, HTTP/2 and headers are those of a browser. An extra: requirements-stealth.txt.

The rules are those of every page: only the addresses that were checked, one deadline, one limit in bytes, no redirects. They are
set on libcurl itself, because the session of curl_cffi ignores its own time limit while it streams. What a browser would also
unpack is not asked for.
"""

import importlib.util
import io
import os
import threading
from typing import Any

import clock
import errors
from clients import certificates
from clients.fetch import exchange as exchanges
from clients.fetch import libcurl, targets
from clients.fetch.exchange import Answer, Exchange

BROWSER = "chrome"
INSTALL = "pip install -r requirements-stealth.txt"

_local = threading.local()
_abandoned: list[object] = []  # of the process before a fork


def check() -> None:
    """Raises ConfigError with the install line if curl_cffi is missing."""
    if importlib.util.find_spec("curl_cffi") is None:
        raise errors.ConfigError(f"mode stealth needs curl_cffi: {INSTALL}")


def send(exchange: Exchange) -> Answer:
    """One request. Raises Unreachable, BadCertificate, PageLate, PageTooLarge or PageCutOff."""
    from curl_cffi import CurlError, CurlInfo

    left_ms = int((exchange.ends_at - clock.monotonic()) * 1000)
    if left_ms <= 0:
        raise exchanges.late(exchange)
    easy = _easy()
    head, body = _Lines(), io.BytesIO()
    _local.busy = True
    problem: errors.TrawlError | None = None
    broke_off = ""
    try:
        _prepare(easy, exchange, left_ms, (head, body))
        easy.perform()
    except CurlError as exc:
        if exc.code == libcurl.PARTIAL_FILE:
            broke_off = libcurl.CUT_OFF[libcurl.PARTIAL_FILE]
        else:
            problem = libcurl.error(exchange, int(exc.code), str(exc))
    _local.busy = False
    if problem is not None:
        raise problem
    peer = "" if exchange.proxy else _text(easy.getinfo(CurlInfo.PRIMARY_IP))
    if not exchange.proxy and peer not in exchange.addresses:
        targets.check_peer(exchange.url, peer)
    status, headers = int(easy.getinfo(CurlInfo.RESPONSE_CODE)), libcurl.headers(head.lines, exchange)
    return Answer(status, headers, body.getvalue(), peer, broke_off)


def close() -> None:
    """Close the connections of this thread."""
    easy = getattr(_local, "easy", None)
    if easy is not None:
        easy.close()
    _local.easy = None


class _Lines:
    """Where curl_cffi writes each line of a head."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def write(self, line: bytes) -> int:
        self.lines.append(bytes(line))
        return len(line)


def _easy() -> Any:
    from curl_cffi import Curl

    easy = getattr(_local, "easy", None)
    if easy is not None and (_local.pid != os.getpid() or _local.busy):
        _abandoned.append(easy)  # of another process, or in the middle of a page
        easy = None
    if easy is None:
        easy = _local.easy = Curl(cacert=certificates.bundle())
        _local.pid, _local.busy = os.getpid(), False
    return easy


def _prepare(easy: Any, exchange: Exchange, left_ms: int, sinks: tuple[_Lines, io.BytesIO]) -> None:
    from curl_cffi import CurlOpt

    proxy = exchange.proxy
    easy.reset()  # connections stay
    easy.impersonate(BROWSER)
    for option, value in (
        (CurlOpt.NOSIGNAL, 1),
        (CurlOpt.PROTOCOLS_STR, "http,https"),
        (CurlOpt.FOLLOWLOCATION, 0),
        (CurlOpt.PATH_AS_IS, 1),
        (CurlOpt.DISALLOW_USERNAME_IN_URL, 1),
        (CurlOpt.HTTP09_ALLOWED, 0),
        (CurlOpt.SUPPRESS_CONNECT_HEADERS, 1),
        (CurlOpt.HTTP_CONTENT_DECODING, 0),
        (CurlOpt.NOPROXY, ""),
        (CurlOpt.PROXY, proxy.address if proxy else ""),
        (CurlOpt.CAINFO, certificates.bundle()),
        (CurlOpt.SSL_VERIFYPEER, int(exchange.verify_tls)),
        (CurlOpt.SSL_VERIFYHOST, 2 * exchange.verify_tls),
        (CurlOpt.URL, exchange.url.href),
        (CurlOpt.HTTPHEADER, [libcurl.field(name, value) for name, value in exchange.headers]),
        (CurlOpt.RESOLVE, [libcurl.pin(libcurl.connects_to(exchange), exchange.addresses)]),
        (CurlOpt.TIMEOUT_MS, left_ms),
        (CurlOpt.CONNECTTIMEOUT_MS, min(left_ms, int(exchanges.CONNECT_S * 1000))),
        (CurlOpt.MAXFILESIZE_LARGE, exchange.max_bytes),
        (CurlOpt.HEADERDATA, sinks[0]),
        (CurlOpt.WRITEDATA, sinks[1]),
        *([(CurlOpt.PROXYUSERPWD, proxy.login)] if proxy and proxy.login else []),
    ):
        easy.setopt(option, value)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
