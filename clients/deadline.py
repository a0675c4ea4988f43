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

MOST_HEADS = 20  # of 102 and 103 before an answer


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


class _Lines(io.BufferedReader):
    """Remembers the last line that was read."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(-1 if size is None else size)
        return self.last


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = self._lines = _Lines(_DeadlineReader(sock))

    def begin(self) -> None:
        """Read the head. One that breaks off is an error: Python takes it for a short one."""
        super().begin()
        if self._lines.last not in (b"\r\n", b"\n"):
            raise http.client.HTTPException("the connection ended within the head")

    def _read_status(self) -> tuple[str, int, str]:
        """The status of the answer itself. Python skips a head with 100 before it, but not one with 102 or 103."""
        for _ in range(MOST_HEADS):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status in (100, 101) or not 100 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {MOST_HEADS} heads before the answer")


class HTTPConnection(connection.HTTPConnection):
    """A connection whose read timeout is the deadline of the whole reply."""

    response_class = _Response


class HTTPSConnection(connection.HTTPSConnection):
    """The same over TLS."""

    response_class = _Response


class _HTTPPool(connectionpool.HTTPConnectionPool):
    ConnectionCls = HTTPConnection


class _HTTPSPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls = HTTPSConnection


def _bound(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return manager
