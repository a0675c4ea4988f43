"""Connections of a process whose callers do not wait: each step has a short limit, whatever the server does."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

import clock
from errors import StoreUnreachable
from local import ports
from state.store import connection, haste, sentinel_url, transport
from tests import patience
from tests.local import real
from tests.web import servers

pytestmark = pytest.mark.real_redis  # a server of its own, which is stopped


@pytest.fixture
def port() -> int:
    return ports.free_port()


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator["servers.subprocess.Popen[bytes]"]:
    with servers.redis_process(tmp_path, port) as process:
        connection.use(connection.connect(f"redis://127.0.0.1:{port}/0", hurried=True))
        real.until(_answers)
        yield process
        connection.use(None)


def test_a_server_that_hangs_is_given_up_within_3_s_and_used_again_when_it_answers(
    server: "servers.subprocess.Popen[bytes]",
) -> None:
    server.send_signal(signal.SIGSTOP)
    for _ in range(2):  # the first on a connection that is open, the second on a new one
        assert _took_s() < patience.leeway(haste.REPLY_S + haste.GREETING_S)
    server.send_signal(signal.SIGCONT)
    real.until(_answers)


def test_a_server_that_is_gone_is_given_up_at_once(server: "servers.subprocess.Popen[bytes]") -> None:
    server.kill()
    server.wait()
    assert _took_s() < patience.leeway(0.5)


def test_a_connection_that_the_server_closed_while_idle_is_made_anew_unseen(port: int, server: object) -> None:
    other = redis.Redis(port=port)
    other.client_kill_filter(_type="normal", skipme=True)
    assert transport.ask([("PING",)]) == [b"PONG"]
    other.close()


def test_a_host_that_takes_connections_and_says_nothing_is_given_up_soon() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        connection.use(connection.connect(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", hurried=True))
        assert _took_s() < patience.leeway(haste.GREETING_S)


def test_shorter_limits_of_the_url_stay(port: int) -> None:
    client = connection.connect(f"redis://127.0.0.1:{port}/0?socket_timeout=0.2", hurried=True)
    options = client.connection_pool.connection_kwargs
    assert (options["reply_timeout_s"], options["socket_connect_timeout"]) == (0.2, haste.CONNECT_S)


def test_behind_sentinels_the_limits_are_the_same() -> None:
    url = sentinel_url.EXAMPLE
    pool = connection.connect(url, hurried=True).connection_pool
    assert pool.patience_s == haste.PATIENCE_S and pool.wait_s == haste.WAIT_S
    assert pool.connection_kwargs["reply_timeout_s"] == haste.REPLY_S


def test_hurry_is_for_the_connections_that_are_opened_from_then_on(
    monkeypatch: pytest.MonkeyPatch, settings: object, real_server: str
) -> None:
    monkeypatch.setattr(connection, "_is_hurried", False)
    monkeypatch.setattr(connection, "url", lambda: real_server)
    connection.hurry()
    connection.use(None)
    assert connection.client().connection_pool.wait_s == haste.WAIT_S
    connection.close()


def _answers() -> bool:
    try:
        return transport.ask([("PING",)]) == [b"PONG"]
    except redis.RedisError:
        return False


def _took_s() -> float:
    """Seconds until a command is given up as StoreUnreachable."""
    begun = clock.monotonic()
    with pytest.raises(StoreUnreachable), connection.errors_translated():
        transport.ask([("PING",)])
    return clock.monotonic() - begun
