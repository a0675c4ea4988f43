"""The roles of the engine's benchmarks, each in a process of its own: jobs, workers, bare loops, the slow page."""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import requests
import rq
from lxml import html

import queues
from state.store import connection
from worker import process, supervisor

LINKS = 370
ROW = '<tr><td><a href="/item/{0}?ref=list">Item number {0}</a></td><td><p>Some words about item {0} stand here.</p></td></tr>\n'
TABLE = "<!doctype html><title>List</title><table>" + "".join(ROW.format(n) for n in range(LINKS)) + "</table>"
PAGE = TABLE.ljust(60_000).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)

#: Queue of stock RQ's workers.
STOCK = "stock"

_local = threading.local()
_sessions: dict[asyncio.AbstractEventLoop, object] = {}

# --- the jobs -------------------------------------------------------------------------------------------------------


@queues.job(kind="bench")
def noop(number: int) -> int:
    """Do nothing."""
    return number


@queues.job(kind="bench")
def started(number: int) -> float:
    """Return the start time by the clock that all processes share."""
    return time.monotonic()


@queues.job(kind="bench")
def nap(seconds: float) -> None:
    """Occupy a thread for a while."""
    time.sleep(seconds)


@queues.job(kind="bench")
def look(keyword_id: str) -> str:
    """A check that takes a moment and finds nothing."""
    time.sleep(0.02)
    return keyword_id


@queues.job(kind="bench")
def fetch(port: int) -> int:
    """Get the slow page and count its links."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False  # no look for a proxy each time
    return links(_local.session.get(f"http://127.0.0.1:{port}/", timeout=30).content)


@queues.job(kind="bench")
async def fetch_async(port: int) -> int:
    """The same with aiohttp."""
    import aiohttp

    session = _sessions.get(asyncio.get_running_loop())
    if not isinstance(session, aiohttp.ClientSession):
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False)
        _sessions[asyncio.get_running_loop()] = session
    async with session.get(f"http://127.0.0.1:{port}/") as answer:
        body = await answer.read()
    return links(body)


def links(body: bytes) -> int:
    """Parse a page and count its links; a wrong count is an error."""
    found = len(html.fromstring(body).xpath("//a[@href]"))
    assert found == LINKS, found
    return found


# --- the roles: each is called in a new process ---------------------------------------------------------------------


def engine(processes: int, threads: int, tasks: int) -> None:
    """This engine's workers."""
    sys.exit(supervisor.run(processes, process.Options(threads=threads, coroutines=tasks)))


def stock_forking() -> None:
    """RQ's own worker: a fork for each job."""
    _stock(rq.Worker)


def stock_simple() -> None:
    """RQ's worker that runs jobs in its own process, one at a time."""
    _stock(rq.SimpleWorker)


def _stock(kind: type[rq.Worker] | type[rq.SimpleWorker]) -> None:
    redis = connection.client()
    kind([rq.Queue(STOCK, connection=redis)], connection=redis).work(logging_level="WARNING")


def bare_threads(count: int, share: int, work: str, port: int) -> None:
    """Make `share` calls over `count` threads without a queue. Waits for a line of input before each round."""
    calls: dict[str, Callable[[int], int]] = {"noop": noop, "fetch": fetch}
    pool = ThreadPoolExecutor(count)
    list(pool.map(calls[work], [port] * count * 2))

    def again() -> None:
        list(pool.map(calls[work], [port] * share))

    _on_each_line(again)


def bare_loop(count: int, share: int, port: int) -> None:
    """The same as coroutines on one event loop."""

    async def run(numbers: Iterable[int]) -> None:
        todo = iter(numbers)

        async def one() -> None:
            for _ in todo:
                await fetch_async(port)

        await asyncio.gather(*(one() for _ in range(count)))

    loop = asyncio.new_event_loop()
    loop.run_until_complete(run(range(count * 2)))
    _on_each_line(lambda: loop.run_until_complete(run(range(share))))


def _on_each_line(again: Callable[[], object]) -> None:
    print("ready", flush=True)
    for _ in sys.stdin:
        again()
        print("done", flush=True)


def slow_page(port: int, delay_ms: int) -> None:
    """A web server with one slow page that costs almost no CPU."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)

    class Visit(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            if data.endswith(b"\r\n\r\n"):
                asyncio.get_running_loop().call_later(delay_ms / 1000, self._transport.write, ANSWER)

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Visit, "127.0.0.1", port, backlog=1024)
        await server.serve_forever()

    asyncio.run(serve())
