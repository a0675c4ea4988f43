"""Listens for RQ's commands on a connection of its own, in a thread that nothing ends but `stop`.

RQ's own thread gives up at the first late reply, and would wait for ever on a connection that went dead without a word: so we ask
for a sign of life now and then, and connect anew where none came.
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

#: Seconds between two tries to listen while Redis is away.
PAUSE_S = 2.0

#: Seconds between two signs of life that we ask for (IDLE_POLL_INTERVAL where that is longer), and more until it counts as dead.
PING_S, LATE_S = 40.0, 10.0

#: Seconds of one wait for a message: so long a `stop` may take to be seen where it cannot end the wait.
WAIT_S = 5.0


class Listener:
    """Calls `handle` with each message of `channel`."""

    def __init__(self, channel: str, handle: Callable[[Any], object]) -> None:
        self.channel, self._handle = channel, handle
        self.thread = threading.Thread(target=self._run, name="commands", daemon=True)
        self._pubsub: Any = None
        self._over = threading.Event()

    def start(self) -> None:
        """Subscribe, if Redis lets us now, and listen. Returns when commands are heard, or will be as soon as they can."""
        try:
            self._subscribe()
        except redis.exceptions.RedisError as exc:
            self._complain(exc)
        self.thread.start()

    def stop(self) -> None:
        """Listen no more. The answer to UNSUBSCRIBE wakes the thread, which closes its connection itself."""
        self._over.set()
        pubsub = self._pubsub
        if pubsub is not None:
            with suppress(redis.exceptions.RedisError, OSError):
                pubsub.unsubscribe()
        self.thread.join(1.0)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                if self._pubsub is None:
                    self._subscribe()
                self._listen()
            except (redis.exceptions.RedisError, OSError) as exc:
                if self._over.is_set():
                    break
                self._complain(exc)
                self._close()
                clock.wait(PAUSE_S)
        self._close()

    def _subscribe(self) -> None:
        self._pubsub = connection.pubsub()
        self._pubsub.subscribe(self.channel)

    def _listen(self) -> None:
        heard = asked = clock.monotonic()
        ping_s = max(PING_S, config.settings().idle_poll_interval)
        pubsub = self._pubsub
        while not self._over.is_set():
            message = pubsub.get_message(timeout=WAIT_S)
            now = clock.monotonic()
            if message is not None:
                heard = now
                if message["type"] == "message":
                    self._handle(message)
            elif now - heard > ping_s + LATE_S:
                raise redis.exceptions.TimeoutError(f"no sign of life within {ping_s + LATE_S:g} s")
            elif now - max(heard, asked) > ping_s:
                pubsub.ping()
                asked = now

    def _close(self) -> None:
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            pubsub.close()

    def _complain(self, exc: Exception) -> None:
        log.info("No commands for now: %s", exc)
