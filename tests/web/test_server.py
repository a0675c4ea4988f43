"""The web process as it runs: its polite end, slow and silent clients, Redis that goes away. Granian keeps the same promises."""

import json
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import clock
from errors import ConfigError
from local import ports
from tests import patience
from tests.local import real
from tests.web import servers
from web import server

pytestmark = pytest.mark.real_redis  # real processes: once, beside the other tests on a real server

Start = Callable[..., AbstractContextManager[servers.Running]]

BOTH = pytest.mark.parametrize("start", [servers.own, servers.granian], ids=["waitress", "granian"])


@BOTH
def test_sigterm_finishes_the_request_in_hand_and_ends_with_0(tmp_path: Path, real_server: str, start: Start) -> None:
    with start(tmp_path, REDIS_URL=real_server) as web, ThreadPoolExecutor() as threads:
        reply = threads.submit(web.get, "/trial/slow?s=2")
        clock.wait(0.5)  # it is in hand
        web.process.terminate()

        assert reply.result().json() == {"done": True}
        assert web.process.wait(timeout=patience.HANG_S) == 0


@BOTH
def test_what_is_wrong_is_refused_as_problem_json(tmp_path: Path, real_server: str, start: Start) -> None:
    with start(tmp_path, REDIS_URL=real_server) as web:
        asked = [
            (web.get("/nowhere"), 404),
            (web.get("/trial/echo"), 405),
            (_post(web, b"{"), 400),
            (_post(web, b"[" * 40 + b"]" * 40), 422),
            (_post(web, b" " * (2 << 20)), 413),
            (_post(web, b"{}", "text/plain"), 415),
        ]
        for reply, status in asked:
            assert (reply.status_code, reply.headers["Content-Type"]) == (status, "application/problem+json")
        assert _post(web, b'{"a": 1}').json() == {"got": {"a": 1}}


@BOTH
def test_redis_away_or_hung_is_503_within_3_s_and_it_recovers_by_itself(tmp_path: Path, start: Start) -> None:
    port = ports.free_port()
    with servers.redis_process(tmp_path, port) as redis, start(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}/0") as web:
        assert web.get("/trial/redis").status_code == 200
        redis.send_signal(signal.SIGSTOP)
        _is_away(web)
        redis.send_signal(signal.SIGCONT)
        real.until(lambda: web.get("/trial/redis").status_code == 200)
        redis.kill()
        redis.wait()
        _is_away(web)
        with servers.redis_process(tmp_path, port):
            real.until(lambda: web.get("/trial/redis").status_code == 200)
            real.until(lambda: web.get("/ready").status_code == 200)


def _is_away(web: servers.Running) -> None:
    """Eight requests at a time get 503 in time, and /health answers beside them."""
    with ThreadPoolExecutor(8) as threads:
        begun = clock.monotonic()
        replies = list(threads.map(web.get, ["/trial/redis"] * 8))
        took_s = clock.monotonic() - begun
    assert {reply.status_code for reply in replies} == {503} and all(reply.headers["Retry-After"] for reply in replies)
    assert took_s < patience.leeway(3)
    real.until(lambda: web.get("/health").json()["redis"] == "away")  # a look is good for a second


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, real_server: str) -> Iterator[servers.Running]:
    """One web process for the tests that leave it running."""
    with servers.own(tmp_path_factory.mktemp("web"), REDIS_URL=real_server, WEB_THREADS="128") as running:
        yield running


def test_100_slow_bodies_and_100_slow_headers_keep_nobody_waiting(web: servers.Running) -> None:
    begun = b"POST /trial/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
    slow = [web.connect(begun + b"\r\n{") for _ in range(100)] + [web.connect(begun) for _ in range(100)]
    try:
        assert _post(web, b"[]").status_code == 200
        slow[0].sendall(b'"a":"b"}')
        assert b'{"got":{"a":"b"}}' in _read_to(slow[0], b"}}")
    finally:
        _close(slow)


