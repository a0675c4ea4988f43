"""A deadline for a whole reply in `requests`.

The timeout of `requests` bounds each read, so a server that sends a byte a second holds a thread for ever. With `Adapter`
mounted, the read timeout bounds the time from sending the request to the last byte of the reply. The name lookup before the
connection is not covered: only the operating system bounds it.
"""

import http.client
import io
import socket
from typing import Any

from requests import adapters
from urllib3 import PoolManager, connection, connectionpool

import clock


class Adapter(adapters.HTTPAdapter):
    """Transport adapter whose read timeout is the deadline of the whole reply, head and body. No retries of its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _bound(super().proxy_manager_for(*args, **kwargs))


class _DeadlineReader(io.RawIOBase):
    """A socket's raw stream that fails at `deadline_at`, even if bytes still arrive."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        timeout_s = sock.gettimeout()  # the read timeout: urllib3 sets it just before it reads the reply
        self._deadline_at = None if timeout_s is None else clock.monotonic() + timeout_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline_at is not None:
            left_s = self._deadline_at - clock.monotonic()
            if left_s <= 0:
                raise TimeoutError("the reply took longer than its deadline")
            self._sock.settimeout(left_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock))


class _HTTPConnection(connection.HTTPConnection):
    response_class = _Response


class _HTTPSConnection(connection.HTTPSConnection):
    response_class = _Response


class _HTTPPool(connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


def _bound(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return manager
