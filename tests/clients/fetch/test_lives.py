"""The fetcher in a worker: many threads, interrupted jobs, a fork, a name server that hangs."""

import ctypes
import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

import clock
import config
import errors
from clients import fetch
from clients.fetch import lookup
from tests import patience
from tests.clients.fetch.hostile import page, serving, silent
from tests.local.real import until

KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"


def interrupt(thread: threading.Thread, reason: type[BaseException]) -> None:
    """As a worker does it."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(reason))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # requests leaves its socket to the collector
def test_a_job_that_is_interrupted_leaves_the_page_and_the_thread_fetches_on(get: Any, transport: ModuleType) -> None:
    outcome: list[object] = []

    def job(url: str, timeout_s: float) -> None:
        try:
            outcome.append(get(url, timeout_s=timeout_s).body)
        except errors.JobTimeout as exc:
            outcome.append(exc)

    def run() -> None:
        job(server.url + "/silent", 5.0)
        job(server.url, 20.0)
        transport.close()

    with serving({"/silent": silent, "/": KEPT}) as server:
        thread = threading.Thread(target=run)
        thread.start()
        until(lambda: server.paths == ["/silent"])
        began = clock.monotonic()
        interrupt(thread, errors.JobTimeout)
        until(lambda: len(outcome) >= 1)
        took_s = clock.monotonic() - began
        thread.join()
    gc.collect()
    assert isinstance(outcome[0], errors.JobTimeout) and outcome[1] == b"body"
    if transport.__name__.endswith("by_curl"):  # requests waits in one read until the deadline
        assert took_s < patience.leeway(1.0)


def test_a_job_that_waits_for_a_name_server_is_interrupted(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on, outcome = threading.Event(), threading.Event(), []

    def system(host: str) -> list[str]:
        asked.set()
        go_on.wait(patience.HANG_S)
        return []

    def run() -> None:
        try:
            get("http://slow.example/")
        except errors.JobTimeout as exc:
            outcome.append(exc)

    monkeypatch.setattr(lookup, "system", system)
    thread = threading.Thread(target=run)
    thread.start()
    assert asked.wait(patience.HANG_S)
    interrupt(thread, errors.JobTimeout)
    until(lambda: bool(outcome))
    go_on.set()
    thread.join()


def test_a_name_server_that_hangs_ends_the_request_in_time_and_is_asked_once_for_all(
    get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), []

    def system(host: str) -> list[str]:
        asked.append(host)
        go_on.wait(patience.HANG_S)
        return ["127.0.0.1"]

    def late(_: int) -> bool:
        with pytest.raises(errors.Unreachable, match="not looked up in time"):
            get("http://slow.example/", timeout_s=0.3)
        return True

    monkeypatch.setattr(lookup, "system", system)
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(late, range(20)))
    assert asked == ["slow.example"]
    go_on.set()
    until(lambda: "slow.example" in lookup._kept)


def test_too_many_lookups_that_hang_are_refused_and_recover(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(lookup, "system", lambda host: (go_on.wait(patience.HANG_S) and ["127.0.0.1"]) or [])
    monkeypatch.setattr(lookup, "MOST_WAITING", 2)
    for number in range(2):
        with pytest.raises(errors.Unreachable, match="in time"):
            get(f"http://slow{number}.example/", timeout_s=0.01)
    with pytest.raises(errors.Unreachable, match="2 lookups"):
        get("http://slow2.example/")
    go_on.set()
    until(lambda: not lookup._running)
    assert lookup.addresses("slow2.example", float("inf")) == ("127.0.0.1",)


def test_names_are_kept_for_a_while_and_not_for_ever(names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    names["a.example"] = ["1.1.1.1"]
    assert lookup.addresses("a.example", float("inf")) == ("1.1.1.1",)
    names["a.example"] = ["2.2.2.2"]
    assert lookup.addresses("a.example", float("inf")) == ("1.1.1.1",)
    now[0] += lookup.KEPT_S + 1
    assert lookup.addresses("a.example", float("inf")) == ("2.2.2.2",)
    with pytest.raises(errors.NoSuchHost, match="spelling") as caught:
        lookup.addresses("none.example", float("inf"))
    assert not caught.value.retryable
    monkeypatch.setattr(lookup, "MOST_KEPT", 3)
    for number in range(10):
        names[f"{number}.example"] = ["1.1.1.1"]
        lookup.addresses(f"{number}.example", float("inf"))
    assert len(lookup._kept) == 3


def test_a_name_server_that_fails_is_no_missing_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def system(host: str) -> list[str]:
        raise lookup.socket.gaierror(lookup.socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(lookup, "system", system)
    with pytest.raises(errors.Unreachable) as caught:
        lookup.addresses("a.example", float("inf"))
    assert not isinstance(caught.value, errors.NoSuchHost) and caught.value.retryable


def test_threads_do_not_mix_up_their_pages(transport: ModuleType) -> None:
    def some(number: int) -> bool:
        right = all(fetch.get(fetch.Request(f"{server.url}/{number}")).body == b"%d" % number for _ in range(20))
        transport.close()
        return right

    ways = {f"/{number}": page(b"%d" % number).replace(b"Connection: close\r\n", b"") for number in range(20)}
    with config.overridden(fetch_allow_networks="127.0.0.0/8"), serving(ways) as server, ThreadPoolExecutor(10) as pool:
        assert all(pool.map(some, range(20)))


def test_a_fork_shares_no_connection(get: Any, transport: ModuleType) -> None:
    with serving({"/": KEPT}) as server:
        assert get(server.url).body == b"body"
        child = os.fork()
        if not child:
            try:
                os._exit(0 if get(server.url).body == b"body" else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert get(server.url).body == b"body"
        assert server.connections == 2


def test_a_fork_during_a_lookup_can_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def system(host: str) -> list[str]:
        asked.set()
        go_on.wait(patience.HANG_S)
        return ["1.1.1.1"]

    monkeypatch.setattr(lookup, "system", system)
    thread = threading.Thread(target=lookup.addresses, args=("a.example", float("inf")))
    thread.start()
    assert asked.wait(patience.HANG_S)
    child = os.fork()
    if not child:
        try:
            monkeypatch.setattr(lookup, "system", lambda host: ["2.2.2.2"])
            os._exit(0 if lookup.addresses("a.example", clock.monotonic() + 20) == ("2.2.2.2",) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    go_on.set()
    thread.join()


def test_thousands_of_hosts_leave_little_behind(get: Any, names: dict[str, list[str]], transport: ModuleType) -> None:
    with serving({"/": KEPT}) as server, config.overridden(fetch_allow_networks="127.0.0.0/8"):
        before = len(os.listdir("/proc/self/fd"))
        for number in range(300):
            names[f"h{number}.example"] = ["127.0.0.1"]
            fetch.get(fetch.Request(server.at(f"h{number}.example")))
        assert len(os.listdir("/proc/self/fd")) - before < 2 * 2 * 17  # both ends are in this process
