"""Real servers in tests: the web process and granian with the trial application, and a Redis that can be stopped."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

import config
from local import ports
from tests import patience
from tests.conftest import server_binary
from tests.local import real

OWN = """
import sys
from tests.web import trial
from web import process
process.create_app = trial.create
sys.exit(process.run("127.0.0.1", {port}))
"""


@dataclass
class Running:
    """A server of the trial application."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def get(self, path: str) -> requests.Response:
        """GET, however long it takes."""
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=patience.HANG_S)

    def connect(self, sends: bytes = b"") -> socket.socket:
        """A connection that has sent this."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=patience.HANG_S)
        made.sendall(sends)
        return made

    def answers(self) -> bool:
        """Whether it serves already."""
        assert self.process.poll() is None, self.log.read_text()
        with suppress(requests.ConnectionError):
            return self.get("/health").status_code == 200
        return False


@contextmanager
def own(folder: Path, **env: str) -> Iterator[Running]:
    """The web process."""
    port = ports.free_port()
    with real.program(OWN.format(port=port), folder / "web.log", **env) as process:
        running = Running(process, port, folder / "web.log")
        real.until(running.answers)
        yield running


@contextmanager
def granian(folder: Path, **env: str) -> Iterator[Running]:
    """Granian with the options of the README."""
    port = ports.free_port()
    options = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", "16", "--workers-kill-timeout", "10"]
    command = [str(Path(sys.executable).parent / "granian"), *options, "tests.web.trial:app"]
    with (folder / "granian.log").open("ab") as output:
        environment = real.environment(env)
        process = subprocess.Popen(command, cwd=config.ROOT, env=environment, stdout=output, stderr=output, process_group=0)
    real.leashed(process)
    try:
        running = Running(process, port, folder / "granian.log")
        real.until(running.answers)
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers outlive their parent
        process.wait()
        real.let_go(process)


@contextmanager
def redis_process(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A Redis of this test's own, on TCP, ready."""
    command = [server_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    process = subprocess.Popen([*command, "--appendonly", "yes"], stdout=subprocess.DEVNULL, process_group=0)
    real.leashed(process)
    try:
        real.until(lambda: not ports.is_free(port))
        yield process
    finally:
        process.kill()
        process.wait()
        real.let_go(process)
