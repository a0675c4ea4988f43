"""The roles of the benchmark of politeness: a host that notes each request, callers, and a job that fetches a page."""

import asyncio
import http.client
import json
import logging
import os
import sys
import time
from contextlib import suppress

import clock
import queues
from engine import context
from state.scraping import gates
from topics.scraping import politeness
from topics.scraping.manners import Manners
from worker import process, supervisor

HOST = "127.0.0.1"


class Site:
    """What the host saw: when requests arrived, by the clock that all processes share, and how many were in flight at most."""

    def __init__(self, delay_ms: int) -> None:
        self.delay_ms, self.arrived, self.now, self.most = delay_ms, [], 0, 0  # type: ignore[var-annotated]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        request = await reader.readuntil(b"\r\n\r\n")
        if b"/seen " in request:
            body = json.dumps([self.arrived, self.most]).encode()
        else:
            self.arrived.append((time.monotonic(), float(request.split(b" ", 2)[1].rpartition(b"/")[2])))
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(self.delay_ms / 1000)
            self.now -= 1
            body = b"page"
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()


def site(port: int, delay_ms: int) -> None:
    """The host."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with suppress(OSError):
        os.nice(-10)  # where allowed: it notes arrivals in time on a busy machine

    async def serve() -> None:
        server = await asyncio.start_server(Site(delay_ms).answer, HOST, port, backlog=1024)
        await server.serve_forever()

    asyncio.run(serve())


def get(port: int, path: str = "") -> tuple[bytes, float]:
    """Fetch a page; also how long ago it was sent (s). Its address says when, by the clock that all processes share."""
    link = http.client.HTTPConnection(HOST, port, timeout=30)
    link.connect()
    sent = time.monotonic()
    link.request("GET", path or f"/{sent:.6f}")
    body = link.getresponse().read()
    link.close()
    return body, time.monotonic() - sent


def caller(number: int, port: int, delay_s: float, concurrency: int, seconds: float) -> None:
    """Fetch pages for so long, each in its turn; the caller waits here."""
    print("ready", flush=True)
    sys.stdin.readline()
    deadline, page = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        page += 1
        ask = gates.Ask(HOST, f"direct-{number}-{page}", delay_s, concurrency)
        while True:
            entered = gates.enter(ask)
            entered = gates.ready(entered) if isinstance(entered, gates.Granted) else entered
            if isinstance(entered, gates.Granted):
                break
            clock.wait(entered.in_s)
        gates.leave(entered, gates.Left("ok", get(port)[1]))


def engine(processes: int) -> None:
    """Workers that know the job below."""
    sys.exit(supervisor.run(processes, process.Options(threads=25, coroutines=1)))


@queues.job(kind="bench")
def fetch_politely(number: int, port: int, delay_s: float, concurrency: int) -> int:
    """Fetch a page in its turn; the job is parked until then."""
    manners = Manners(delay_s=delay_s, concurrency=concurrency, obey_robots=False)
    holder = context.current_job_id() or ""
    with politeness.turn(f"http://{HOST}:{port}/{number}", manners, holder) as turn:
        turn.outcome("ok", sent_ago_s=get(port)[1])
    return number
