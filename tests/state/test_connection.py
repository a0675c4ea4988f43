"""Where the store is, what it must promise, and what its failures are called."""

import json
import socket
import ssl
from datetime import timedelta

import pytest
import redis

import clock
import config
from errors import StoreUnreachable, UnsafeStore
from state.store import connection
from tests import patience
from tests.state import NOON


def test_the_embedded_servers_url_is_found_where_none_is_set(settings: config.Settings) -> None:
    home = settings.data_dir / "redis"
    home.mkdir(parents=True)
    (home / "server.json").write_text(json.dumps({"url": "redis://:secret@127.0.0.1:7001/0"}))
    assert connection.url() == "redis://:secret@127.0.0.1:7001/0" and connection.where() == "127.0.0.1:7001/0"
    with config.overridden(redis_url="redis://elsewhere:6379/2"):
        assert connection.url() == "redis://elsewhere:6379/2" and connection.where() == "elsewhere:6379/2"


@pytest.mark.parametrize("written", [None, "{", "{}", "[]"])
def test_without_any_server_the_remedy_is_named(written: str | None, settings: config.Settings) -> None:
    if written is not None:
        (settings.data_dir / "redis").mkdir(parents=True)
        (settings.data_dir / "redis" / "server.json").write_text(written)
    with pytest.raises(StoreUnreachable, match=r"manage\.py redis"):
        connection.url()


def test_a_url_that_is_none_is_named() -> None:
    with pytest.raises(StoreUnreachable, match="REDIS_URL is not a Redis URL"):
        connection.connect("http://localhost")


def test_a_server_that_does_not_answer_becomes_one_line_without_the_password() -> None:
    with (
        config.overridden(redis_url="redis://:secret@127.0.0.1:1/0"),
        pytest.raises(StoreUnreachable) as caught,
        connection.errors_translated(),
    ):
        raise redis.ConnectionError("Connection refused")
    assert "127.0.0.1:1/0 does not answer" in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "ours", "words"),
    [
        (redis.TimeoutError("late"), StoreUnreachable, "does not answer"),
        (redis.AuthenticationError("WRONGPASS"), StoreUnreachable, "refuses the password"),
        (redis.ResponseError("OOM command not allowed"), UnsafeStore, "Free disk or memory"),
        # as Redis 6.2 says it of a script
        (redis.ResponseError("Error running script (call to f_1d): @user_script: 1: -OOM command not"), UnsafeStore, "Free disk"),
        (redis.ResponseError("MISCONF Errors writing to the AOF file"), UnsafeStore, "Free disk or memory"),
        (redis.exceptions.NoPermissionError("User u may not run the 'hset' command"), UnsafeStore, r"SETUSER <user> \+hset"),
        (redis.ResponseError("The user executing the script can't run this command"), UnsafeStore, r"SETUSER <user> \+@all"),
        (redis.exceptions.NoPermissionError("No permissions to access a key"), UnsafeStore, r"SETUSER <user> ~trawl:\* ~rq"),
        (redis.ResponseError("WRONGTYPE"), redis.ResponseError, "WRONGTYPE"),
    ],
)
def test_each_failure_of_redis_has_its_name(error: Exception, ours: type[Exception], words: str) -> None:
    with pytest.raises(ours, match=words), connection.errors_translated():
        raise error


def test_the_servers_time_decides_and_a_frozen_clock_in_tests() -> None:
    before, told = clock.now(), connection.now()
    assert before - timedelta(seconds=1) < told < clock.now() + timedelta(seconds=1), "on one machine both have one clock"
    with clock.frozen(NOON):
        assert connection.now() == NOON


class Late:
    """A server that begins to answer after some tries."""

    connection_pool = None

    def __init__(self, tries: int, cause: BaseException) -> None:
        self.tries, self.cause, self.asked = tries, cause, 0

    def ping(self) -> bool:
        self.asked += 1
        if self.asked > self.tries:
            return True
        raise redis.ConnectionError("Error connecting.") from self.cause


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "examine", lambda: [])
    monkeypatch.setattr(connection.sentinel, "AGAIN_S", 0.001)


@pytest.mark.parametrize("cause", [ConnectionRefusedError(), socket.gaierror(-3, "try again"), TimeoutError()])
def test_a_process_waits_for_a_server_that_is_being_started(
    fast: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, cause: BaseException
) -> None:
    server = Late(3, cause)
    monkeypatch.setattr(connection, "_client", server)
    assert connection.refuse_unsafe(patience.HANG_S) == [] and server.asked == 4
    assert caplog.text.count("Trying again in") == 3


def test_what_time_does_not_mend_is_not_waited_for(fast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Late(3, ssl.SSLCertVerificationError("self-signed certificate"))
    monkeypatch.setattr(connection, "_client", server)
    connection.refuse_unsafe(patience.HANG_S)
    assert server.asked == 1
    connection.refuse_unsafe()
    assert server.asked == 1, "a command does not wait"
