"""Listens for RQ's commands on a connection of its own, in a thread that only `stop` ends.

RQ's own thread gives up at the first late reply, and waits for ever on a connection that died silently. This listener sends a
PING now and then, and connects anew if no reply comes.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis.exceptions

import clock
import config
from state.store import connection

log = logging.getLogger("trawl.worker")

#: Seconds between two tries to connect while Redis is away.
RETRY_S = 2.0

#: Seconds between two PINGs (IDLE_POLL_INTERVAL if that is longer).
PING_S = 40.0

#: Seconds without a reply to a PING until the connection counts as dead.
LATE_S = 10.0

#: Seconds of one wait for a message. If `stop` cannot wake the thread, the thread sees it after this time.
WAIT_S = 5.0


class Listener:
    """Calls `handle` with each message of `channel`."""

    def __init__(self, channel: str, handle: Callable[[Any], object]) -> None:
        self.channel, self._handle = channel, handle
        self.thread = threading.Thread(target=self._run, name="commands", daemon=True)
        self._pubsub: Any = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Subscribe and listen. If Redis is away, the thread goes on trying."""
        try:
            self._subscribe()
        except redis.exceptions.RedisError as exc:
            self._log_outage(exc)
        self.thread.start()

    def stop(self) -> None:
        """Stop listening. The reply to UNSUBSCRIBE wakes the thread, which closes its connection itself."""
        self._stopped.set()
        pubsub = self._pubsub
        if pubsub is not None:
            with suppress(redis.exceptions.RedisError, OSError):
                pubsub.unsubscribe()
        self.thread.join(1.0)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                if self._pubsub is None:
                    self._subscribe()
                self._listen()
            except (redis.exceptions.RedisError, OSError) as exc:
                if self._stopped.is_set():
                    break
                self._log_outage(exc)
                self._close()
                clock.wait(RETRY_S)
        self._close()

    def _subscribe(self) -> None:
        self._pubsub = connection.pubsub()
        self._pubsub.subscribe(self.channel)

    def _listen(self) -> None:
        received = pinged = clock.monotonic()
        ping_s, pubsub = max(PING_S, config.settings().idle_poll_interval), self._pubsub
        while not self._stopped.is_set():
            message = pubsub.get_message(timeout=WAIT_S)
            now = clock.monotonic()
            if message is not None:
                received = now
                if message["type"] == "message":
                    self._handle(message)
            elif now - received > ping_s + LATE_S:
                raise redis.exceptions.TimeoutError(f"no reply within {ping_s + LATE_S:g} s")
            elif now - max(received, pinged) > ping_s:
                pubsub.ping()
                pinged = now

    def _close(self) -> None:
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            pubsub.close()

    def _log_outage(self, exc: Exception) -> None:
        log.info("No commands for now: %s", exc)
