"""The whole-reply deadline, on a clock that the test moves."""

import contextlib
import socket

import pytest

import clock
from clients import deadline


def test_each_read_gets_only_what_is_left_and_the_last_none(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        with deadline._DeadlineReader(ours) as reader:
            theirs.sendall(b"abc")
            now[0] += 4
            assert reader.read(1) == b"a"
            assert ours.gettimeout() == 6
            now[0] += 5.5
            assert reader.read(1) == b"b"
            assert ours.gettimeout() == 0.5
            now[0] += 1
            with pytest.raises(TimeoutError):
                reader.read(1)


def test_a_socket_without_a_timeout_has_no_deadline() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, deadline._DeadlineReader(ours) as reader:
        theirs.sendall(b"a")
        assert reader.read(1) == b"a"
        assert ours.gettimeout() is None


def test_proxied_requests_have_the_deadline_too() -> None:
    with contextlib.closing(deadline.Adapter()) as adapter:
        proxied = adapter.proxy_manager_for("http://127.0.0.1:9")
        for manager in (adapter.poolmanager, proxied):
            for scheme, connection in (("http", deadline.HTTPConnection), ("https", deadline.HTTPSConnection)):
                assert manager.pool_classes_by_scheme[scheme].ConnectionCls is connection
