"""Pages by requests, where libcurl has no wheel (musl). The same rules: checked addresses only, one deadline, no redirects.

A connection goes to the addresses that were checked for its host; the name in TLS and in `Host` stays the host's.
"""

import os
import socket
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests
from requests.structures import CaseInsensitiveDict
from urllib3 import PoolManager, Timeout, connectionpool, disable_warnings, exceptions
from urllib3.util import connection

import clock
import errors
from clients import body, certificates, deadline
from clients.fetch import exchange as exchanges
from clients.fetch.exchange import Answer, Exchange

_local = threading.local()

#: Whoever sets `verify_tls=False` knows.
disable_warnings(exceptions.InsecureRequestWarning)


def send(exchange: Exchange) -> Answer:
    """One request. Raises Unreachable, BadCertificate, PageLate, PageTooLarge or PageCutOff."""
    left_s = exchange.ends_at - clock.monotonic()
    if left_s <= 0:
        raise exchanges.late(exchange)
    _local.pinned = exchange.addresses
    outcome: Answer | errors.TrawlError | None = None
    try:
        outcome = _sent(exchange, left_s)
        if isinstance(outcome, errors.PageCutOff) and _local.was_kept and not _local.answered:  # closed by the server meanwhile
            outcome = _sent(exchange, exchange.ends_at - clock.monotonic())
    finally:
        if outcome is None:  # interrupted in the middle of a page
            close()
    if isinstance(outcome, errors.TrawlError):
        raise outcome
    return outcome


def close() -> None:
    """Close the connections of this thread."""
    session = getattr(_local, "session", None)
    if session is not None:
        session.close()
    _local.session = None


def _sent(exchange: Exchange, left_s: float) -> Answer | errors.TrawlError:
    """The answer, or the error to raise. Raised here, the error would have the foreign one as its context."""
    _local.was_kept = _local.answered = False
    timeout = Timeout(total=left_s, connect=min(left_s, exchanges.CONNECT_S), read=left_s)
    try:
        with _session().send(
            _prepared(exchange),
            stream=True,
            timeout=timeout,  # type: ignore[arg-type]  # requests hands it on
            verify=certificates.bundle() if exchange.verify_tls else False,
            proxies=_proxies(exchange),
        ) as response:
            _local.answered = True
            peer = "" if exchange.proxy else _local.peer
            headers = _headers(exchange, response)
            return Answer(response.status_code, headers, *_body(response, exchange.max_bytes, peer))
    except errors.TrawlError as exc:
        return exc
    except body.TooLarge:
        return exchanges.too_large(exchange)
    except body.Late:
        return exchanges.late(exchange)
    except body.Broken as exc:
        return exchanges.cut_off(exchange, str(exc))
    except requests.exceptions.RequestException as exc:
        return _error(exchange, exc)


def _body(response: requests.Response, limit_bytes: int, peer: str) -> tuple[bytes, str, str]:
    try:
        return body.received(response, limit_bytes), peer, ""
    except body.Broken as exc:
        return exc.received, peer, str(exc)


def _prepared(exchange: Exchange) -> requests.PreparedRequest:
    """The request as it is: requests would write the address anew."""
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url, prepared.body = exchange.method, exchange.url.href, exchange.data or None
    prepared.headers = CaseInsensitiveDict(exchange.headers)
    if exchange.method != "GET":
        prepared.headers["Content-Length"] = str(len(exchange.data))
    return prepared


def _session() -> "_Adapter":
    """The connections of this thread and process. The session of requests would read the redirect, and fail at some."""
    if getattr(_local, "pid", None) != os.getpid() or _local.session is None:
        _local.session = _Adapter(max_retries=0, pool_connections=16, pool_maxsize=1)
        _local.pid = os.getpid()
    session = _local.session
    assert isinstance(session, _Adapter)
    return session


def _proxies(exchange: Exchange) -> dict[str, str]:
    proxy = exchange.proxy
    if proxy is None:
        return {}
    user, _, password = proxy.login.partition(":")
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if proxy.login else ""
    return dict.fromkeys(("http", "https"), proxy.address.replace("://", f"://{login}", 1))


def _headers(exchange: Exchange, response: requests.Response) -> dict[str, str]:
    pairs = [(name, exchanges.text_of(value.encode("latin-1"), name)) for name, value in response.raw.headers.items()]
    return exchanges.headers_of(pairs, sum(len(name) + len(value) for name, value in pairs), exchange.url.host)


def _error(exchange: Exchange, exc: requests.exceptions.RequestException) -> errors.TrawlError:
    if isinstance(exc, requests.exceptions.ConnectTimeout):
        is_over = clock.monotonic() >= exchange.ends_at - 0.005
        return exchanges.late(exchange) if is_over else exchanges.unreachable(exchange, "it does not answer in time")
    if isinstance(exc, requests.exceptions.Timeout):
        return exchanges.late(exchange)
    if isinstance(exc, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(exc):
        return errors.BadCertificate(f"{exchange.url.host} has no valid certificate: it is not fetched")
    if isinstance(cause := exc.args[0] if exc.args else None, exceptions.ProtocolError):
        if "got more than" in str(cause):
            return exchanges.too_many_headers(exchange.url.host)
        return exchanges.cut_off(exchange, "the connection broke, or the answer is not HTTP")
    if isinstance(exc, requests.exceptions.InvalidHeader | requests.exceptions.ContentDecodingError):
        return exchanges.cut_off(exchange, "the answer is not HTTP")
    return exchanges.unreachable(exchange, type(exc).__name__)


class _Pinned:
    """A connection that goes to the addresses which were checked, whatever its host's name says by now."""

    peer = ""
    is_kept = False

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request, on a kept connection only if it goes where a new one would."""
        if self.peer not in _local.pinned:
            self.close()  # type: ignore[attr-defined]  # the request opens it anew
        _local.was_kept = self.is_kept
        super().request(*args, **kwargs)  # type: ignore[misc]
        _local.peer, self.is_kept = self.peer, True

    def _new_conn(self) -> socket.socket:
        problem: Exception | None = None
        most_s = self.timeout and self.timeout / min(3, len(_local.pinned))  # type: ignore[attr-defined]  # an address may be dead
        for address in _local.pinned:
            self.peer, self.is_kept = address, False
            try:
                return connection.create_connection(
                    (address, self.port),  # type: ignore[attr-defined]
                    most_s,
                    source_address=self.source_address,  # type: ignore[attr-defined]
                    socket_options=self.socket_options,  # type: ignore[attr-defined]
                )
            except TimeoutError as exc:
                problem = exceptions.ConnectTimeoutError(self, f"{address}: {exc}")
            except OSError as exc:
                problem = exceptions.NewConnectionError(self, f"{address}: {exc}")  # type: ignore[arg-type]
        assert problem is not None
        raise problem


class _HTTPConnection(_Pinned, deadline.HTTPConnection):
    pass


class _HTTPSConnection(_Pinned, deadline.HTTPSConnection):
    pass


class _HTTPPool(connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(deadline.Adapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _pin(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _pin(super().proxy_manager_for(*args, **kwargs))


def _pin(manager: PoolManager) -> PoolManager:
    pools: Mapping[str, type] = {"http": _HTTPPool, "https": _HTTPSPool}
    manager.pool_classes_by_scheme = dict(pools)
    return manager
