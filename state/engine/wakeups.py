"""Waking idle workers: a submit leaves one entry for each worker that may be needed, and an idle worker waits for one.

The wait uses a connection of its own, so that the worker can wait for its threads at the same time (it polls both). The lease
script is pipelined behind BLPOP: the server runs it as soon as the wait ends. So a worker that wakes already has its job.
"""

from contextlib import suppress
from typing import Any

import redis
from redis.exceptions import NoScriptError

import clock
import config
from state.store import connection, keys, scripts

#: WAIT_S: the server ends a wait after so many seconds. LATE_S: so much later the connection counts as dead.
WAIT_S, LATE_S = 45, 5


def wait_s() -> int:
    """Seconds after which the server answers a wait that nothing ended: longer where idle processes look seldom."""
    return max(WAIT_S, round(config.settings().idle_poll_interval))


class BlockingWait:
    """One wait at a time. `wait` returns a file descriptor that is readable when the wait ended; `read` returns how it ended."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._pool: Any = None
        self._since = 0.0
        self.waits = False

    def wait(self, then: scripts.Call | None) -> int:
        """Begin to wait, unless a wait is on, with a script to run at its end (None: one is on); returns the socket's descriptor.

        Raises redis.TimeoutError where the wait should have ended long ago: its connection is dead, and nobody said so.
        """
        if self._connection is None:
            self._pool = connection.client().connection_pool
            self._connection = connection.separate()
        if not self.waits and then is not None:
            self._renew_if_closed()
            commands = [("BLPOP", keys.WAKE, wait_s()), scripts.command_of(then)]
            self._connection.send_packed_command(self._connection.pack_commands(commands))
            self.waits, self._since = True, clock.monotonic()
        elif clock.monotonic() > self._since + wait_s() + LATE_S:
            raise redis.TimeoutError(f"no answer within {wait_s() + LATE_S} s to the wait for jobs")
        return int(self._connection._sock.fileno())

    def _renew_if_closed(self) -> None:
        """Connect anew where the server closed the connection between two waits, as one with `timeout` does with idle clients."""
        with suppress(redis.ConnectionError, OSError):
            if not self._connection.can_read(timeout=0):
                return
        self._connection.disconnect()  # sending connects it

    def read(self) -> tuple[bool, Any]:
        """After the end of a wait: whether a wake-up ended it (False: its time was up), and the script's reply (None: lost)."""
        self.waits = False
        woken = self._connection.read_response() is not None
        try:
            return woken, self._connection.read_response()
        except NoScriptError:
            return woken, None

    def abandon(self) -> None:
        """End the wait, or what an outage left of it: the next `wait` connects anew."""
        if self._connection is not None:
            self._connection.disconnect()
            self._pool.release(self._connection)
        self._connection, self.waits = None, False
