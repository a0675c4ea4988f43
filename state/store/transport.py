"""Scripts on the wire: packed, sent and read past redis-py's layer for single commands.

That layer costs more than the network. What it does for its callers is done here: one connection a caller at a time, a new one
after a fork, a second sending when a connection broke or a reply is late (every script is safe to send twice), and no connection
is used again with a reply left unread. The connections are those of state/pool.py.
"""

from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis.exceptions import ResponseError

from state.store import connection, reasons
from state.store.pool import Pool

Command = tuple[Any, ...]  # str, bytes, int and float

#: How often a caller whose connection broke waits for another one of a server that takes no further client.
TRIES = 3


class Wire:
    """Sends commands over the connections of one client."""

    def __init__(self, client: connection.Redis) -> None:
        self.client = client
        pool = client.connection_pool
        ours = isinstance(pool, Pool)
        self._take: Callable[[], Any] = pool.take if ours else pool.get_connection
        self._give: Callable[[Any], None] = pool.give if ours else pool.release

    def ask(self, commands: Sequence[Command], tries: int = TRIES) -> list[Any]:
        """Send commands in one go; a reply for each, a ResponseError where the server refused that one.

        Raises redis.ConnectionError and redis.TimeoutError after the connection's retries.
        """
        link = self._take()
        done = False
        try:
            replies: list[Any] = link.retry.call_with_retry(lambda: _ask(link, commands), lambda error: link.disconnect())
            done = True
        except reasons.NoFreeClient:  # it broke, and the server lets us make no other: share what there is
            if tries <= 1:
                raise
        finally:
            if not done:  # whatever it was, e.g. the end of a job's time: a reply may still be on its way
                link.disconnect()
            self._give(link)
        return replies if done else self.ask(commands, tries - 1)


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
    """As Wire.ask, over the connections of this process."""
    global _wire
    wire, client = _wire, connection.client()
    if wire is None or wire.client is not client:
        wire = _wire = Wire(client)
    return wire.ask(commands)
