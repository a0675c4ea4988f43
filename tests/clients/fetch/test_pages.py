"""Ordinary pages, and what belongs to them: headers, redirects, cookies, unchanged pages, text."""

import contextlib
import gzip
import zlib
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest

import clock
import config
import errors
from clients import fetch
from clients.fetch import messages
from tests.clients.fetch.hostile import page, redirect, serving

HTML = "<title>Café</title>".encode()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", HTML),
        ("identity", HTML),
        ("gzip", gzip.compress(HTML, mtime=0)),
        ("x-gzip", gzip.compress(HTML, mtime=0)),
        ("gzip", gzip.compress(HTML[:5], mtime=0) + gzip.compress(HTML[5:], mtime=0)),
        ("deflate", zlib.compress(HTML)),
        ("deflate", zlib.compress(HTML)[2:-4]),
        ("br", brotli.compress(HTML)),
        ("GZIP", gzip.compress(HTML, mtime=0)),
        ("br, gzip", gzip.compress(brotli.compress(HTML), mtime=0)),
        ("utf-8", HTML),
        ("gzip", b""),
    ],
)
def test_a_page_arrives_unpacked(get: Any, encoding: str, packed: bytes) -> None:
    with serving({"/": page(packed, "Content-Type: text/html; charset=utf-8", f"Content-Encoding: {encoding}")}) as server:
        reply = get(server.url)
    assert reply.body == (HTML if packed else b"")
    assert reply.status == 200 and reply.address == "127.0.0.1" and reply.final_url == server.url + "/"
    if packed:
        assert (reply.text, reply.charset) == ("<title>Café</title>", "utf-8")


def test_the_request_says_who_asks_and_what_can_be_unpacked(get: Any) -> None:
    with serving({"/": page(b"")}) as server, config.overridden(fetch_user_agent="Acme/2", fetch_contact="https://acme.example"):
        get(server.url, headers={"Accept-Language": "de", "X-Key": "", "Accept": "text/plain"})
    assert server.header("User-Agent") == "Acme/2 (+https://acme.example)"
    assert server.header("Accept-Encoding") == "gzip, deflate, br"
    assert server.header("Accept-Language") == "de"
    assert server.header("X-Key") == ""
    assert server.header("Accept") == "text/plain"
    assert server.header("Host") == f"127.0.0.1:{server.port}"
    assert server.header("Cookie") is None


def test_a_status_of_any_kind_is_a_reply(get: Any) -> None:
    ways = {f"/{status}": page(b"body", "Retry-After: 120", status=f"{status} X") for status in (200, 404, 429, 500, 503, 999)}
    with serving(ways) as server:
        for path in ways:
            reply = get(server.url + path)
            assert (reply.status, reply.body, reply.retry_after_s) == (int(path[1:]), b"body", 120.0)


def test_an_unchanged_page_is_not_sent_again(get: Any) -> None:
    with serving({"/": page(b"", 'ETag: "v1"', status="304 Not Modified").replace(b"Content-Length: 0\r\n", b"")}) as server:
        reply = get(server.url, etag='W/"v1"', last_modified="Sat, 28 Nov 2026 10:00:00 GMT")
    assert reply.not_modified and reply.body == b""
    assert server.header("If-None-Match") == 'W/"v1"'
    assert server.header("If-Modified-Since") == "Sat, 28 Nov 2026 10:00:00 GMT"


