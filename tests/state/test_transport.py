"""Scripts on the wire: every caller gets its own reply, whatever happens to the connection."""

import os
import threading
from typing import Any

import pytest
import redis

from state.store import connection, scripts, transport
from state.store.pool import Pool


def echo(*words: str) -> list[Any]:
    return transport.ask([("ECHO", word) for word in words])


def test_replies_come_in_the_order_of_the_commands() -> None:
    assert echo("a", "b", "c") == [b"a", b"b", b"c"]


def test_text_bytes_and_numbers_arrive_as_redis_py_sends_them(store: Any) -> None:
    transport.ask([("SET", "k", "é\r\n$3"), ("SET", b"b", bytes(range(256))), ("INCRBY", "n", 41), ("INCRBYFLOAT", "f", 0.5)])
    assert store.mget("k", "b", "n", "f") == ["é\r\n$3".encode(), bytes(range(256)), b"41", b"0.5"]


def test_one_refused_command_spoils_no_other(store: Any) -> None:
    store.set("word", "x")
    first, second, third = transport.ask([("ECHO", "a"), ("LPUSH", "word", "y"), ("ECHO", "c")])
    assert (first, third) == (b"a", b"c") and isinstance(second, redis.ResponseError)
    assert echo("next") == [b"next"]


def test_the_error_of_a_script_is_raised_and_the_connection_goes_on(store: Any) -> None:
    store.set("leases", "no zset")
    with pytest.raises(redis.ResponseError):
        scripts.run_together([("engine/renew", ["leases"], ["", 1000, "rq:job:", "a:b"])])
    assert echo("next") == [b"next"]


def test_a_caller_that_is_interrupted_leaves_no_reply_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a job's time may come between sending and reading."""

    class Interrupted(BaseException):
        pass

    def interrupted(link: Any) -> Any:
        raise Interrupted

    echo("warm")
    with monkeypatch.context() as patch:
        patch.setattr(transport, "_read", interrupted)
        with pytest.raises(Interrupted):
            echo("mine")
    assert echo("yours") == [b"yours"]


def test_threads_do_not_share_a_connection() -> None:
    wrong: list[Any] = []

    def talk(name: str) -> None:
        for number in range(200):
            words = [f"{name}-{number}-{part}" for part in range(3)]
            if echo(*words) != [word.encode() for word in words]:
                wrong.append(words)

    threads = [threading.Thread(target=talk, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.real_redis
def test_connections_the_server_closed_are_made_anew(store: Any) -> None:
    echo("warm")
    store.client_kill_filter(_type="normal", skipme=True)
    assert echo("again", "and") == [b"again", b"and"]


@pytest.mark.real_redis
def test_a_forked_process_makes_connections_of_its_own() -> None:
    [parents] = transport.ask([("CLIENT", "ID")])
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            [mine] = transport.ask([("CLIENT", "ID")])
            os.write(writer, b"y" if echo("child") == [b"child"] and mine != parents else b"n")
        finally:
            os._exit(0)
    assert os.read(reader, 1) == b"y" and os.waitpid(child, 0)[1] == 0
    assert echo("parent") == [b"parent"]


@pytest.mark.real_redis
def test_another_connection_put_in_place_is_used_at_once(store: Any) -> None:
    echo("warm")
    before = connection.client()
    connection.use(connection.connect("redis://127.0.0.1:1/0"))
    try:
        with pytest.raises(redis.ConnectionError):
            echo("nobody")
    finally:
        connection.use(before)
    assert echo("back") == [b"back"]


@pytest.mark.real_redis
def test_a_late_reply_is_asked_for_again_and_never_read_by_another(store: Any) -> None:
    """A stalled server: the second sending comes over a new connection, the first one's reply is nobody's."""
    pool = store.connection_pool
    options = {**pool.connection_kwargs, "reply_timeout_s": 0.2}
    own = transport.Wire(redis.Redis(connection_pool=Pool(connection_class=pool.connection_class, **options)))
    assert own.ask([("ECHO", "warm")]) == [b"warm"]
    store.client_pause(500)
    assert own.ask([("ECHO", "late")]) == [b"late"]
    assert own.ask([("ECHO", "next")]) == [b"next"]


@pytest.mark.real_redis
def test_the_first_connection_is_used_again(store: Any) -> None:
    assert len({transport.ask([("CLIENT", "ID")])[0] for _ in range(5)}) == 1
