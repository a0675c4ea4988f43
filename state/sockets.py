"""Connections whose time limit the kernel keeps.

With a limit of its own, Python asks poll() before each send and each receive, and lets go of the interpreter twice as often. Over
one round trip to a near server that is a sixth of its time, and inside a busy process it is two more waits for the interpreter.
"""

import socket
import struct
import urllib.parse
from typing import Any

import redis

#: Seconds a reply may take, and a command to be taken off our hands, unless REDIS_URL says `?socket_timeout=`.
#: Every script is safe to send again, so redis-py may retry.
REPLY_TIMEOUT_S = 10.0


class _Limited:
    """Puts the limit on the socket itself; what outlasts it raises redis.TimeoutError. (A signal that is handled begins it anew.)

    `socket_timeout` is not asked: RQ's worker raises it for all connections of its pool.
    """

    def __init__(self, *args: Any, reply_timeout_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reply_timeout_s = reply_timeout_s

    def _connect(self) -> socket.socket:
        connected: socket.socket = super()._connect()  # type: ignore[misc]
        seconds, part = divmod(self._reply_timeout_s, 1)
        limit = struct.pack("@ll", int(seconds), round(part * 1e6))  # struct timeval
        try:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connected.setsockopt(socket.SOL_SOCKET, option, limit)
        except OSError:  # a system that lays out its timeval in another way: Python keeps the limit, a little slower
            return connected
        connected.settimeout(None)
        return connected

    def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().send_packed_command(*args, **kwargs)  # type: ignore[misc]
        except redis.ConnectionError as exc:
            raise self._named(exc) from exc

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().read_response(*args, **kwargs)  # type: ignore[misc]
        except redis.ConnectionError as exc:
            raise self._named(exc) from exc

    def _named(self, exc: redis.ConnectionError) -> redis.RedisError:
        """The kernel says of a limit that was reached what it says of a socket that would block."""
        late = isinstance(exc.__context__, BlockingIOError)
        return redis.TimeoutError(f"no answer within {self._reply_timeout_s:g} s") if late else exc


class Tcp(_Limited, redis.Connection):
    """To redis://."""


class Unix(_Limited, redis.UnixDomainSocketConnection):
    """To unix://."""


def options(address: str) -> dict[str, Any]:
    """What redis-py's from_url is told about sockets to this address. TLS keeps Python's limits: its library needs them."""
    kinds: dict[str, Any] = {"unix": Unix, "redis": Tcp}
    scheme, limit_s = address.partition("://")[0], _limit_of(address)
    given: dict[str, Any] = {"socket_timeout": limit_s}
    if scheme in kinds:
        given |= {"connection_class": kinds[scheme], "reply_timeout_s": limit_s}
    return given if scheme == "unix" else {**given, "socket_keepalive": True, "socket_connect_timeout": 5}


def _limit_of(address: str) -> float:
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query).get("socket_timeout", [])
    try:
        return float(asked[0])
    except (IndexError, ValueError):  # none, or one that redis-py refuses
        return REPLY_TIMEOUT_S
