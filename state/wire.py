"""Scripts on the wire: packed, sent and read over connections of our own, past redis-py's layer for single commands.

That layer costs more than the network. What it does for its callers is done here: one connection a caller at a time, a new one
after a fork, a second sending when a connection broke or a reply is late (every script is safe to send twice), and no connection
is used again with a reply left unread.
"""

import os
from collections import deque
from collections.abc import Sequence
from typing import Any

import hiredis
from redis.exceptions import ResponseError

from state import connection

Command = tuple[Any, ...]  # str, bytes, int and float


class Wire:
    """Connections to one server that nobody uses at the moment."""

    def __init__(self, client: connection.Redis) -> None:
        self.client = client
        self.pid = os.getpid()
        self._idle: deque[Any] = deque()

    def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands in one go; a reply for each, a ResponseError where the server refused that one.

        Raises redis.ConnectionError and redis.TimeoutError after the connection's retries.
        """
        try:
            link = self._idle.pop()
        except IndexError:
            link = self.client.connection_pool.get_connection()  # ours until the pool closes it
        done = False
        try:
            replies: list[Any] = link.retry.call_with_retry(lambda: _ask(link, commands), lambda error: link.disconnect())
            done = True
        finally:
            if not done:  # whatever it was, e.g. the end of a job's time: a reply may still be on its way
                link.disconnect()
            self._idle.append(link)
        return replies


def _ask(link: Any, commands: Sequence[Command]) -> list[Any]:
    link.send_packed_command([b"".join([hiredis.pack_command(command) for command in commands])])
    return [_read(link) for _ in commands]


def _read(link: Any) -> Any:
    try:
        return link.read_response()
    except ResponseError as exc:
        return exc


_wire: Wire | None = None


def ask(commands: Sequence[Command]) -> list[Any]:
    """As Wire.ask, over the connection of this process."""
    global _wire
    wire, client = _wire, connection.client()
    if wire is None or wire.client is not client or wire.pid != os.getpid():
        wire = _wire = Wire(client)
    return wire.ask(commands)
