"""How the process of an isolated job passes on what the job logs: at once, so that its worker has it however the process ends.

No job waits for its worker: what the socket does not take at once goes with a later line, or with the outcome.
"""

import socket
import threading
from collections import deque

import clock
import config

#: Lines that are sent at once, in one second; further ones wait for the next.
AT_ONCE = 100


class Sender:
    """Sends lines through the socket to the worker, each on a line of its own."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._waiting: deque[str] = deque(maxlen=max(1, config.settings().job_log_lines))
        self._begun = b""  # the rest of what was sent in part: it goes before anything else
        self._second, self._sent = 0, 0
        self._lock = threading.Lock()

    def send(self, line: str) -> None:
        """Send a line, now or later."""
        self._waiting.append(line)
        second = int(clock.monotonic())
        if second != self._second:
            self._second, self._sent = second, 0
        if self._sent >= AT_ONCE or not self._lock.acquire(blocking=False):
            return
        try:
            self._sent += 1
            self._flush()
        finally:
            self._lock.release()

    def rest(self) -> bytes:
        """What was not sent yet."""
        return self._begun + self._taken()

    def _flush(self) -> None:
        data, self._begun = self._begun + self._taken(), b""
        try:
            sent = self._link.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:  # the worker is gone, or this is a copy that the job made of its process
            return
        self._begun = data[sent:]

    def _taken(self) -> bytes:
        lines = []
        while self._waiting:
            lines.append(self._waiting.popleft() + "\n")
        return "".join(lines).encode()
