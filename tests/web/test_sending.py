"""Replies go out in one call and wake nobody; whatever a client sends or leaves, the next request of its connection is answered.

The loop of this server sleeps until something happens: where a wake-up is missing, a test hangs.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import patience
from tests.local import real
from web import server
from web.channels import Channel

LARGE = 6_000_000


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Answers by the path."""
    path = environ["PATH_INFO"]
    if path == "/none":
        start_response("204 No Content", [])
        return [b""]
    if path == "/parts":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"one ", b"", b"two ", b"three"])
    if path == "/broken":
        start_response("200 OK", [("Content-Length", "100")])
        return iter([b"less"])
    body = b"x" * LARGE if path == "/large" else path.encode() + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class Served:
    """A server in a thread. `sent`: calls that sent something; `woken`: how often its loop was woken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        [listener] = sockets = server.listen("127.0.0.1", 0)
        self.port, self.sent, self.woken = listener.getsockname()[1], 0, 0
        self.runner, self.is_over = server.Runner(app, sockets), False
        self.clients: list[Client] = []
        send, pull = Channel.send, self.runner._servers[0].trigger.pull_trigger

        def counted(channel: Channel, *args: Any, **options: Any) -> Any:
            self.sent += 1
            return send(channel, *args, **options)

        def woken(*args: Any) -> None:
            self.woken += 1
            pull(*args)

        monkeypatch.setattr(Channel, "send", counted)
        monkeypatch.setattr(self.runner._servers[0].trigger, "pull_trigger", woken)
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self) -> None:
        while not self.is_over:
            self.runner._turn(600)

    def close(self) -> None:
        self.is_over = True
        self.runner._servers[0].trigger.pull_trigger()
        self.thread.join(patience.HANG_S)
        self.runner._dispatcher.shutdown(timeout=5)
        for client in self.clients:
            client.close()
        for each in list(self.runner._map.values()):
            each.handle_close() if isinstance(each, Channel) else each.close()

    def connect(self) -> "Client":
        self.clients.append(Client(socket.create_connection(("127.0.0.1", self.port), timeout=patience.HANG_S)))
        return self.clients[-1]


class Client:
    """A connection that reads whole replies."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket, self.file = connected, connected.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, *paths: str, method: str = "GET", version: str = "1.1", more: str = "", body: bytes = b"") -> None:
        self.socket.sendall(
            b"".join(f"{method} {path} HTTP/{version}\r\nHost: x\r\n{more}\r\n".encode() + body for path in paths)
        )

    def read(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        status = int(self.file.readline().split()[1])
        headers = {}
        while (line := self.file.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        if not has_body:
            return status, headers, b""
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.file.readline(), 16):
                body += self.file.read(size)
                self.file.readline()
            self.file.readline()
            return status, headers, body
        return status, headers, self.file.read(int(headers["content-length"]) if "content-length" in headers else -1)

    def get(self, path: str) -> bytes:
        self.send(path)
        return self.read()[2]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    made = Served(monkeypatch)
    yield made
    made.close()


def test_a_reply_is_one_call_and_wakes_nobody(served: Served) -> None:
    client = served.connect()
    client.get("/first")
    real.until(lambda: served.runner._dispatcher.active_count == 0)
    served.sent = served.woken = 0
    for number in range(20):
        real.until(lambda: served.runner._dispatcher.active_count == 0)  # the next request comes when the thread is done
        assert client.get(f"/{number}") == f"/{number}".encode()
    real.until(lambda: served.runner._dispatcher.active_count == 0)
    assert (served.sent, served.woken) == (20, 0)


def test_requests_that_come_together_are_answered_in_their_order_and_the_next_one_too(served: Served) -> None:
    client = served.connect()
    for turn in range(3):
        client.send(*(f"/{turn}-{number}" for number in range(7)))
        assert [client.read()[2] for _ in range(7)] == [f"/{turn}-{number}".encode() for number in range(7)]
    assert client.get("/last") == b"/last"


def test_replies_without_a_body_are_sent_whole(served: Served) -> None:
    ended = served.connect()  # waitress ends a connection after a reply without length
    ended.send("/none")
    assert ended.read(has_body=False)[0] == 204 and ended.file.read() == b""
    client = served.connect()
    client.send("/large", method="HEAD")
    status, headers, _ = client.read(has_body=False)
    assert (status, headers["content-length"]) == (200, str(LARGE))
    assert client.get("/next") == b"/next"


def test_parts_are_sent_in_their_order(served: Served) -> None:
    client = served.connect()
    client.send("/parts")
    assert client.read()[2] == b"one two three"


def test_who_takes_a_large_reply_slowly_gets_all_of_it_and_the_next_one(served: Served) -> None:
    slow, others = served.connect(), [served.connect() for _ in range(5)]
    slow.send("/large", "/after")
    for client in others:  # meanwhile
        assert client.get("/quick") == b"/quick"
    assert slow.read()[2] == b"x" * LARGE and slow.read()[2] == b"/after"
    assert slow.get("/next") == b"/next"


def test_a_body_that_comes_later_and_one_that_is_waited_for_are_read(served: Served) -> None:
    client = served.connect()
    client.send("/late:", method="POST", more="Content-Length: 4\r\n")
    client.socket.sendall(b"body")
    assert client.read()[2] == b"/late:body"
    client.send("/asked:", method="POST", more="Content-Length: 4\r\nExpect: 100-continue\r\n")
    assert client.file.readline().startswith(b"HTTP/1.1 100") and client.file.readline() == b"\r\n"
    client.socket.sendall(b"body")
    assert client.read()[2] == b"/asked:body"


@pytest.mark.parametrize("options", [{"version": "1.0"}, {"more": "Connection: close\r\n"}])
def test_a_connection_that_is_to_end_ends_after_its_reply(served: Served, options: dict[str, str]) -> None:
    client = served.connect()
    client.send("/bye", **options)
    assert client.read()[2] == b"/bye" and client.file.read() == b""


def test_a_reply_that_breaks_off_ends_its_connection(served: Served) -> None:
    client = served.connect()
    client.send("/broken")
    assert client.file.read().endswith(b"\r\n\r\nless")
    assert served.connect().get("/next") == b"/next"


def test_those_who_leave_before_their_reply_disturb_nobody(served: Served) -> None:
    for path in ("/large", "/parts", "/short"):
        client = served.connect()
        client.send(path)
        client.close()
    assert served.connect().get("/next") == b"/next"


def test_many_connections_at_once_are_all_answered(served: Served) -> None:
    def work(number: int) -> list[bytes]:
        client = served.connect()
        return [client.get(f"/{number}-{turn}") for turn in range(30)]

    with ThreadPoolExecutor(20) as threads:
        for number, found in enumerate(threads.map(work, range(20))):
            assert found == [f"/{number}-{turn}".encode() for turn in range(30)]
