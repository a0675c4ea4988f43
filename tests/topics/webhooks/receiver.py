"""A receiver of webhooks on loopback: it keeps what it is sent, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple


class Received(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver(ThreadingHTTPServer):
    """`answers`: (status, headers, body) of the next requests, the last one for all others. `ledger`: a file with a line each."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, ledger: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b"thanks")]
        self.ledger, self.guard = ledger, threading.Lock()
        self.at_once = self.most_at_once = 0
        self.open = threading.Event()  # answers wait for it
        self.open.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def types(self) -> list[str]:
        return [one.json["type"] for one in self.received]


class Handler(BaseHTTPRequestHandler):
    """Keeps one request, and answers."""

    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        got = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with self.server.guard:
            self.server.received.append(got)
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            answers = self.server.answers
            status, headers, said = answers.pop(0) if len(answers) > 1 else answers[0]
            if self.server.ledger:
                with self.server.ledger.open("a") as file:
                    file.write(json.dumps({"status": status, **got.json}) + "\n")
        self.server.open.wait(60)
        with self.server.guard:
            self.server.at_once -= 1
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(ledger: Path | None = None) -> Iterator[Receiver]:
    """A receiver that runs until the block ends."""
    with Receiver(ledger) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.open.set()
            server.shutdown()
            thread.join()
