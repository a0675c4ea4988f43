"""The sandbox as a service: its options, its protocol, its command."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading

import pytest

import clock
import config
import errors
import models
from parsing import serp as parsing_serp
from sandbox import options, server
from tests import patience
from tests.sandbox.stage import running, target

# --- the options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knob", "kind"),
    [("captcha", "captcha"), ("js_required", "js_required"), ("consent", "consent"), ("no_results", "no_results")],
)
def test_a_share_of_pages_is_what_its_knob_says(knob: str, kind: str) -> None:
    with running(**{knob: 0.25}) as (sandbox, provider):
        for number in range(200):
            provider.page(models.SerpQuery(f"keyword {number}"), start=0)
    assert 30 <= sandbox.counts[kind] <= 70
    assert sandbox.counts[kind] + sandbox.counts["page"] == 200


@pytest.mark.parametrize(("knob", "kind"), [("status_429", "busy"), ("status_502", "failed")])
def test_a_share_of_requests_is_refused_and_a_second_try_has_a_new_chance(
    knob: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "wait", lambda seconds: None)
    with running(**{knob: 0.3}) as (sandbox, provider):
        for number in range(100):
            with contextlib.suppress(errors.NetworkError):
                provider.page(models.SerpQuery(f"keyword {number}"), start=0)
    assert sandbox.counts["page"] >= 90
    assert sandbox.counts[kind] >= 20


def test_a_share_of_pages_has_opaque_links_that_resolve() -> None:
    with running(opaque=0.5) as (_, provider):
        opaque = 0
        for number in range(40):
            page = parsing_serp.parse(provider.page(models.SerpQuery(f"keyword {number}"), start=0).body)
            if goto := page.organic[0].goto_url:
                opaque += 1
                assert (provider.resolve(goto) or "").startswith("https://")
    assert 10 <= opaque <= 30


def test_what_goes_wrong_does_not_depend_on_the_order_of_requests() -> None:
    def kinds(order: list[int]) -> dict[str, str]:
        with running(captcha=0.5) as (sandbox, provider):
            for number in order:
                provider.page(models.SerpQuery(f"keyword {number}"), start=0)
            return {seen.params["url"]: seen.kind for seen in sandbox.requests}

    assert kinds(list(range(30))) == kinds(list(reversed(range(30))))


def test_more_requests_than_the_plan_allows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, release = threading.Event(), threading.Event()

    def hold(seconds: float) -> None:
        entered.set()
        release.wait(patience.HANG_S)

    monkeypatch.setattr(clock, "wait", hold)
    with server.Sandbox(concurrency=1, latency_ms=1) as sandbox:
        request = target(q="x")
        first = threading.Thread(target=sandbox.responder.answer, args=(request,))
        first.start()
        assert entered.wait(patience.HANG_S)
        second = sandbox.responder.answer(request)
        release.set()
        first.join()
        assert (second.status, second.kind) == (429, "busy")
        assert sandbox.responder.answer(request).status == 200
        assert sandbox.responder.peak == 2
        assert sandbox.counts == {"busy": 1, "page": 2}


def test_latency_is_waited_before_a_page_and_never_before_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    with server.Sandbox(latency_ms=250) as sandbox:
        sandbox.force("busy", "")
        sandbox.responder.answer(target(q="x"))
        sandbox.responder.answer(target(q="x"))
    assert waited == [0.25]


@pytest.mark.parametrize("wrong", [{"captcha": 1.5}, {"opaque": -0.1}, {"latency_ms": -1}, {"credits": -1}, {"concurrency": 0}])
def test_a_knob_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(errors.ArgumentError):
        options.Options(**wrong)  # type: ignore[arg-type]


# --- the protocol -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "status", "word"),
    [
        ("/", 401, "token"),
        (target(token="wrong", q="x"), 401, "token"),
        ("/?token=right", 400, "google"),
        ("/?token=right&url=https%3A%2F%2Fexample.com%2F", 400, "google"),
        (target(token="right"), 400, "q is missing"),
        (target(token="right", q="x", start="many"), 400, "start"),
        (target(token="right", q="x") + "&device=watch", 400, "device"),
        ("/plugin/google/search?token=right", 400, "q is missing"),
        ("/?token=right&disableRedirection=true&url=https%3A%2F%2Fexample.com", 400, "goto"),
        ("/other?token=right", 404, "route"),
    ],
)
def test_a_wrong_request_gets_the_status_and_the_error_object_of_the_service(target: str, status: int, word: str) -> None:
    with server.Sandbox(token="right") as sandbox:
        answer = sandbox.responder.answer(target)
    told = json.loads(answer.body)
    assert (answer.status, told["StatusCode"]) == (status, status)
    assert word in told["Message"][0]
    assert {"PossibleCauses", "ErrorType", "ErrorCode", "URL", "Contact"} <= set(told)
    assert answer.headers["Scrape.do-Request-Cost"] == "0"


def test_only_what_google_answered_is_charged() -> None:
    with server.Sandbox(credits=100) as sandbox:
        sandbox.force("busy", "captcha", "js_required", "")
        costs = [sandbox.responder.answer(target(q="x")).headers["Scrape.do-Request-Cost"] for _ in range(4)]
        assert costs == ["0", "0", "10", "10"]
        assert sandbox.responder.answer(target(q="x") + "&render=true").headers["Scrape.do-Remaining-Credits"] == "55"
        assert sandbox.responder.credits == 55


def test_an_account_never_pays_more_than_it_holds() -> None:
    with server.Sandbox(credits=25) as sandbox:
        kinds = [sandbox.responder.answer(target(q="x")).kind for _ in range(4)]
        assert kinds == ["page", "page", "no_credits", "no_credits"]
        assert sandbox.responder.credits == 5


def _exchange(sandbox: server.Sandbox, sent: bytes) -> bytes:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            return stream.read()


def test_one_connection_carries_many_requests() -> None:
    with server.Sandbox() as sandbox:
        said = _exchange(sandbox, b"GET /info?token=t HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert said.count(b"HTTP/1.1 200 OK\r\n") == said.count(b'"IsActive": true') == 3


@pytest.mark.parametrize(
    ("sent", "replies"),
    [
        (b"GET /info?token=t HTTP/1.1\r\nConnection: close\r\n\r\n" * 2, 1),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n" * 2, 1),
        (b"nonsense\r\n\r\n", 0),
        (b"GET /info?token=t HTTP/1.1\r\nHalf: a head", 0),
        (b"", 0),
        (b"G" * 200_000, 0),
    ],
)
def test_a_connection_ends_where_the_client_says_or_makes_no_sense(sent: bytes, replies: int) -> None:
    with server.Sandbox() as sandbox, contextlib.suppress(ConnectionError):
        assert _exchange(sandbox, sent).count(b"HTTP/1.1 ") == replies


def test_it_listens_on_loopback_only() -> None:
    with server.Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox._server.socket.getsockname()[0] == "127.0.0.1"


def test_closing_it_ends_connections_that_are_still_open() -> None:
    with server.Sandbox() as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        idle = socket.create_connection((host, int(port)))
        idle.sendall(b"GET /info?token=t HTTP/1.1\r\n\r\n")
        assert idle.recv(10)
    with idle:
        while idle.recv(65536):
            pass
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("sandbox", "Thread-process"))]


def test_the_log_holds_no_token() -> None:
    with server.Sandbox() as sandbox:
        sandbox.responder.answer(target(token="s3cr3t", q="x"))
    assert "s3cr3t" not in repr(sandbox.requests) and len(sandbox.requests) == 1


# --- the command ------------------------------------------------------------------------------------------------------

SERVE = """from sandbox import options, server
server.serve(options.Options(), port={port}, say=lambda line: print(line, flush=True))"""


def _serving(port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", SERVE.format(port=port)], cwd=config.ROOT, stdout=subprocess.PIPE, text=True)


def test_it_says_at_start_that_its_ranks_are_invented_and_ends_cleanly_on_sigterm() -> None:
    with _serving(0) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=patience.HANG_S) == 0
    assert "INVENTED" in line and "http://127.0.0.1:" in line


def test_a_taken_port_names_the_setting() -> None:
    with server.Sandbox() as sandbox, pytest.raises(errors.SystemFault, match="SANDBOX_URL"):
        server.Sandbox(port=int(sandbox.url.rsplit(":")[-1]))
