"""Real processes and one host: however many there are, and whoever is killed, its delay and its limit are never broken."""

import contextlib
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import clock
from tests.local.real import until

ROOT = Path(__file__).resolve().parent.parent.parent

#: A time that was taken a moment before the request went out, and one that Redis rounds to a millisecond (s).
ROUNDING_S = 0.002


class Site(socketserver.ThreadingTCPServer):
    """A host that notes when each request was sent, and how many were there at a time."""

    daemon_threads, allow_reuse_address, request_queue_size = True, True, 256

    def __init__(self, takes_s: float) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.takes_s, self.sent, self.now, self.most, self.lock = takes_s, list[float](), 0, 0, threading.Lock()


class Visit(socketserver.StreamRequestHandler):
    """One request. A killed caller counts as gone when its connection ends."""

    server: Site

    def handle(self) -> None:
        line = self.rfile.readline()
        if not line.strip():
            return
        with self.server.lock:
            self.server.sent.append(float(line))
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        clock.wait(self.server.takes_s)
        with self.server.lock:
            self.server.now -= 1
        with contextlib.suppress(OSError):
            self.wfile.write(b".")


@contextlib.contextmanager
def site(takes_s: float) -> Iterator[Site]:
    with Site(takes_s) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@contextlib.contextmanager
def callers(count: int, url: str, *args: object) -> Iterator[list[subprocess.Popen[bytes]]]:
    env = {**os.environ, "REDIS_URL": url, "TRAWL_NO_DOTENV": "1"}
    commands = [[sys.executable, "-m", "tests.faults.polite_caller", str(number), *map(str, args)] for number in range(count)]
    started = [subprocess.Popen(command, cwd=ROOT, env=env) for command in commands]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.real_redis
@pytest.mark.parametrize(("delay_s", "concurrency", "takes_s"), [(0.1, 1, 0.01), (0.1, 1, 0.15), (0.1, 3, 0.25), (0.0, 2, 0.05)])
def test_kills_break_neither_delay_nor_limit(
    store: Any, real_server: str, delay_s: float, concurrency: int, takes_s: float
) -> None:
    with site(takes_s) as host, callers(8, real_server, host.server_address[1], delay_s, concurrency) as started:
        until(lambda: len(host.sent) >= 20)
        for process in started[:3]:
            process.send_signal(signal.SIGKILL)
        seen = len(host.sent)
        until(lambda: len(host.sent) >= seen + 20)
    sent = sorted(host.sent)
    assert host.most <= concurrency and min(later - earlier for earlier, later in pairwise(sent)) >= delay_s - ROUNDING_S
