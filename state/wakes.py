"""Waking idle workers: a submit leaves one entry for each worker that may be needed, and an idle worker waits for one.

The wait uses a connection of its own, so that the worker can wait for its threads at the same time (select on both).
"""

from typing import Any

from state import connection, keys

#: Seconds after which the server answers a wait that nothing ended.
WAIT_S = 20


class Alarm:
    """One wait at a time. `set` gives a file descriptor that becomes readable when the wait ends; then ask `rang`."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._waits = False

    def set(self) -> int:
        """Begin to wait, unless we do; returns the socket's file descriptor."""
        if self._connection is None:
            self._connection = connection.client().connection_pool.make_connection()
            self._connection.socket_timeout = None
            self._connection.connect()
        if not self._waits:
            self._connection.send_command("BLPOP", keys.WAKE, WAIT_S)
            self._waits = True
        return int(self._connection._sock.fileno())

    def rang(self) -> bool:
        """The wait ended: whether somebody woke us (False: it was over without)."""
        self._waits = False
        return self._connection.read_response() is not None

    def pass_on(self) -> None:
        """Wake somebody else instead."""
        with connection.client().pipeline(transaction=False) as pipe:
            pipe.lpush(keys.WAKE, 1)
            pipe.expire(keys.WAKE, 60)
            pipe.execute()

    def forget(self) -> None:
        """Redis went away: the next `set` connects anew."""
        if self._connection is not None:
            self._connection.disconnect()
        self._connection, self._waits = None, False
