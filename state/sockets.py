"""Connections whose time limit the kernel keeps.

With a limit of its own, Python asks poll() before each send and each receive, and lets go of the interpreter twice as often. Over
one round trip to a near server that is a sixth of its time, and inside a busy process it is two more waits for the interpreter.
"""

import socket
import struct
from typing import Any

import redis

#: Seconds a reply may take, and a command to be taken off our hands. Every script is safe to send again, so redis-py may retry.
REPLY_TIMEOUT_S = 10.0


class _Limited:
    """Puts the limit on the socket itself; what outlasts it raises redis.ConnectionError, as a broken connection does."""

    def _connect(self) -> socket.socket:
        connected: socket.socket = super()._connect()  # type: ignore[misc]
        seconds, part = divmod(REPLY_TIMEOUT_S, 1)
        limit = struct.pack("@ll", int(seconds), round(part * 1e6))  # struct timeval
        try:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connected.setsockopt(socket.SOL_SOCKET, option, limit)
        except OSError:  # a system that lays out its timeval in another way: Python keeps the limit, a little slower
            return connected
        connected.settimeout(None)
        return connected


class Tcp(_Limited, redis.Connection):
    """To redis://."""


class Unix(_Limited, redis.UnixDomainSocketConnection):
    """To unix://."""


def options(address: str) -> dict[str, Any]:
    """What redis-py's from_url is told about sockets to this address. TLS keeps Python's limits: its library needs them."""
    if address.startswith("unix://"):
        return {"connection_class": Unix, "socket_timeout": REPLY_TIMEOUT_S}
    kind = {"connection_class": Tcp} if address.startswith("redis://") else {}
    return {**kind, "socket_keepalive": True, "socket_connect_timeout": 5, "socket_timeout": REPLY_TIMEOUT_S}
