"""A Redis behind a proxy that can fail over to a second one, go silent, and refuse further clients.

The fail-over is the server's own (FAILOVER): it loses nothing. The one that was the primary lives on as a replica for a while.
Connections that are open then stay with it; new ones lead to the new primary.
"""

import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from local import ports
from tests.conftest import server_binary
from tests.faults import harness
from tests.faults.proxy import Proxy
from tests.local.real import until

#: A Redis of its own takes so many clients.
MANY = "10000"


class Store:
    """One Redis with AOF, on a port of its own."""

    def __init__(self, home: Path, follows: int = 0) -> None:
        self.home, self.port = home, ports.free_port()
        home.mkdir()
        self._process: subprocess.Popen[bytes] | None = None
        self.is_paused = False
        self._admin = redis.Redis(port=self.port, socket_timeout=5, single_connection_client=False, max_connections=1)
        self.start(follows)

    def start(self, follows: int = 0) -> None:
        """Start it (again) with what its AOF holds, or as a replica of the one at that port."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.home), "--save", "", "--appendonly", "yes"]
        options += ["--appendfsync", "no", "--repl-diskless-sync-delay", "0", "--repl-backlog-size", "16kb"]
        options += ["--replicaof", "127.0.0.1", str(follows)] if follows else []
        command = [server_binary(), *options]
        self._process = harness.leashed(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT))
        until(lambda: self.told("PING"))

    def told(self, *words: str) -> Any:
        """The answer to one command; None where nobody answers. Its connection is kept: a full server takes no other."""
        with suppress(redis.RedisError):
            return self._admin.execute_command(*words)
        return None

    def send(self, signum: int) -> None:
        """SIGSTOP and SIGCONT pause it, SIGKILL is a crash."""
        assert self._process is not None
        self._process.send_signal(signum)
        self.is_paused = signum == signal.SIGSTOP
        if signum == signal.SIGKILL:
            self._process.wait()

    def is_over(self) -> bool:
        """Whether its process has ended."""
        return self._process is None or self._process.poll() is not None

    def has_all(self) -> bool:
        """Whether this replica holds what its primary holds, and has written it to its AOF."""
        told = self.told("INFO")
        if not told or told.get("master_link_status") != "up" or not told["aof_enabled"]:
            return False
        return not any(told[name] for name in ("master_sync_in_progress", "aof_rewrite_in_progress", "aof_rewrite_scheduled"))


class Twins(harness.Server):
    """The server of a soak. `send` and `start` are the primary's."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 1
        self.primary = Store(self.home / "0")
        self.proxy = Proxy(self.primary.port)
        self.url = self.proxy.url
        self._old: list[Store] = []
        self._runs = True
        self.is_full = False  # takes no further client, so no replica either

    def start(self) -> None:
        """Start it again, where it was killed."""
        if not self._runs:
            self.primary.start()
            self._runs = True

    def send(self, signum: int) -> None:
        """SIGSTOP and SIGCONT pause it, SIGKILL is a crash."""
        self.primary.send(signum)
        self._runs = self._runs and signum != signal.SIGKILL

    def fail_over(self) -> Callable[[], None]:
        """Lead everybody to another server, unless this one is paused; what is returned ends the one of before."""
        if self.primary.is_paused:
            return lambda: None
        old, new = self.primary, Store(self.home / str(self._count), follows=self.primary.port)
        self._count += 1
        until(new.has_all)
        old.told("FAILOVER", "TIMEOUT", "20000")
        until(lambda: (new.told("ROLE") or [b""])[0] in (b"master", "master"))
        self.proxy.lead_to(new.port)
        self.primary = new
        self._old.append(old)

        def end() -> None:
            old.send(signal.SIGKILL)
            self._old.remove(old)
            shutil.rmtree(old.home, ignore_errors=True)

        return end

    def silence(self) -> None:
        """Nothing passes any more on the connections that are open; they stay open."""
        self.proxy.silence()

    def fill(self) -> Callable[[], bool]:
        """Take no further client. What is returned ends that, and says whether it could."""
        store = self.primary
        told = store.told("INFO", "clients")
        if told:
            store.told("CONFIG", "SET", "maxclients", str(max(1, int(told["connected_clients"]))))
        self.is_full = True

        def end() -> bool:
            if store.is_paused or not (store.is_over() or store.told("CONFIG", "SET", "maxclients", MANY) is not None):
                return False
            self.is_full = False
            return True

        return end

    def close(self) -> None:
        """Stop all for good and remove their files."""
        for store in [self.primary, *self._old]:
            store.send(signal.SIGCONT)
            store.send(signal.SIGKILL)
        self.proxy.close()
        super().close()
