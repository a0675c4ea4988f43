"""The CPU that a fetched page costs beside a bare loop of pycurl, on loopback.

    python benchmarks/fetch.py [--pages 3000] [--rounds 5]

Both keep one connection, unpack gzip and decode the text. The bare loop checks nothing: no address, no redirect, no whole body.
The second pair of lines also parses the page, as every job does. The best of several rounds that take turns.
"""

import argparse
import asyncio
import gzip
import io
import multiprocessing
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pycurl
from selectolax.lexbor import LexborHTMLParser

import config
from clients import fetch

PARAGRAPH = (
    "<p class=text>A page of ordinary size with <a href='/page/{n}?q=1'>links</a>, <b>words</b> and ümläuts number {n}.</p>\n"
)
HTML = "<!doctype html><title>Page</title>" + "".join(PARAGRAPH.format(n=n) for n in range(400))
BODY = gzip.compress(HTML.encode())
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\nDate: Sat, 28 Nov 2026 10:00:00 GMT\r\n"
    'ETag: "5f3a-61"\r\nLast-Modified: Fri, 27 Nov 2026 10:00:00 GMT\r\nCache-Control: max-age=600\r\nVary: Accept-Encoding\r\n'
    "X-Frame-Options: DENY\r\nStrict-Transport-Security: max-age=31536000\r\nContent-Encoding: gzip\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
)


class _Answers(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write((HEAD.encode() + BODY) * data.count(b"\r\n\r\n"))


async def _serve(ports: "multiprocessing.Queue[int]") -> None:
    server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0)
    ports.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _server(ports: "multiprocessing.Queue[int]") -> None:
    asyncio.run(_serve(ports))


def bare(url: str) -> Callable[[int], str]:
    """A loop of pycurl as one writes it in five minutes."""
    easy = pycurl.Curl()
    easy.setopt(pycurl.NOSIGNAL, 1)
    easy.setopt(pycurl.ACCEPT_ENCODING, "gzip")
    easy.setopt(pycurl.TIMEOUT, 30)

    def page(number: int) -> str:
        body, head = io.BytesIO(), list[bytes]()
        easy.setopt(pycurl.URL, f"{url}/{number}")
        easy.setopt(pycurl.WRITEFUNCTION, body.write)
        easy.setopt(pycurl.HEADERFUNCTION, head.append)
        easy.perform()
        return body.getvalue().decode() if easy.getinfo(pycurl.RESPONSE_CODE) == 200 else ""

    return page


def ours(url: str) -> Callable[[int], str]:
    """The fetcher."""
    return lambda number: fetch.get(fetch.Request(f"{url}/{number}")).text


def measured(page: Callable[[int], str], pages: int, parses: bool) -> float:
    """Microseconds of CPU a page."""
    began = time.process_time()
    for number in range(pages):
        text = page(number)
        if parses:
            LexborHTMLParser(text).css("a[href]")
    return (time.process_time() - began) / pages * 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.Queue[int] = context.Queue()
    server = context.Process(target=_server, args=(ports,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ports.get(timeout=60)}"
    with config.overridden(fetch_allow_networks="127.0.0.0/8"):
        for name, parses in (("fetched", False), ("fetched and parsed", True)):
            ways = [bare(url), ours(url)]
            rounds = [[measured(way, asked.pages, parses) for way in ways] for _ in range(asked.rounds)]
            plain, checked = (min(column) for column in zip(*rounds, strict=True))
            print(f"{name:20} bare {plain:6.0f} µs CPU a page   ours {checked:6.0f} µs   ratio {checked / plain:.2f}")
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
