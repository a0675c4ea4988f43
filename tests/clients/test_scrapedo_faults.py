"""A provider's server that misbehaves: it drips, floods, breaks off, or is not there."""

import gzip
import random
import socket
import threading
import zlib
from collections.abc import Callable

import pytest
import requests
from pydantic import SecretStr

import clock
import config
import errors
from clients import serp
from clients.serp import api, scrapedo
from sandbox import server
from tests import patience
from tests.clients.stage import QUERY, TOKEN, ask, closed_port, closing, misbehaving, page_from

pytestmark = pytest.mark.usefixtures("waits")


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
                ask(url, 0.3, monkeypatch)
        finally:
            given_up.set()
    assert clock.monotonic() - started_at < patience.leeway(2.5)


def test_a_body_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "BODY_LIMIT_BYTES", 1 << 20)

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:  # until the client hangs up
            connection.sendall(b"x" * 65536)

    with misbehaving(flood) as url, pytest.raises(errors.DataError, match="more than 1 MiB"):
        ask(url, 20, monkeypatch)


def test_a_body_that_unpacks_to_too_much_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"\0" * (20 << 20))

    def bomb(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        connection.sendall(head.encode() + packed)

    with misbehaving(bomb) as url, pytest.raises(errors.DataError, match="more than 8 MiB"):
        ask(url, 20, monkeypatch)


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
        ask(url, 20, monkeypatch)


def test_a_sandbox_that_does_not_run_says_how_to_start_it() -> None:
    with config.overridden(serp_provider="sandbox", sandbox_url=closed_port()) as settings:
        provider = serp.make(settings)
    with pytest.raises(errors.NetworkError, match=r"manage\.py sandbox"):
        provider.page(QUERY, start=0)


@pytest.mark.parametrize("url", ["api.scrape.do", "ftp://api.scrape.do", "http://["])
def test_an_address_that_is_none_names_the_setting(url: str) -> None:
    with pytest.raises(errors.ConfigError, match="SCRAPEDO_URL"):
        scrapedo.ScrapeDo(url, SecretStr(TOKEN), timeout_s=20).page(QUERY, start=0)


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


# --- a body that is not whole ---------------------------------------------------------------------------------------

PAGE = random.Random(1).randbytes(40_000).hex().encode()
PACKED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "Deflate": zlib.compress(PAGE, wbits=-15),
    "gzip, gzip": gzip.compress(gzip.compress(PAGE)),
    "utf-8": PAGE,
}


def sends(encoding: str, body: bytes, *, chunked: bool = False) -> Callable[[socket.socket], None]:
    """A server that sends this body, with the length of what it sends."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n" if chunked else f"Content-Length: {len(body)}\r\n\r\n"
    frame = (b"%x\r\n" % len(body), b"\r\n0\r\n\r\n") if chunked else (b"", b"")
    return lambda connection: connection.sendall(head.encode() + frame[0] + body + frame[1])


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("encoding", PACKED)
def test_a_packed_body_is_unpacked_whole(encoding: str, chunked: bool) -> None:
    with misbehaving(sends(encoding, PACKED[encoding], chunked=chunked)) as url:
        assert page_from(url).body == PAGE


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.7, 0.999])
@pytest.mark.parametrize("encoding", [name for name in PACKED if name != "utf-8"])
def test_a_packed_body_that_breaks_off_is_a_network_error_though_its_length_is_right(
    encoding: str, share: float, chunked: bool
) -> None:
    cut = PACKED[encoding][: int(len(PACKED[encoding]) * share)]
    with misbehaving(sends(encoding, cut, chunked=chunked)) as url, pytest.raises(errors.NetworkError, match="not whole"):
        page_from(url)


def test_several_members_are_one_body_and_what_follows_them_is_padding() -> None:
    with misbehaving(sends("gzip", gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:]) + b"\0" * 512)) as url:
        assert page_from(url).body == PAGE
    with (
        misbehaving(sends("gzip", gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:])[:-9])) as url,
        pytest.raises(errors.NetworkError, match="not whole"),
    ):
        page_from(url)


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, br"])
def test_an_encoding_that_was_not_asked_for_is_a_network_error(encoding: str) -> None:
    with misbehaving(sends(encoding, PACKED["gzip"])) as url, pytest.raises(errors.NetworkError, match="was not asked for"):
        page_from(url)


def test_only_encodings_whose_end_can_be_seen_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.utils, "DEFAULT_ACCEPT_ENCODING", "gzip, deflate, br, zstd")  # as where brotli is installed
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with misbehaving(talk, asked.append) as url:
        page_from(url)
    assert b"accept-encoding: gzip, deflate\r\n" in asked[0].lower()


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhalf\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_break_off_are_a_network_error(said: bytes) -> None:
    with misbehaving(lambda connection: connection.sendall(said)) as url, pytest.raises(errors.NetworkError, match="not whole"):
        page_from(url)


def test_a_bomb_of_many_small_members_is_cut_off() -> None:
    with (
        misbehaving(sends("gzip", gzip.compress(b"\0" * (5 << 20)) * 2)) as url,
        pytest.raises(errors.DataError, match="more than 8 MiB"),
    ):
        page_from(url)


@pytest.mark.parametrize("layers", [1, 3])
def test_a_bomb_in_any_layer_is_cut_off(layers: int) -> None:
    packed = b"\0" * (20 << 20)
    for _ in range(layers):
        packed = gzip.compress(packed)
    bomb = misbehaving(sends(", ".join(["gzip"] * layers), packed))
    with bomb as url, pytest.raises(errors.DataError, match="more than 8 MiB"):
        page_from(url)
