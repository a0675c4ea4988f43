"""The sandbox's server: HTTP/1.1 with keep-alive on 127.0.0.1, one thread a connection.

with Sandbox(captcha=0.1) as sandbox:        in a test: a free port, `sandbox.url`, `sandbox.responder.requests`
serve(options.Options(), port=8089)              for the command: until Ctrl-C or SIGTERM
"""

import contextlib
import signal
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import errors
from sandbox import options, responder

HOST = "127.0.0.1"  # never anything else: it speaks without encryption and trusts everybody
LINE_LIMIT_BYTES = 64 * 1024
BACKLOG = 1024

NOTICE = "Trawl sandbox on {url}: its results and ranks are INVENTED, good for trying things out and for nothing else"
NOTICE_REPLAY = "Trawl sandbox on {url}: it serves the recorded pages of {folder}, not today's"


class Sandbox:
    """A running sandbox; use it as a context manager. `responder` holds the log, the counters and the account."""

    def __init__(self, *, port: int = 0, **settings: Any) -> None:
        """`settings` are the fields of `options.Options`; port 0 takes a free one. Raises SystemFault where the port is taken."""
        self.responder = responder.Responder(options.Options(**settings))
        self._server = _listen(port, self.responder)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox")

    def __enter__(self) -> "Sandbox":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()

    @property
    def requests(self) -> list[responder.Seen]:
        """The latest requests, oldest first, at most 10,000."""
        return list(self.responder.requests)

    @property
    def counts(self) -> dict[str, int]:
        """Answers by kind: page, captcha, busy …"""
        return dict(self.responder.counts)

    def force(self, *kinds: str) -> None:
        """The next answers, in this order, whatever was requested: busy, failed, bad_token, captcha …; "" is a good page."""
        self.responder.forced.extend(kinds)


def serve(settings: options.Options, *, port: int, say: Callable[[str], None] = print) -> None:
    """Answer until Ctrl-C or SIGTERM. Raises SystemFault where the port is taken."""
    server = _listen(port, responder.Responder(settings))
    notice = NOTICE_REPLAY if settings.replay else NOTICE
    try:
        with contextlib.suppress(KeyboardInterrupt), _stopped_by_sigterm():
            say(notice.format(url=f"http://{HOST}:{server.server_address[1]}", folder=settings.replay))
            server.serve_forever()
    finally:
        server.hang_up()


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = BACKLOG
    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, address: tuple[str, int], answers: responder.Responder) -> None:
        self.answers = answers
        self._open: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close the listening socket and every connection, and wait for their threads."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            while self._one_request():
                pass

    def _one_request(self) -> bool:
        """Answer one request; False where the connection ends. The standard library's handler takes four times as long."""
        words = self.rfile.readline(LINE_LIMIT_BYTES).decode("latin-1").split()
        keep = True
        while (line := self.rfile.readline(LINE_LIMIT_BYTES)) not in (b"\r\n", b"\n", b""):
            keep = keep and not (line[:11].lower() == b"connection:" and b"close" in line.lower())
        if len(words) != 3 or not line:
            return False
        if words[0] != "GET":
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        answer = self.server.answers.answer(words[1])
        head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", f"Content-Length: {len(answer.body)}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1", "replace") + answer.body)
        return keep


def _listen(port: int, answers: responder.Responder) -> _Server:
    try:
        return _Server((HOST, port), answers)
    except OSError as exc:
        problem = f"port {port} on {HOST} cannot be used ({exc.strerror}): choose another, and set SANDBOX_URL to match"
    raise errors.SystemFault(problem)


@contextlib.contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Inside, SIGTERM ends the program's work like Ctrl-C. Only the main thread may set this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
