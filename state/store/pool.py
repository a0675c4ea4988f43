"""The connections of this process: bounded, given back, closed when idle, and one kept for the loop that keeps leases alive.

Whoever needs a connection takes one that is idle, or makes one while there are fewer than `max_connections`, or waits for one to
be given back. A server that takes no further client is waited for in the same way: the connections that exist are shared.

`leave` begins a new era: the server was wrong or silent, so no connection of before is used again (state/sockets.py notices).
Redis-py's own commands and pipelines, RQ and the scripts of state/wire.py all take their connections here.
"""

import os
from contextlib import suppress
from threading import get_ident
from typing import Any

import redis

from state.store import reasons
from state.store.links import WAIT_S, Links, hang_up

#: Connections of one process, unless REDIS_URL says `?max_connections=`.
MAX_CONNECTIONS = 20


class Pool(Links, redis.ConnectionPool):
    """A redis-py pool whose connections are those of state/store/sockets.py."""

    def __init__(self, *, max_connections: int | None = None, wait_s: float = WAIT_S, **kwargs: Any) -> None:
        self.wait_s = wait_s
        super().__init__(max_connections=max_connections or MAX_CONNECTIONS, **kwargs)

    def reset(self) -> None:
        """Begin anew, without any connection: at the start, and in a child after a fork."""
        self.begin()
        self.pid = os.getpid()

    # --- taking and giving back ---

    def take(self) -> Any:
        """A connection that nobody else uses, open. Raises NoFreeClient after WAIT_S, and what opening one raises."""
        if self.pid != os.getpid():
            self._checkpid()
        try:
            link = (self._kept if get_ident() == self._thread_of_kept else self._idle).pop()
        except IndexError:
            return self._obtain()
        if link._sock is None or link.era != self.era:
            self._drop(link)
            return self._obtain()
        return link

    def reserve(self) -> None:
        """Keep one connection for the calling thread: it never waits behind others. Another one is kept open for these."""
        self._thread_of_kept = get_ident()
        with suppress(redis.RedisError):
            mine, theirs = self._obtain(), self._obtain()
            self._kept.append(mine)
            self._idle.append(theirs)

    def separate(self) -> Any:
        """A new connection for one that waits on it for long. Raises NoFreeClient at once where there can be none."""
        with self._guard:
            if len(self._links) >= self.max_connections:
                raise reasons.NoFreeClient(f"all connections are in use: {self.max_connections}")
            link = self._new()
            self._separate.add(link)
        return self._opened(link)

    # --- what redis-py and RQ call ---

    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        """As redis-py's: an open connection with nothing left to read."""
        link = self.take()
        try:
            if link.can_read():
                raise redis.ConnectionError("a reply of before")
        except (redis.RedisError, OSError):
            link.disconnect()
            with suppress(reasons.NoFreeClient):
                return self._opened(link)
            return self._obtain()
        except BaseException:
            self._drop(link)
            raise
        return link

    def release(self, connection: Any) -> None:
        """As redis-py's."""
        if self.pid != os.getpid():
            self._checkpid()
        if connection.pid != self.pid or connection not in self._links:
            connection.disconnect()
            return
        if connection.should_reconnect():
            connection.disconnect()
        self.give(connection)

    def make_connection(self) -> Any:
        """A connection that counts as one of ours and is not open yet."""
        with self._guard:
            return self._new()

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Close the idle ones; those in use end their work with an error and are made anew."""
        self._checkpid()
        with suppress(IndexError):
            while True:
                self._drop((self._idle or self._kept).pop())
        if inuse_connections:
            with self._guard:
                links = list(self._links)
            for link in links:
                hang_up(link)

    def counts(self) -> tuple[int, int]:
        """Connections there are, and how many of them are idle."""
        return len(self._links), len(self._idle) + len(self._kept)

    def _get_free_connections(self) -> Any:
        return [*self._idle, *self._kept]

    def _get_in_use_connections(self) -> Any:
        return set(self._links) - set(self._get_free_connections())

    def __del__(self) -> None:
        """Nothing: redis-py's counts what we do not have."""


class Separate:
    """A pool as redis-py's PubSub sees it: what it takes is its own for long, and it never waits for it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.get_connection, self.release, self.get_encoder = pool.separate, pool.release, pool.get_encoder