def test_headers_of_one_name_are_joined_and_cookies_stay_apart(get: Any) -> None:
    answer = page(b"", "Vary: A", "vary: B", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2, 3", "X-Title: Caf\u00e9")
    with serving({"/": answer}) as server:
        headers = get(server.url).headers
    assert headers["vary"] == "A, B"
    assert headers["set-cookie"].split("\n") == ["a=1; Path=/", "b=2, 3"]
    assert headers["x-title"] == "Café"


def test_heads_before_and_fields_behind_the_page_are_not_its_headers(get: Any) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </early.css>\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Real: 1\r\n\r\n4\r\nbody\r\n0\r\nX-Behind: 1\r\n\r\n"
    with serving({"/": early + answer}) as server:
        reply = get(server.url)
    assert reply.body == b"body" and reply.headers["x-real"] == "1"
    assert "link" not in reply.headers and "x-behind" not in reply.headers


def test_redirects_are_followed_and_each_is_asked_before(get: Any) -> None:
    asked: list[str] = []
    ways = {
        "/": redirect("a?b=é#top", status="301 X"),
        "/a": redirect("//127.0.0.1:PORT/c d", status="308 X"),
        "/c%20d": page(b"end"),
    }
    with serving(ways) as server:
        server.ways["/a"] = redirect(f"//127.0.0.1:{server.port}/c d", status="308 X")
        reply = get(server.url, before=asked.append)
    assert reply.body == b"end" and reply.url == server.url
    assert list(reply.redirects) == asked == [f"{server.url}/a?b=%C3%A9", f"{server.url}/c%20d"]
    assert reply.final_url == asked[-1]


def test_what_is_asked_before_a_redirect_may_refuse_it(get: Any) -> None:
    def refuse(url: str) -> None:
        raise errors.DataError("robots.txt")

    with serving({"/": redirect("/a"), "/a": page(b"")}) as server:
        with pytest.raises(errors.DataError, match=r"robots\.txt"):
            get(server.url, before=refuse)
        assert server.paths == ["/"]


def test_an_endless_chain_of_redirects_ends_at_the_limit(get: Any) -> None:
    with serving({"/": redirect("/")}) as server:
        with pytest.raises(errors.TooManyRedirects, match="more than 5 times"):
            get(server.url)
        assert len(server.heard) == 6
        with pytest.raises(errors.TooManyRedirects):
            get(server.url, max_redirects=0)


@pytest.mark.parametrize("status", ["300 X", "304 X", "301 X", "200 OK"])
def test_what_names_no_place_is_the_page_itself(get: Any, status: str) -> None:
    headers = [] if status == "301 X" else ["Location: /a"]
    with serving({"/": page(b"", *headers, status=status)}) as server:
        assert get(server.url).status == int(status[:3])


def test_a_cookie_that_a_redirect_sets_is_sent_along_and_then_forgotten(get: Any) -> None:
    ways = {"/": redirect("/a", "Set-Cookie: seen=1; Path=/", "Set-Cookie: other=2; Path=/elsewhere"), "/a": page(b"")}
    with serving(ways) as server:
        get(server.url, headers={"Cookie": "own=3"})
        get(server.url)
    assert server.header("Cookie", 1) == "own=3; seen=1"
    assert server.header("Cookie", 2) is None


def test_secrets_do_not_follow_to_another_site(get: Any, names: dict[str, list[str]]) -> None:
    names["other.example"] = ["127.0.0.1"]
    with serving({"/there": page(b"")}) as server:
        server.ways["/"] = redirect(server.at("other.example") + "/there")
        get(server.url, headers={"Authorization": "Bearer x", "X-Api-Key": "y", "Accept-Language": "de"})
        get(server.url + "/there", headers={"Authorization": "Bearer x"})
    assert server.header("Authorization", 0) == "Bearer x"
    assert server.header("Authorization", 1) is None and server.header("X-Api-Key", 1) is None
    assert server.header("Accept-Language", 1) == "de"
    assert server.header("Host", 1) == f"other.example:{server.port}"
    assert server.header("Authorization", 2) == "Bearer x"


def test_a_connection_is_used_again(get: Any) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
    with serving({"/": answer}) as server:
        assert [get(server.url).body for _ in range(3)] == [b"body"] * 3
    assert server.connections == 1


def test_a_kept_connection_that_the_server_closed_is_replaced(get: Any) -> None:
    def once(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")

    with serving({"/": once}) as server:
        assert [get(server.url).body for _ in range(3)] == [b"body"] * 3


def test_environment_of_this_machine_changes_nothing(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving({"/": page(b"body")}) as server:
        assert get(server.url).body == b"body"


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": {"X-A": "1\r\nX-B: 2"}},
        {"headers": {"X-A": "1\x00"}},
        {"headers": {"X A": "1"}},
        {"headers": {"": "1"}},
        {"headers": {"X-A": "日本"}},
        {"headers": {"Host": "other.example"}},
        {"headers": {"content-length": "5"}},
        {"headers": {"Accept-Encoding": "zstd"}},
        {"headers": {"Proxy-Authorization": "x"}},
        {"headers": {f"X-{number}": "1" for number in range(51)}},
        {"headers": {"X-A": "1" * 9000}},
        {"etag": '"a"\r\nX-B: 2'},
        {"last_modified": "x\n"},
        {"timeout_s": 0},
        {"timeout_s": float("nan")},
        {"timeout_s": 1e9},
        {"max_bytes": 0},
        {"max_redirects": 21},
    ],
)
def test_a_request_that_cannot_be_sent_is_refused_before_it_is(get: Any, fields: dict[str, Any]) -> None:
    with serving({"/": page(b"")}) as server:
        with pytest.raises(errors.ArgumentError):
            get(server.url, **fields)
        with pytest.raises(errors.ArgumentError):
            fetch.check(fetch.Request("https://example.com/", **fields))
        assert server.connections == 0


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        ("/caf\u00e9".encode(), "/caf%C3%A9"),
        ("/sm\u0105".encode("iso8859-2"), "/sm%B1"),
        (b"/a b", "/a%20b"),
        (b"\\a\\b", "/a/b"),
        (b"/a%20b?x=%zz", "/a%20b?x=%zz"),
        (b"?x", "/?x"),
        (b"/./a/../b", "/b"),
        (b"/a\tb", "/ab"),
    ],
)
def test_a_place_in_another_code_page_is_asked_for_as_it_is_written(get: Any, raw: bytes, asked: str) -> None:
    """Scrapy asked for other bytes (scrapy#2321), requests raised (psf/requests#4926)."""
    answer = redirect("RAW").replace(b"RAW", raw)
    other = page(b"", "X-Name: caf\u00e9", status="404 Not Found")
    with serving({asked: other, "/": answer}) as server, contextlib.suppress(errors.TooManyRedirects):
        get(server.url, max_redirects=1)
    assert server.paths[1] in (asked, asked.replace("%zz", "%25zz"))


