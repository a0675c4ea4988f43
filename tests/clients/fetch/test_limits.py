"""Bounds on time and size, and pages that are not whole. A server can do nothing that costs more than the limits."""

import gzip
import resource
import socket
from collections.abc import Callable
from typing import Any

import brotli
import pytest

import clock
import errors
from tests import patience
from tests.clients.fetch import hostile
from tests.clients.fetch.hostile import MIB, endless, page, serving

OK = b"HTTP/1.1 200 OK\r\n"
SHORT_S = 0.5


@pytest.mark.parametrize(
    "way",
    [
        hostile.silent,
        endless(b"HT", b""),
        endless(OK, b"X-A: 1\r\n", 0.05),
        endless(OK + b"Content-Length: 100000\r\n\r\n", b"a", 0.05),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.05),
        endless(OK + b"\r\n", b"a", 0.05),
    ],
    ids=["silence", "half a line", "slow head", "slow body", "slow chunks", "slow to the end of the connection"],
)
def test_a_slow_server_is_given_up_in_time(get: Any, way: Any) -> None:
    with serving({"/": way}) as server:
        began = clock.monotonic()
        with pytest.raises(errors.PageLate, match="REQUEST_TIMEOUT"):
            get(server.url, timeout_s=SHORT_S)
        assert clock.monotonic() - began < patience.leeway(SHORT_S) + 1


def test_redirects_share_one_deadline(get: Any) -> None:
    def slow(connection: socket.socket) -> None:
        clock.time.sleep(0.2)
        connection.sendall(hostile.redirect("/"))

    with serving({"/": slow}) as server, pytest.raises(errors.PageLate):
        get(server.url, timeout_s=0.7, max_redirects=20)


@pytest.mark.parametrize(
    "way",
    [
        page(b"a" * 2001),
        endless(OK + b"Content-Length: 2147483648\r\n\r\n", b"a" * MIB),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + b"a" * MIB + b"\r\n"),
        endless(OK + b"\r\n", b"a" * MIB),
    ],
    ids=["one byte more", "2 GB", "endless chunks", "endless"],
)
def test_a_page_beyond_the_limit_is_refused(get: Any, way: Any) -> None:
    with serving({"/": way}) as server, pytest.raises(errors.PageTooLarge, match="2,000 bytes"):
        get(server.url, max_bytes=2000)


def test_a_page_of_exactly_the_limit_is_read(get: Any) -> None:
    packed = page(gzip.compress(b"a" * 2000, mtime=0), "Content-Encoding: gzip")
    with serving({"/": page(b"a" * 2000), "/packed": packed}) as server:
        assert len(get(server.url, max_bytes=2000).body) == 2000
        assert len(get(server.url + "/packed", max_bytes=2000).body) == 2000


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", lambda: hostile.gzipped(1024 * MIB)),
        ("br", lambda: hostile.brotlied(1024 * MIB)),
        ("gzip, gzip", lambda: hostile.layered(1024 * MIB, 2)),
        ("gzip, gzip, gzip", lambda: hostile.layered(1024 * MIB, 3)),
        ("br, br", lambda: brotli.compress(hostile.brotlied(1024 * MIB))),
    ],
    ids=["gzip", "br", "two layers", "three layers", "br twice"],
)
def test_a_bomb_costs_no_more_than_the_limit(get: Any, encoding: str, bomb: Callable[[], bytes]) -> None:
    packed = bomb()  # here, not while tests are collected
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serving({"/": page(packed, f"Content-Encoding: {encoding}")}) as server, pytest.raises(errors.PageTooLarge):
        get(server.url, max_bytes=10 * MIB)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KB; the bomb has 1 GB


def test_a_page_packed_in_many_layers_is_refused(get: Any) -> None:
    with (
        serving({"/": page(b"x", "Content-Encoding: " + ", ".join(["gzip"] * 6))}) as server,
        pytest.raises(errors.PageCutOff, match="not whole"),
    ):
        get(server.url)


