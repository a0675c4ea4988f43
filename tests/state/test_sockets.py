"""A server that stands still is noticed in time, whoever keeps the time: the kernel or, where it cannot, Python."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis

import clock
from state.store import sockets
from tests import patience
from tests.local.real import until

LIMIT_S = 0.3


class Silent:
    """A server that takes connections, and neither reads nor answers."""

    def __init__(self, listener: socket.socket, address: str) -> None:
        self.address, self._listener, self._taken = address, listener, list[socket.socket]()
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                self._taken.append(self._listener.accept()[0])
            except OSError:
                return

    def hang_up(self) -> None:
        """Close what was taken."""
        until(lambda: self._taken)
        for one in self._taken:
            one.close()

    def close(self) -> None:
        """Let all go."""
        self._listener.shutdown(socket.SHUT_RDWR)  # close alone would not end accept()
        self._thread.join()
        for one in (self._listener, *self._taken):
            one.close()


@pytest.fixture(params=["tcp", "unix"])
def silent(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    monkeypatch.setattr(sockets, "REPLY_TIMEOUT_S", LIMIT_S)
    if request.param == "tcp":
        listener = socket.create_server(("127.0.0.1", 0))
        server = Silent(listener, f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        server = Silent(listener, f"unix://{tmp_path}/s")
    yield server
    server.close()


@contextmanager
def opened(server: Silent) -> Iterator[Any]:
    """A connection without greetings: nothing was sent yet."""
    options = sockets.options(server.address) | {"protocol": 2, "driver_info": None}
    made = redis.ConnectionPool.from_url(server.address, **options).make_connection()
    made.connect()
    yield made
    made.disconnect()


@pytest.fixture(params=["kernel", "python"])
def keeper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "python":  # a system that wants another layout
        monkeypatch.setattr(sockets, "struct", SimpleNamespace(pack=lambda layout, *values: b"\0"))
    return str(request.param)


def test_a_reply_that_does_not_come_is_an_error_in_time(silent: Silent, keeper: str) -> None:
    with opened(silent) as link:
        assert link._sock.gettimeout() == (None if keeper == "kernel" else LIMIT_S)
        link.send_command("PING")
        asked = clock.monotonic()
        with pytest.raises(redis.TimeoutError):
            link.read_response()
    assert LIMIT_S * 0.9 < clock.monotonic() - asked < patience.leeway(10 * LIMIT_S)


def test_a_server_that_reads_nothing_does_not_hold_us(silent: Silent, keeper: str) -> None:
    asked = clock.monotonic()
    with opened(silent) as link, pytest.raises(redis.TimeoutError):
        link.send_command("SET", "key", b"x" * (64 << 20))
    assert clock.monotonic() - asked < patience.leeway(10 * LIMIT_S)


def test_the_kernel_knows_the_limit(silent: Silent) -> None:
    with opened(silent) as link:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            seconds, part = struct.unpack("@ll", link._sock.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("@ll")))
            assert abs(seconds + part / 1e6 - LIMIT_S) < 0.05


def test_a_connection_that_breaks_is_not_called_late(silent: Silent) -> None:
    with opened(silent) as link:
        link.send_command("PING")
        silent.hang_up()
        with pytest.raises(redis.ConnectionError):
            link.read_response()


@pytest.mark.parametrize("place", ["redis://x/0", "rediss://x/0", "unix:///x"])
def test_the_url_may_ask_for_another_limit(place: str) -> None:
    assert sockets.options(place)["socket_timeout"] == sockets.REPLY_TIMEOUT_S
    given = sockets.options(f"{place}?socket_timeout=2.5")
    assert given["socket_timeout"] == given["reply_timeout_s"] == 2.5
    with pytest.raises(ValueError, match="socket_timeout"):
        sockets.options(f"{place}?socket_timeout=soon")


def test_with_tls_python_keeps_the_limit() -> None:
    """Its TLS library needs that; and it is ours, whatever RQ's worker makes of `socket_timeout`."""
    given = sockets.options("rediss://127.0.0.1:1/0")
    made = redis.ConnectionPool(**given | {"socket_timeout": 65}).make_connection()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        made._limit(ours, given["reply_timeout_s"])
        assert ours.gettimeout() == sockets.REPLY_TIMEOUT_S


@pytest.mark.parametrize("name", ["SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"])
def test_the_kernel_asks_whether_the_other_side_lives(name: str) -> None:
    wanted = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000, "SO_KEEPALIVE": 1}
    if not hasattr(socket, name):
        pytest.skip(f"no {name} on this system")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = redis.ConnectionPool(**sockets.options(f"redis://127.0.0.1:{listener.getsockname()[1]}/0")).make_connection()
        with made._connect() as connected:
            level = socket.SOL_SOCKET if name.startswith("SO_") else socket.IPPROTO_TCP
            assert connected.getsockopt(level, getattr(socket, name)) == wanted[name]
