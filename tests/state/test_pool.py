"""The connections of a process: as many as allowed, shared, given back, and one that the loop never waits for."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis

import clock
from state.store import connection, links, pool, reasons, transport

pytestmark = pytest.mark.real_redis


@pytest.fixture
def few(real_server: str, store: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[pool.Pool]:
    """Five connections at most, in place for state/."""
    monkeypatch.setattr(links, "AGAIN_S", 0.05)
    client = connection.connect(f"{real_server}&max_connections=5")
    before = connection.client()
    connection.use(client)
    yield client.connection_pool
    connection.use(before)
    client.close()


def at_once(count: int, work: Any) -> list[BaseException]:
    """Run `work` in so many threads; what they raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as exc:
            raised.append(exc)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def clients(store: Any) -> int:
    return int(store.info("clients")["connected_clients"])


def test_many_threads_share_the_connections_that_are_allowed(few: pool.Pool, store: Any) -> None:
    before, most = clients(store), 0

    def work() -> None:
        nonlocal most
        for number in range(50):
            assert transport.ask([("ECHO", str(number))]) == [str(number).encode()]
            connection.client().get("k")
            most = max(most, len(few._links))

    assert at_once(20, work) == []
    assert most <= 5 and clients(store) - before <= 5


def test_who_gets_none_in_time_learns_why(few: pool.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few, "wait_s", 0.2)
    held = [few.take() for _ in range(5)]
    with pytest.raises(reasons.NoFreeClient, match="all connections are in use"):
        transport.ask([("PING",)])
    for link in held:
        few.give(link)
    assert transport.ask([("PING",)]) == [b"PONG"]


def test_the_one_that_is_reserved_waits_for_nobody(few: pool.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    few.reserve()
    stop = threading.Event()
    taken: list[Any] = []

    def hoard() -> None:
        while not stop.is_set():
            try:
                taken.append(few.take())
            except redis.ConnectionError:
                return

    monkeypatch.setattr(few, "wait_s", 0.3)
    assert at_once(4, hoard) == []
    assert len(taken) == links.APART  # five, but for ours and the two that are waited on
    assert transport.ask([("PING",)]) == [b"PONG"] and connection.client().ping()
    taken += [few.separate(), few.separate()]
    assert all(link.is_connected for link in taken)
    for link in taken:
        link.disconnect()


def test_connections_of_callers_that_were_cut_off_are_not_counted_for_ever(
    few: pool.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a job's time may come between taking one and giving it back."""
    monkeypatch.setattr(few, "wait_s", 0.2)
    for _ in range(5):
        few.take()  # and forgotten
    assert transport.ask([("PING",)]) == [b"PONG"] and len(few._links) == 1


def test_idle_ones_are_closed_but_for_one(few: pool.Pool, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for link in [few.take() for _ in range(5)]:
        few.give(link)
    assert few.counts() == (5, 5)
    monkeypatch.setattr(links, "IDLE_S", 0.0)
    few.give(few.take())
    assert few.counts() == (1, 1)


def test_a_full_server_is_waited_for_and_its_connections_are_shared(few: pool.Pool, store: Any) -> None:
    few.reserve()
    store.config_set("maxclients", 1)
    try:
        assert at_once(10, lambda: [transport.ask([("ECHO", "x")]) for _ in range(20)]) == []
        with pytest.raises(reasons.NoFreeClient, match="max number of clients"):
            few.separate()
        assert transport.ask([("PING",)]) == [b"PONG"]
    finally:
        store.config_set("maxclients", 10_000)
    few.release(few.separate())


def test_a_full_server_names_itself_and_the_remedy(few: pool.Pool, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few, "wait_s", 0.3)
    store.config_set("maxclients", 1)
    try:
        with pytest.raises(Exception, match=r"max number of clients reached.*maxclients"), connection.errors_translated():
            transport.ask([("PING",)])
    finally:
        store.config_set("maxclients", 10_000)


def test_what_the_server_closed_while_idle_is_made_anew(few: pool.Pool, store: Any) -> None:
    few.reserve()
    transport.ask([("PING",)])
    store.client_kill_filter(_type="normal", skipme=True)
    assert transport.ask([("PING",)]) == [b"PONG"] and connection.client().ping()


def test_a_server_that_turns_replica_is_left_by_every_connection(few: pool.Pool, store: Any) -> None:
    waits = few.separate()
    other = few.take()
    few.give(other)
    transport.ask([("SET", "trawl:x", "1", "EX", "9")])
    store.replicaof("127.0.0.1", 1)
    try:
        with pytest.raises(reasons.WrongServer, match=r"READONLY|replica|slave"):
            transport.ask([("SET", "trawl:x", "2", "EX", "9")])
        with pytest.raises(reasons.WrongServer):  # it greets as one: nothing is read from it either
            connection.client().get("trawl:x")
        assert few._idle == few._kept == type(few._idle)()
        with pytest.raises((redis.ConnectionError, OSError)):  # hung up
            waits.send_command("PING", check_health=False)
            waits.read_response()
    finally:
        store.execute_command("REPLICAOF", "NO", "ONE")
    assert transport.ask([("GET", "trawl:x")]) == [b"1"]


def test_an_error_inside_a_script_counts_as_well(few: pool.Pool, store: Any) -> None:
    transport.ask([("PING",)])
    store.replicaof("127.0.0.1", 1)
    try:
        with pytest.raises(reasons.WrongServer):
            transport.ask([("EVAL", "return redis.call('SET', KEYS[1], 1, 'EX', 9)", 1, "trawl:x")])
    finally:
        store.execute_command("REPLICAOF", "NO", "ONE")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("READONLY You can't write against a read only replica.", reasons.WrongServer),
        ("Error running script (call to f_1f): @user_script:32: -READONLY You can't write against", reasons.WrongServer),
        ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", reasons.WrongServer),
        ("UNBLOCKED force unblock from blocking operation, instance state changed", reasons.WrongServer),
        ("CLUSTERDOWN The cluster is down", reasons.WrongServer),
        ("MOVED 3999 127.0.0.1:6381", reasons.WrongServer),
        ("NOREPLICAS Not enough good replicas to write.", reasons.NotNow),
        ("LOADING Redis is loading the dataset in memory", reasons.NotNow),
        ("ERR max number of clients reached", reasons.NoFreeClient),
        ("MISCONF Redis is configured to save RDB snapshots", type(None)),
        ("OOM command not allowed", type(None)),
        ("WRONGTYPE Operation against a key holding the wrong kind of value READONLY", type(None)),
        ("Error running script (call to f_1f): @user_script:3: no such kind as MOVED ", type(None)),
    ],
)
def test_answers_that_mean_another_server_or_another_time_are_errors_of_the_connection(text: str, kind: type) -> None:
    assert type(reasons.connection_error(redis.ResponseError(text))) is kind


def test_a_connection_that_was_quiet_is_tried_before_it_is_used(few: pool.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    transport.ask([("PING",)])
    asked: list[str] = []
    link = few.take()
    monkeypatch.setattr(link, "_probe", lambda: asked.append("probe"))
    few.give(link)
    transport.ask([("PING",)])
    link.next_health_check = clock.monotonic() - 1
    transport.ask([("PING",)])
    assert asked == ["probe"]
