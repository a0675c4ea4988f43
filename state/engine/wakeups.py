"""Waking idle workers: a submit leaves one entry for each worker that may be needed, and an idle worker waits for one.

The wait uses a connection of its own, so that the worker can wait for its threads at the same time (select on both). Behind it
stands a script in the same connection: the server runs it the moment the wait ends, so the worker that wakes has its job in hand.
"""

from typing import Any

import redis
from redis.exceptions import NoScriptError

import clock
import config
from state.store import connection, keys, scripts

#: Seconds after which the server answers a wait that nothing ended, and more until the connection counts as dead.
WAIT_S, LATE_S = 45, 5


def wait_s() -> int:
    """Seconds after which the server answers a wait that nothing ended: longer where idle processes look seldom."""
    return max(WAIT_S, round(config.settings().idle_poll_interval))


class Alarm:
    """One wait at a time. `set` gives a file descriptor that becomes readable when the wait ends; then ask `rang`."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._pool: Any = None
        self._since = 0.0
        self.waits = False

    def set(self, then: scripts.Call) -> int:
        """Begin to wait, unless we do, with a script to run at its end; returns the socket's file descriptor.

        Raises redis.TimeoutError where a wait should have ended long ago: its connection is dead, and nobody told us.
        """
        if self._connection is None:
            self._pool = connection.client().connection_pool
            self._connection = connection.separate()
        if not self.waits:
            verb, where, args = then
            script = ("EVALSHA", scripts.sha(verb), len(where), *where, *args)
            self._connection.send_packed_command(self._connection.pack_commands([("BLPOP", keys.WAKE, wait_s()), script]))
            self.waits, self._since = True, clock.monotonic()
        elif clock.monotonic() > self._since + wait_s() + LATE_S:
            raise redis.TimeoutError(f"no answer within {wait_s() + LATE_S} s to the wait for jobs")
        return int(self._connection._sock.fileno())

    def rang(self) -> tuple[bool, Any]:
        """The wait ended: whether somebody woke us (False: it was over without), and the script's reply (None: it was lost)."""
        self.waits = False
        woken = self._connection.read_response() is not None
        try:
            return woken, self._connection.read_response()
        except NoScriptError:
            return woken, None

    def forget(self) -> None:
        """End the wait, or what Redis going away left of it: the next `set` connects anew."""
        if self._connection is not None:
            self._connection.disconnect()
            self._pool.release(self._connection)
        self._connection, self.waits = None, False