def test_a_host_with_a_dead_address_is_reached_at_another(get: Any, names: dict[str, list[str]]) -> None:
    names["both.example"] = ["::1", "127.0.0.3", "127.0.0.1"]
    with serving({"/": page(b"body")}) as server:
        reply = get(server.at("both.example"))
    assert (reply.body, reply.address) == (b"body", "127.0.0.1")


def test_a_page_at_an_address_of_ipv6_is_fetched(get: Any, names: dict[str, list[str]]) -> None:
    names["six.example"] = ["::1"]
    with serving({"/": page(b"body")}, host="::1") as server:
        assert get(server.url).address == "::1" and server.header("Host") == f"[::1]:{server.port}"
        assert get(server.at("six.example")).body == b"body"


DATE = "Sat, 28 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "60, 120"}, 60.0),
        ({"retry-after": "99999999999"}, messages.LONGEST_WAIT_S),
        ({"retry-after": "Sat, 28 Nov 2026 10:02:00 GMT", "date": DATE}, 120.0),
        ({"retry-after": "Saturday, 28-Nov-26 10:02:00 GMT", "date": DATE}, 120.0),
        ({"retry-after": "Sat Nov 28 10:02:00 2026", "date": DATE}, 120.0),
        ({"retry-after": "Sat, 28 Nov 2026 12:02:00 +0200", "date": DATE}, 120.0),
        ({"retry-after": "Sat, 28 Nov 2020 10:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Sat, 28 Nov 2026 10:02:00 GMT", "date": "nonsense"}, 120.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT", "date": DATE}, messages.LONGEST_WAIT_S),
        *[
            ({"retry-after": text, "date": DATE}, None)
            for text in (
                "",
                "-5",
                "+3",
                "120junk",
                "1e3",
                "inf",
                "nan",
                "soon",
                "0x10",
                "²",
                "Sat, 99 Nov 2026 10:02:00 GMT",
                "9" * 500,
            )
        ],
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read_and_bounded(headers: dict[str, str], seconds: float | None) -> None:
    """Others take -5 for a wait or for a year (crawlee-python#1995, mastra#23778)."""
    with clock.frozen(datetime(2026, 11, 28, 10, tzinfo=UTC)):
        assert messages.retry_after_s(headers) == seconds


@pytest.mark.parametrize(
    "fields",
    [
        ("Content-Encoding: gzip", "Content-Encoding: gzip"),
        ("Content-Encoding: gzip, br",),
        (),
    ],
)
def test_a_page_that_is_packed_otherwise_than_its_headers_say_is_unpacked(get: Any, fields: tuple[str, ...]) -> None:
    packed = brotli.compress(HTML) if "br" in "".join(fields) else gzip.compress(HTML, mtime=0)
    with serving({"/": page(packed, "Content-Type: text/html", *fields)}) as server:
        assert get(server.url).body == HTML


def test_a_place_that_is_named_twice_is_one_place(get: Any) -> None:
    sends = page(b"", "Location: /b", "Location: /b", status=302)
    with serving({"/": sends, "/b": page(HTML)}) as server:
        assert get(server.url).body == HTML
