"""Many hosts on loopback, each with some pages, for the second table of `benchmarks/crawl.py`: who was asked when."""

import asyncio
import itertools
import json
import statistics
import time
from dataclasses import dataclass

PAGE = b"<!doctype html><title>%s</title><h1>%s</h1><p>" + b"Words of a page that says nothing else. " * 50


@dataclass(frozen=True)
class Used:
    """How the hosts were asked. `rate`: of all requests that the delay allows, how many were made.

    `slowest`, `fastest`: the same for the host with the least and the most. `least_gap`: between two requests to a host (s).
    """

    requests: int
    seconds: float
    rate: float
    slowest: float
    fastest: float
    least_gap: float


def addresses(count: int) -> list[str]:
    """So many addresses of loopback: each is a host of its own."""
    return [f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(count)]


def used(times: dict[str, list[float]], delay_s: float) -> Used:
    """What the times of all requests say, from the first one to the last one."""
    begun, ended = min(min(of) for of in times.values()), max(max(of) for of in times.values())
    gaps = [after - before for of in times.values() for before, after in itertools.pairwise(of)]
    shares = [delay_s * (len(of) - 1) / (of[-1] - of[0]) for of in times.values() if len(of) > 1]
    count = sum(map(len, times.values()))
    allowed = len(times) * (1 + (ended - begun) / delay_s)
    return Used(count, ended - begun, count / allowed, min(shares), max(shares), min(gaps))


def spread(times: dict[str, list[float]]) -> float:
    """How far apart (s) the hosts came to their middle request: 0 = all took turns."""
    return statistics.pstdev([of[len(of) // 2] for of in times.values()])


def serve(port: int, count: int) -> None:
    """Serve until the process ends; `/-times` of any host has the times of all requests but that for robots.txt."""
    times: dict[str, list[float]] = {}

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1]
            status, body, kind = b"200 OK", PAGE % (path, path), b"text/html"
            if path == b"/robots.txt":
                status, body = b"404 Not Found", b""
            elif path == b"/-times":
                body, kind = json.dumps(times).encode(), b"application/json"
            else:
                times.setdefault(writer.get_extra_info("sockname")[0], []).append(time.monotonic())
            writer.write(b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (status, kind, len(body)) + body)

    async def quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await visit(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        for address in addresses(count):
            await asyncio.start_server(quiet, address, port)
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())
