"""Where the store is, what it must promise, and what its failures are called."""

import json
from datetime import timedelta

import pytest
import redis

import clock
import config
from errors import StoreUnreachable, UnsafeStore
from state.store import connection
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
