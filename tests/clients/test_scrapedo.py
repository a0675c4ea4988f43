"""Scrape.do as a provider of HTML pages: the real client against the sandbox, which speaks the same protocol."""

import contextlib
import dataclasses
import gzip
import io
import logging
import multiprocessing
import socket
import threading
import traceback
from collections.abc import Callable, Iterator

import pytest
import requests
import responses
from pydantic import SecretStr

import clock
import config
import errors
import models
from clients import serp
from clients.serp import api, scrapedo
from sandbox import server

TOKEN = "s3cr3t/t+ken&with=signs"
QUERY = models.SerpQuery("best running shoes", country="de", language="de", device="mobile")


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every wait of the program, none of them waited."""
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    return waited


@pytest.fixture
def sandbox() -> Iterator[server.Sandbox]:
    with server.Sandbox(token=TOKEN, opaque=0) as running:
        yield running


@pytest.fixture
def provider(sandbox: server.Sandbox) -> Iterator[scrapedo.ScrapeDo]:
    with closing(scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=20)) as provider:
        yield provider


@contextlib.contextmanager
def closing(provider: scrapedo.ScrapeDo) -> Iterator[scrapedo.ScrapeDo]:
    try:
        yield provider
    finally:
        provider.api.close()


def test_a_page_is_asked_for_as_the_service_documents_it(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    provider.page(QUERY, start=20)

    seen = sandbox.requests[-1]
    assert seen.path == "/"
    assert seen.params == {
        "url": "https://www.google.com/search?q=best+running+shoes&hl=de&gl=de&start=20",
        "geoCode": "de",
        "device": "mobile",
        "super": "true",
        "render": "true",
        "timeout": seen.params["timeout"],
    }
    assert 5_000 <= int(seen.params["timeout"]) <= 20_000


def test_a_reply_says_what_it_cost_and_what_is_left(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    reply = provider.page(QUERY, start=0)

    assert (reply.format, reply.cost, reply.remaining) == ("html", 25, 999_975)
    assert b'id="rso"' in reply.body
    assert reply.url == "https://www.google.com/search?q=best+running+shoes&hl=de&gl=de&start=0"
    assert reply.request_id and reply.elapsed_ms >= 0
    assert provider.page(QUERY, start=0).remaining == sandbox.desk.credits == 999_950


def test_the_uk_is_gb_for_the_service(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    provider.page(models.SerpQuery("tea", country="uk"), start=0)

    assert sandbox.requests[-1].params["geoCode"] == "gb"
    assert "gl=uk" in sandbox.requests[-1].params["url"]


@pytest.mark.parametrize(("start", "device"), [(-10, "desktop"), (5, "desktop"), (0, "tablet")])
def test_what_makes_no_page_is_refused_before_any_call(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, start: int, device: str
) -> None:
    with pytest.raises(errors.ArgumentError):
        provider.page(models.SerpQuery("x", device=device), start=start)
    assert sandbox.requests == []


@pytest.mark.parametrize("kind", ["captcha", "js_required", "consent"])
def test_a_gate_in_front_of_google_comes_back_as_a_page_and_is_not_tried_again(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, kind: str
) -> None:
    sandbox.force(kind)

    assert b'content="Trawl sandbox"' in provider.page(QUERY, start=0).body
    assert sandbox.counts == {kind: 1}


@pytest.mark.parametrize("kind", ["busy", "failed"])
def test_a_free_refusal_is_tried_again_twice_with_growing_waits(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, waits: list[float], kind: str
) -> None:
    sandbox.force(kind, kind)

    assert provider.page(QUERY, start=0).cost == 25
    assert sandbox.counts == {kind: 2, "page": 1}
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0 and len(waits) == 2


@pytest.mark.parametrize(("kind", "error"), [("busy", errors.ProviderBusy), ("failed", errors.NetworkError)])
def test_a_third_free_refusal_is_the_callers(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, kind: str, error: type[errors.TrawlError]
) -> None:
    sandbox.force(kind, kind, kind)

    with pytest.raises(error):
        provider.page(QUERY, start=0)
    assert sandbox.counts == {kind: 3}


@pytest.mark.parametrize(("kind", "error"), [("bad_token", errors.BadToken), ("no_credits", errors.OutOfCredits)])
def test_a_refused_account_is_never_tried_again(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, kind: str, error: type[errors.TrawlError]
) -> None:
    sandbox.force(kind)

    with pytest.raises(error):
        provider.page(QUERY, start=0)
    assert sandbox.counts == {kind: 1}


def test_an_account_runs_out_of_credits_exactly_when_it_cannot_pay() -> None:
    with (
        server.Sandbox(credits=60) as sandbox,
        closing(scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=20)) as provider,
    ):
        provider.page(QUERY, start=0)
        assert provider.page(QUERY, start=10).remaining == 10
        with pytest.raises(errors.OutOfCredits):
            provider.page(QUERY, start=20)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"Message": ["Your subscription has been suspended"]}, errors.OutOfCredits),
        (401, {"Message": ["You have used all credits of this token"]}, errors.OutOfCredits),
        (401, {}, errors.OutOfCredits),
        (401, {"Message": ["Unauthorized: token not found"]}, errors.BadToken),
        (401, {"Message": "You were temporarily throttled by the authentication server"}, errors.BadToken),
        (429, {"Message": "You were temporarily throttled by the authentication server"}, errors.BadToken),
        (200, "Your request has been temporarily throttled by the authentication server.", errors.BadToken),
        (400, {"Message": ["geoCode is not supported"]}, errors.DataError),
        (404, {}, errors.DataError),
        (302, "", errors.NetworkError),
        (500, "<h1>oops</h1>", errors.NetworkError),
        (503, {"Message": ["maintenance"]}, errors.NetworkError),
    ],
)
@responses.activate
def test_every_refusal_becomes_the_error_that_says_what_to_do(
    status: int, body: dict[str, object] | str, error: type[errors.TrawlError]
) -> None:
    content = {"body": body} if isinstance(body, str) else {"json": body}
    responses.get("https://api.scrape.do/", status=status, **content)

    with pytest.raises(errors.TrawlError) as caught:
        scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)
    assert type(caught.value) is error
    assert len(responses.calls) == 1


@responses.activate
def test_a_page_about_throttling_is_a_page() -> None:
    text = "<html>" + "temporarily throttled by the authentication server " * 50
    responses.get("https://api.scrape.do/", body=text, headers={"Scrape.do-Initial-Status-Code": "200"})

    reply = scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)
    assert reply.body == text.encode()
    assert (reply.cost, reply.remaining, reply.request_id) == (None, None, None)


def test_an_opaque_link_is_resolved_without_being_followed(sandbox: server.Sandbox, provider: scrapedo.ScrapeDo) -> None:
    from sandbox import source

    link = source.seal("https://example.com/a?b=c", 0)

    assert provider.resolve(link) == "https://example.com/a?b=c"
    assert provider.resolve("https://www.google.com" + link) == "https://example.com/a?b=c"
    assert sandbox.requests[-1].params["disableRedirection"] == "true"
    assert provider.resolve("/goto?url=CAESunknown") is None


@pytest.mark.parametrize("link", ["https://example.com/", "/url?q=x", ""])
def test_only_goto_links_are_resolved(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, link: str) -> None:
    with pytest.raises(errors.ArgumentError):
        provider.resolve(link)
    assert sandbox.requests == []


@responses.activate
def test_a_location_is_read_whatever_status_google_gives_it() -> None:
    target = {"Scrape.do-Initial-Status-Code": "402", "Location": "https://example.com/"}
    responses.get("https://api.scrape.do/", status=402, headers=target)
    responses.get("https://api.scrape.do/", status=402, headers={**target, "Location": "javascript:alert(1)"})
    provider = scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20)

    assert provider.resolve("/goto?url=a") == "https://example.com/"
    assert provider.resolve("/goto?url=a") is None


def test_the_account_can_be_asked_for_its_state_free_of_charge(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    assert provider.probe() == serp.ProviderHealth(
        active=True, concurrency=1000, free_concurrency=1000, monthly_credits=1_000_000, remaining_credits=1_000_000
    )
    assert "timeout" not in sandbox.requests[-1].params


@responses.activate
def test_a_strange_state_of_the_account_is_no_crash() -> None:
    responses.get("https://api.scrape.do/info", json={"IsActive": True})

    with pytest.raises(errors.DataError, match="/info"):
        scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).probe()


# --- a server that misbehaves -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def misbehaving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The URL of a server that hands its first connection to `talk`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            connection.recv(65536)
            talk(connection)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def _asked(url: str, timeout_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "SHORTEST_TRY_S", 0.1)
    monkeypatch.setattr(api, "MARGIN_S", 0.1)
    with closing(scrapedo.ScrapeDo(url, SecretStr(TOKEN), timeout_s=timeout_s)) as provider:
        provider.page(QUERY, start=0)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"], ids=["head", "body"])
def test_a_server_that_drips_is_given_up_at_the_deadline(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(head or b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not given_up.wait(0.02):  # far more often than any socket timeout
            connection.sendall(b"x")

    started_at = clock.monotonic()
    with misbehaving(drip) as url:
        try:
            with pytest.raises(errors.NetworkError, match="within"):
                _asked(url, 0.3, monkeypatch)
        finally:
            given_up.set()
    assert clock.monotonic() - started_at < 5


def test_a_body_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "BODY_LIMIT_BYTES", 1 << 20)

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:  # until the client hangs up
            connection.sendall(b"x" * 65536)

    with misbehaving(flood) as url, pytest.raises(errors.DataError, match="more than 1 MiB"):
        _asked(url, 20, monkeypatch)


def test_a_body_that_unpacks_to_too_much_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"\0" * (20 << 20))

    def bomb(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        connection.sendall(head.encode() + packed)

    with misbehaving(bomb) as url, pytest.raises(errors.DataError, match="more than 8 MiB"):
        _asked(url, 20, monkeypatch)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nthis is not packed",
    ],
)
def test_a_broken_answer_is_a_network_error_without_a_retry(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with misbehaving(lambda connection: connection.sendall(said)) as url, pytest.raises(errors.NetworkError):
        _asked(url, 20, monkeypatch)


def test_a_sandbox_that_does_not_run_says_how_to_start_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with config.overridden(serp_provider="sandbox", sandbox_url=url) as settings, pytest.raises(errors.NetworkError) as caught:
        serp.make(settings).page(QUERY, start=0)
    assert "manage.py sandbox" in str(caught.value)


def test_all_attempts_share_one_deadline(sandbox: server.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = iter(range(0, 1000, 4))  # seconds: every look at the clock is 4 later
    monkeypatch.setattr(clock, "monotonic", lambda: float(next(passed)))
    sandbox.force("failed", "failed", "failed")

    with (
        closing(scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=30)) as provider,
        pytest.raises(errors.NetworkError, match="502"),
    ):
        provider.page(QUERY, start=0)
    assert sandbox.counts["failed"] < 3
    asked = [int(seen.params["timeout"]) for seen in sandbox.requests]
    assert asked == sorted(asked, reverse=True)


# --- the token --------------------------------------------------------------------------------------------------------


def _all_text(error: BaseException | None) -> str:
    """Everything an error could show: message, repr, the traceback, and the whole chain behind it, suppressed or not."""
    text = ""
    while error is not None:
        text += f"{error!s} {error!r} {error.args!r} {vars(error)!r} " + "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return text


def _spellings(token: str) -> set[str]:
    from urllib.parse import quote, quote_plus

    return {token, quote(token), quote_plus(token), token[:8]}


@contextlib.contextmanager
def _broken() -> Iterator[str]:
    with misbehaving(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) as url:
        yield url


def test_the_token_shows_in_no_error_no_log_and_no_repr(sandbox: server.Sandbox) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    shown = ""
    try:
        with _broken() as broken:
            asked = [(sandbox.url, "failed"), (sandbox.url, "bad_token"), (sandbox.url, ""), (broken, ""), ("http://[", "")]
            for url, kind in asked:
                sandbox.desk.forced.clear()
                sandbox.force(*[kind] * 3)
                with closing(scrapedo.ScrapeDo(url, SecretStr(TOKEN), timeout_s=20)) as provider:
                    shown += f"{provider!r} {provider.api!r} {vars(provider)!r} {vars(provider.api)!r}"
                    try:
                        shown += repr(provider.page(QUERY, start=0))
                    except errors.TrawlError as error:
                        shown += _all_text(error)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)

    assert "502" in shown and "401" in shown and "SerpReply" in shown and "broke" in shown and "no URL" in shown
    for spelling in _spellings(TOKEN):
        assert spelling not in shown
        assert spelling not in written.getvalue()


@pytest.mark.parametrize(
    "raised",
    [
        requests.exceptions.ReadTimeout(f"url with {TOKEN}"),
        requests.exceptions.ConnectionError(f"url with {TOKEN}"),
        requests.exceptions.InvalidURL(f"url with {TOKEN}"),
        requests.exceptions.ChunkedEncodingError(f"url with {TOKEN}"),
    ],
)
@responses.activate
def test_no_foreign_error_hangs_on_to_ours(raised: Exception) -> None:
    responses.get("https://api.scrape.do/", body=raised)

    with pytest.raises(errors.TrawlError) as caught:
        scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    assert TOKEN not in _all_text(caught.value)


@pytest.mark.parametrize("status", [400, 401, 429, 502])
@responses.activate
def test_a_token_that_the_service_repeats_is_cut_out(status: int) -> None:
    for spelling in _spellings(TOKEN):
        responses.get("https://api.scrape.do/", status=status, json={"Message": [f"no good: token={spelling}&url=x"]})

    with pytest.raises(errors.TrawlError) as caught:
        scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)
    assert "no good" in str(caught.value)
    assert TOKEN[:8] not in str(caught.value).replace(TOKEN[:8] + "&", "")


@responses.activate
def test_a_redirect_is_not_followed_with_the_token() -> None:
    responses.get("https://api.scrape.do/", status=301, headers={"Location": "https://elsewhere.example/"})
    stolen = responses.get("https://elsewhere.example/", body="thanks")

    with pytest.raises(errors.NetworkError):
        scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)
    assert stolen.call_count == 0


# --- threads, forks, choice -------------------------------------------------------------------------------------------


def test_threads_do_not_share_connections_and_one_thread_reuses_its_own(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox
) -> None:
    sessions = []

    def work() -> None:
        for start in (0, 10):
            provider.page(QUERY, start=start)
        sessions.append(provider.api._session())
        provider.api.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(session) for session in sessions}) == 4
    assert sandbox.counts == {"page": 8}
    assert provider.api._session() is provider.api._session()


def _in_child(provider: scrapedo.ScrapeDo, before: int, results: "multiprocessing.Queue[tuple[bool, int]]") -> None:
    body = provider.page(QUERY, start=10).body
    results.put((id(provider.api._session()) == before, len(body)))


def test_a_forked_process_opens_connections_of_its_own(provider: scrapedo.ScrapeDo) -> None:
    first = provider.page(QUERY, start=10).body
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[tuple[bool, int]] = fork.Queue()
    child = fork.Process(target=_in_child, args=(provider, id(provider.api._session()), results))
    child.start()
    same_session, length = results.get(timeout=30)
    child.join()
    results.close()
    results.join_thread()

    assert not same_session
    assert length == len(first)
    assert provider.page(QUERY, start=10).body == first


def test_the_setting_chooses_the_provider() -> None:
    chosen = {}
    for name in ("scrapedo", "scrapedo-plugin", "sandbox"):
        with config.overridden(serp_provider=name, scrapedo_token=SecretStr("t")) as settings:
            provider = serp.make(settings)
            chosen[provider.name] = provider.is_sandbox
    assert chosen == {"scrapedo": False, "scrapedo-plugin": False, "sandbox": True}


@pytest.mark.parametrize("token", [None, SecretStr(""), SecretStr(" ")])
@pytest.mark.parametrize("name", ["scrapedo", "scrapedo-plugin"])
def test_a_missing_token_names_the_setting_and_both_remedies(name: str, token: SecretStr | None) -> None:
    with config.overridden(serp_provider=name, scrapedo_token=token) as settings, pytest.raises(errors.ConfigError) as caught:
        serp.make(settings)
    message = str(caught.value)
    assert "\n" not in message
    for word in ("SCRAPEDO_TOKEN", "dashboard.scrape.do", "SERP_PROVIDER=sandbox"):
        assert word in message


def test_the_sandbox_needs_no_token(sandbox: server.Sandbox) -> None:
    sandbox.desk.knobs = dataclasses.replace(sandbox.desk.knobs, token="sandbox")
    with config.overridden(serp_provider="sandbox", sandbox_url=sandbox.url, scrapedo_token=None) as settings:
        provider = serp.make(settings)
        assert isinstance(provider, scrapedo.ScrapeDo)
        with closing(provider):
            assert provider.page(QUERY, start=0).format == "html"