@pytest.mark.parametrize("encoding", ["zstd", "compress", "xz", "dcb", "gzip, zstd", "ZSTD"])
def test_an_encoding_that_was_not_asked_for_is_refused(get: Any, encoding: str) -> None:
    with (
        serving({"/": page(b"(\xb5/\xfd", f"Content-Encoding: {encoding}")}) as server,
        pytest.raises(errors.PageCutOff, match="not asked for"),
    ):
        get(server.url)


PACKED = gzip.compress(b"a page of some length" * 50, mtime=0)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        OK + b"Content-Length: 100\r\n\r\nshort",
        OK + b"Content-Length: 100\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\nshort",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nshort\r\n0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"<html>a page as in 1991</html>",
        b"-ERR unknown command\r\n",
        page(PACKED[:-1], "Content-Encoding: gzip"),
        page(PACKED[:-9], "Content-Encoding: gzip"),
        page(PACKED[:-8] + b"12345678", "Content-Encoding: gzip"),
        page(b"no gzip at all", "Content-Encoding: gzip"),
        page(brotli.compress(b"a page" * 50)[:-2], "Content-Encoding: br"),
        page(b"no brotli at all, and long enough", "Content-Encoding: br"),
    ],
)
def test_a_page_that_is_not_whole_is_an_error(get: Any, answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(answer)

    with serving({"/": talk}) as server, pytest.raises(errors.PageCutOff) as caught:
        get(server.url)
    assert caught.value.retryable and caught.value.category == "network"


def test_a_connection_that_is_reset_is_an_error(get: Any) -> None:
    def reset(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 1000\r\n\r\npart")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    with serving({"/": reset}) as server, pytest.raises(errors.PageCutOff):
        get(server.url)


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: 1\r\n" % number for number in range(1000)),
        b"".join(b"X-%d: 1\r\n" % number for number in range(100_000)),
        b"X-A: " + b"a" * MIB + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (number, b"a" * 8000) for number in range(90)),
    ],
    ids=["1,000 headers", "100,000 headers", "a header of 1 MiB", "90 headers of 8 KB"],
)
def test_a_huge_head_is_refused(get: Any, head: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(OK + head + b"\r\n")

    with serving({"/": talk}) as server, pytest.raises(errors.PageTooLarge, match="headers"):
        get(server.url)


def test_a_server_that_refuses_connections_is_unreachable(get: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(errors.Unreachable, match=f"127.0.0.1:{port}"):
        get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x-gzip"])
@pytest.mark.parametrize("body", [b"<p>plain", b"\xef\xbb\xbf \n<!doctype html>caf\xc3\xa9", b'{"a": 1}', b"<p>caf\xe9"])
def test_a_plain_page_that_is_called_packed_is_read(get: Any, encoding: str, body: bytes) -> None:
    """Browsers show it, curl and Crawlee fail (curl#2368, crawlee#266)."""
    with serving({"/": page(body, f"Content-Encoding: {encoding}")}) as server:
        assert get(server.url).body == body


@pytest.mark.parametrize(("encoding", "body"), [("gzip", PACKED), ("br", brotli.compress(b"a page of some length" * 50))])
@pytest.mark.parametrize("cut", [0, 1])
@pytest.mark.parametrize("frame", ["Content-Length: 99999\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"])
def test_a_wrong_length_does_not_matter_where_the_packed_page_comes_to_its_end(
    get: Any, encoding: str, body: bytes, cut: int, frame: str
) -> None:
    """Some servers announce the length of the page unpacked, or leave out the last piece (scrapy#2586, scrapy#2413)."""
    sent = body[: len(body) - cut]
    piece = b"%x\r\n%s\r\n" % (len(sent), sent) if "chunked" in frame else sent

    def talk(connection: socket.socket) -> None:
        connection.sendall(OK + f"Content-Encoding: {encoding}\r\n{frame}".encode() + piece)

    with serving({"/": talk}) as server:
        if cut:
            with pytest.raises(errors.PageCutOff):
                get(server.url)
        else:
            assert get(server.url).body == b"a page of some length" * 50


def test_a_redirect_whose_body_breaks_off_is_followed(get: Any) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 500\r\n\r\nshort")

    with serving({"/": talk, "/end": page(b"end")}) as server:
        assert get(server.url).body == b"end"
