"""Event streams of the web process as it runs: a hundred on one connection to Redis, through an outage, up to its polite end."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import clock
import queues
from local import ports
from state.store import connection
from tests import patience
from tests.local import real
from tests.web import servers
from worker import inline

pytestmark = pytest.mark.real_redis

STREAMS = 100

SERVE = "import sys; from web import process; sys.exit(process.run('127.0.0.1', {port}))"


@queues.job(queue="low", kind="told", retries=0)
def work() -> str:
    """Ends."""
    return "done"


@contextmanager
def served(folder: Path, **env: str) -> Iterator[servers.Running]:
    """The web process with its own routes."""
    port = ports.free_port()
    with real.program(SERVE.format(port=port), folder / "web.log", **env) as process:
        running = servers.Running(process, port, folder / "web.log")
        real.until(running.answers)
        yield running


def open_stream(web: servers.Running, path: str = "/api/v1/events") -> socket.socket:
    """A stream that has begun."""
    made = web.connect(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    read_to(made, b"retry:")
    return made


def read_to(stream: socket.socket, words: bytes) -> bytes:
    """What a stream says up to these words."""
    found = b""
    while words not in found:
        part = stream.recv(65536)
        assert part, found
        found += part
    return found


def connections() -> set[str]:
    """The ids of all connections to this Redis."""
    return {one["id"] for one in connection.client().client_list()}


def readers(but: set[str]) -> int:
    """Connections that block in XREAD, but for those that were there before."""
    return sum(one["cmd"] == "xread" and one["id"] not in but for one in connection.client().client_list())


def test_a_hundred_streams_are_told_within_moments_and_redis_has_one_reader(tmp_path: Path, real_server: str) -> None:
    before = connections()
    with served(tmp_path, REDIS_URL=real_server, WEB_THREADS=str(2 * STREAMS)) as web, ThreadPoolExecutor(STREAMS) as threads:
        streams = [open_stream(web) for _ in range(STREAMS)]
        assert web.get("/api/v1/events").status_code == 503
        real.until(lambda: readers(before) == 1)
        clients = len(connections() - before)
        begun = clock.monotonic()
        job = queues.submit(work).job_id
        inline.run_until_idle()
        told = list(threads.map(lambda one: read_to(one, b'"event":"completed"'), streams))
        took_s = clock.monotonic() - begun
        print(f"{STREAMS} streams were told within {took_s:.2f} s; Redis has {clients} clients")
        assert all(job.encode() in one for one in told)
        assert took_s < patience.leeway(2)
        assert readers(before) == 1 and clients < 20
        assert web.get("/health").status_code == 200
        for stream in streams:
            stream.close()
        real.until(lambda: takes_one(web))


def takes_one(web: servers.Running) -> bool:
    """Whether a stream has its place again."""
    queues.submit(work)  # a server learns that a client is gone when it writes
    with web.connect(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") as made:
        return made.recv(100).startswith(b"HTTP/1.1 200")


def test_streams_and_waits_outlive_an_outage_of_redis(tmp_path: Path) -> None:
    port = ports.free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with servers.redis_process(tmp_path, port) as redis, served(tmp_path, REDIS_URL=url) as web:
        connection.use(connection.connect(url))
        before = queues.submit(work).job_id
        streams = [open_stream(web), open_stream(web, f"/api/v1/jobs/{before}/events")]
        redis.kill()
        redis.wait()
        real.until(lambda: "No events for now" in web.log.read_text())
        with servers.redis_process(tmp_path, port):
            inline.run_until_idle()
            for stream in streams:
                assert b'"event":"completed"' in read_to(stream, b'"event":"completed"')
            for stream in streams:
                stream.close()
        connection.client().close()


def test_at_sigterm_streams_end_and_the_process_ends_with_0(tmp_path: Path, real_server: str) -> None:
    with served(tmp_path, REDIS_URL=real_server) as web:
        job = queues.submit(work).job_id
        streams = [open_stream(web), open_stream(web, f"/api/v1/jobs/{job}/events")]
        begun = clock.monotonic()
        web.process.terminate()
        for stream in streams:
            while stream.recv(65536):
                pass
            stream.close()
        assert web.process.wait(timeout=patience.HANG_S) == 0
        assert clock.monotonic() - begun < patience.leeway(3)
