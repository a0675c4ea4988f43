"""Waitress with connections as we want them: errors as JSON, slow senders cut off, the idle ones making room for others."""

import copy
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from web import errors, limits, sending, websockets

log = logging.getLogger("trawl.web")

#: Seconds within which a request must have arrived, from its first byte to its last.
ARRIVAL_S = 60.0

#: Seconds for which a client may take nothing of a reply that is there.
TAKEN_S = 30.0

#: Of what waitress refuses by itself (web/security.py dresses the rest).
HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))

#: Connections that make room at a time when there are too many.
ROOM = 32


class Refused(ErrorTask):  # type: ignore[misc]
    """What waitress refuses by itself, as problem+json: no HTTP, headers or body too large."""

    def execute(self) -> None:
        """Write the reply."""
        found, path = self.request.error, str(getattr(self.request, "path", ""))
        detail = errors.detail_of(found.code, path, str(found.body))
        written = next((writer for prefix, writer in errors.outside.items() if path.startswith(prefix)), _problem)
        status, body = written(found.code, detail)
        data = json.dumps(body).encode()
        self.status = f"{status} {HTTPStatus(status).phrase}"
        self.response_headers = [
            ("Content-Type", "application/problem+json" if written is _problem else "application/json"),
            *HEADERS,
        ]
        self.set_close_on_finish()
        self.content_length = len(data)
        self.write(data)


def _problem(status: int, detail: str) -> tuple[int, dict[str, Any]]:
    return status, {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "errors": []}


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request that arrives. Where a file may be brought, its body may be larger."""

    def parse_header(self, header_plus: bytes) -> None:
        """As waitress's."""
        super().parse_header(header_plus)
        if self.path in limits.UPLOADS:
            own: Any = copy.copy(self.adj)
            own.max_request_body_size = limits.upload_bytes(self.path) + 1
            self.adj: Any = own


class Channel(sending.SendingChannel):
    """One connection. `begun` is when the first byte of the request that is arriving came (time.time), 0 = none is."""

    error_task_class = Refused
    parser_class = Parser
    begun = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._callbacks: list[Callable[[], None]] = []
        super().__init__(*args, **kwargs)

    def call_on_close(self, callback: Callable[[], None]) -> None:
        """Have this called when the connection ends while the present request runs; at once where it has ended."""
        self._callbacks.append(callback)
        if not self.connected:
            self._tell()

    def handle_close(self) -> None:
        """As waitress's; tells who waits for that."""
        super().handle_close()
        self._tell()

    def service(self) -> None:
        """As waitress's."""
        if websockets.is_asked(self.requests[0]):
            self.task_class = websockets.Farewell
        try:
            super().service()
        finally:
            self._callbacks.clear()

    def _tell(self) -> None:
        while self._callbacks:
            try:
                self._callbacks.pop()()
            except Exception:  # the loop of the server goes on
                log.exception("told that a client has left, a part failed")

    def received(self, data: bytes) -> bool:
        """As waitress's; notes when a request began to arrive."""
        result: bool = super().received(data)
        if self.request is None:
            self.begun = 0.0
        elif not self.begun:
            self.begun = self.last_activity
        return result

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered on it."""
        return not self.requests and not self.total_outbufs_len

    def is_late(self, now: float) -> bool:
        """Whether its request arrives too slowly, or nobody takes its reply."""
        if self.total_outbufs_len:
            return bool(now - self.last_activity > TAKEN_S)
        return bool(self.begun) and now - self.begun > ARRIVAL_S


class Server(sending.SendingServer):
    """One listening socket and its connections."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        """As waitress's; cuts off those who send or take too slowly, too."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.is_late(now):
                channel.handle_close()

    def readable(self) -> bool:
        """As waitress's. With too many connections, those that were idle longest are closed: a flood of them locks nobody out."""
        if self.accepting and len(self._map) >= self.adj.connection_limit:
            idle = sorted((channel for channel in self.active_channels.values() if channel.is_idle), key=_last_activity)
            for channel in idle[:ROOM]:
                channel.handle_close()
        return bool(super().readable())

    def stop_listening(self) -> None:
        """Take what has connected already, then no more."""
        self.handle_accept_all()
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def handle_accept_all(self) -> None:
        """Accept every connection that the kernel holds for us."""
        for _ in range(self.adj.backlog):
            before = len(self.active_channels)
            self.handle_accept()
            if len(self.active_channels) == before:
                return


def _last_activity(channel: Channel) -> Any:
    return channel.last_activity
