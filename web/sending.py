"""Replies that are sent at once: head and body in one call, by the thread that made them, without waking the loop of the server.

Waitress sends the head, then the body, then wakes its loop to look whether anything is left. Mostly nothing is.
"""

import threading
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

import clock

#: A larger part (bytes) goes the way of waitress, which keeps what the client does not take yet.
LARGE = 256 * 1024

_this_thread = threading.local()


class Task(WSGITask):  # type: ignore[misc]
    """A request that is answered. Its head waits for the first part of its body."""

    wrote_header: bool

    def write(self, data: bytes) -> None:
        """As waitress's."""
        if self.wrote_header or not self.complete:
            super().write(data)
            return
        self.channel.head, self.wrote_header = self.build_response_header(), True
        super().write(data)
        if self.channel.head:  # no body
            self.channel.write_soon(b"")


class SendingChannel(HTTPChannel):  # type: ignore[misc]
    """A connection. `head`: what goes before the next part that is written."""

    task_class = Task
    head = b""

    def write_soon(self, data: Any) -> int:
        """As waitress's; sends at once what the client takes, where nothing else waits."""
        head, self.head = self.head, b""
        if not isinstance(data, bytes) or len(data) > LARGE:
            return (super().write_soon(head) if head else 0) + int(super().write_soon(data))
        whole = head + data
        rest = whole[self._send_now(whole) :] if whole and not self.total_outbufs_len else whole
        return len(whole) - len(rest) + (int(super().write_soon(rest)) if rest or not whole else 0)

    def _send_now(self, data: bytes) -> int:
        """Bytes that were sent; 0 where that is for the loop to do, or to find out why not."""
        with self.outbuf_lock:
            if not self.connected:
                return 0
            try:
                sent = int(self.send(data, do_close=False))
            except OSError:
                return 0
        if sent:
            self.last_activity = clock.now().timestamp()  # waitress compares it with the time of the system
        return sent

    def service(self) -> None:
        """As waitress's."""
        _this_thread.channel = self
        try:
            super().service()
        finally:
            _this_thread.channel = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do but to read the next request, for which the loop waits already."""
        return self.connected and not (self.requests or self.total_outbufs_len or self.close_when_flushed or self.will_close)


class SendingServer(TcpWSGIServer):  # type: ignore[misc]
    """One listening socket."""

    def pull_trigger(self) -> None:
        """As waitress's: wakes the loop. Not for a channel that is done."""
        channel = getattr(_this_thread, "channel", None)
        if channel is None or not channel.is_done:
            super().pull_trigger()