def test_streams_have_their_share_of_threads_and_others_are_told_when_to_come_back(web: servers.Running) -> None:
    streams = [web.connect(b"GET /trial/stream HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(64)]
    try:
        for stream in streams:
            assert b": tick" in _read_to(stream, b": tick")
        refused = web.get("/trial/stream")
        assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
        assert "WEB_THREADS" in refused.json()["detail"]
        assert web.get("/trial/redis").status_code == 200
    finally:
        _close(streams)
    real.until(lambda: _takes_a_stream(web))  # those who left gave their threads back


def test_more_idle_connections_than_it_takes_lock_nobody_out(web: servers.Running) -> None:
    idle = [web.connect() for _ in range(server.CONNECTIONS + 100)]
    try:
        assert web.get("/trial/redis").status_code == 200
        assert _post(web, b"[]").status_code == 200
    finally:
        _close(idle)


def test_a_client_that_leaves_while_its_request_runs_disturbs_nobody(web: servers.Running) -> None:
    web.connect(b"GET /trial/slow?s=1 HTTP/1.1\r\nHost: localhost\r\n\r\n").close()
    assert web.get("/trial/redis").status_code == 200


@pytest.mark.parametrize(
    ("sends", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n", 413),
    ],
)
def test_what_the_server_itself_refuses_is_problem_json_without_its_name(web: servers.Running, sends: bytes, status: int) -> None:
    with web.connect(sends) as made:
        head, _, body = _read_to(made, b'"errors": []}').partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.") and str(status).encode() in head.split(b"\r\n")[0]
    assert b"application/problem+json" in head and b"aitress" not in head + body and b"Server:" not in head
    assert json.loads(body)["status"] == status


def test_at_sigterm_streams_and_waiting_requests_are_told_and_idle_connections_closed(tmp_path: Path, real_server: str) -> None:
    with servers.own(tmp_path, REDIS_URL=real_server) as running, ThreadPoolExecutor() as threads:
        streams = [running.connect(b"GET /trial/stream HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(5)]
        for stream in streams:
            _read_to(stream, b": tick")
        idle, waits = running.connect(), threads.submit(running.get, "/trial/wait")
        real.until(lambda: "trial: waits" in running.log.read_text())
        running.process.terminate()

        assert all(b"event: goodbye" in _read_to(stream, b"goodbye") for stream in streams)
        assert waits.result().json() == {"ending": True}
        assert idle.recv(10) == b""
        assert running.process.wait(timeout=patience.HANG_S) == 0
        _close([*streams, idle])


def test_a_second_signal_ends_it_at_once(tmp_path: Path, real_server: str) -> None:
    with servers.own(tmp_path, REDIS_URL=real_server) as running:
        made = running.connect(b"GET /trial/slow?s=200 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        real.until(lambda: running.get("/trial/redis").ok)
        running.process.send_signal(signal.SIGINT)
        real.until(lambda: "Ending" in running.log.read_text())
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=patience.HANG_S) == 0
        made.close()


def test_without_key_and_user_it_listens_on_loopback_only_and_says_how_to_open_it(tmp_path: Path, real_server: str) -> None:
    port = ports.free_port()
    code = f"import sys; from web import process; sys.exit(process.run('0.0.0.0', {port}))"
    with real.program(code, tmp_path / "log", REDIS_URL=real_server) as process:
        running = servers.Running(process, port, tmp_path / "log")
        real.until(running.answers)
        said = running.log.read_text()
        assert "loopback only" in said and "manage.py apikey add" in said and f"http://127.0.0.1:{port}" in said
        with pytest.raises(OSError):
            socket.create_connection((_address_of_this_machine(), port), timeout=patience.HANG_S)


@pytest.mark.parametrize(("host", "says"), [("no.such.host.invalid", "WEB_HOST=no.such"), ("192.0.2.1", "WEB_HOST=192.0.2.1")])
def test_an_address_that_cannot_be_listened_on_is_named_with_the_setting(host: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        server.listen(host, 8000)


@pytest.mark.parametrize("host", ["[::1]", "::1", "[127.0.0.1]"])
def test_an_address_may_stand_in_the_brackets_of_a_url(host: str) -> None:
    [made] = server.listen(host, 0)
    assert made.getsockname()[0] == host.strip("[]")
    made.close()


def test_a_port_that_is_taken_is_named_with_the_setting() -> None:
    [taken] = server.listen("127.0.0.1", 0)
    taken.listen()
    port = taken.getsockname()[1]
    with pytest.raises(ConfigError, match=f"PORT={port} is taken"):
        server.listen("127.0.0.1", port)
    taken.close()


def _post(web: servers.Running, data: bytes, kind: str = "application/json") -> "servers.requests.Response":
    url = f"http://127.0.0.1:{web.port}/trial/echo"
    return servers.requests.post(url, data=data, headers={"Content-Type": kind}, timeout=patience.HANG_S)


def _takes_a_stream(web: servers.Running) -> bool:
    with web.connect(b"GET /trial/stream HTTP/1.1\r\nHost: localhost\r\n\r\n") as made:
        return b"200 OK" in made.recv(100)


def _read_to(made: socket.socket, mark: bytes) -> bytes:
    """What arrives, up to this mark or the end."""
    found = b""
    while mark not in found and (more := made.recv(65536)):
        found += more
    return found


def _close(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()


def _address_of_this_machine() -> str:
    """An address of this machine other than loopback; one that nothing has where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "192.0.2.1"


WEBSOCKET = (
    "GET {path} HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "{more}Sec-WebSocket-Version: 13\r\n\r\n"
)
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


def test_a_websocket_on_a_status_is_opened_and_ended_so_that_its_client_asks_by_get(tmp_path: Path, real_server: str) -> None:
    with servers.own(tmp_path, REDIS_URL=real_server) as web:
        for path in ("/v2/crawl/0a1b", "/v1/batch/scrape/0a1b"):
            head, body = _exchanged(web, path, KEY + "Sec-WebSocket-Protocol: fc-key\r\n")
            assert head.startswith("HTTP/1.1 101 ") and "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in f"{head}\r\n"
            assert "Sec-WebSocket-Protocol: fc-key" in head and "Content-Length" not in head and "Transfer" not in head
            assert body[0] == 0x88 and body[1] == len(body) - 2 <= 125 and int.from_bytes(body[2:4], "big") == 1001
            assert json.loads(body[4:])["type"] == "error"
        for path, more in (("/v2/crawl/0a1b", KEY), ("/health", KEY + "Sec-WebSocket-Protocol: x\r\n")):
            with web.connect(WEBSOCKET.format(path=path, more=more).encode()) as made:  # an ordinary request
                assert made.recv(65536).split()[1] != b"101"


def _exchanged(web: servers.Running, path: str, more: str) -> tuple[str, bytes]:
    """Head and body of what comes until the server closes."""
    with web.connect(WEBSOCKET.format(path=path, more=more).encode()) as made:
        got = b""
        while part := made.recv(65536):
            got += part
    head, _, body = got.partition(b"\r\n\r\n")
    return head.decode("latin-1"), body
