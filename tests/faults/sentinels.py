"""A primary, two replicas and three sentinels on loopback: a server of the harness that fails over."""

import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis

import clock
from local import ports
from tests.conftest import server_binary
from tests.local.real import until

NAME = "trawl-primary"

#: What a sentinel waits for a server before it calls it down (ms); a real one is told some seconds.
DOWN_AFTER_MS = 800

#: A fail-over that got stuck is begun anew after twice this (ms).
FAILOVER_MS = 4000

#: What a sentinel does every few seconds, sooner (ms), and no half a minute of doubt after it stood still: Redis 7 and newer.
QUICK = {"info-period": 500, "publish-period": 300, "ping-period": 200, "ask-period": 200, "tilt-trigger": 600_000}


@dataclass
class Node:
    """One process of the group."""

    port: int
    command: list[str]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it (again)."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def send(self, signum: int) -> None:
        """SIGSTOP and SIGCONT cut it off and bring it back, SIGKILL is a crash."""
        assert self.process is not None
        self.process.send_signal(signum)
        if signum == signal.SIGKILL:
            self.process.wait()

    def end(self) -> None:
        """Stop it for good."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass
class Group:
    """`stores`[0] begins as the primary. `settings` are options of every store, e.g. min-replicas-to-write."""

    settings: dict[str, str] = field(default_factory=dict)
    password: str = ""
    sentinel_password: str = ""
    is_tls: bool = False
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="trawl-failover-")))
    stores: list[Node] = field(default_factory=list)
    sentinels: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        user = f":{quote(self.password, safe='')}@" if self.password else ""
        options = [f"sentinel_password={self.sentinel_password}"] if self.sentinel_password else []
        options += [f"ssl_ca_certs={self.home / 'cert'}"] if self.is_tls else []
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.sentinels)
        return f"{'rediss' if self.is_tls else 'redis'}+sentinel://{user}{hosts}/{NAME}/0?{'&'.join(options)}".rstrip("?")

    def start(self) -> None:
        """Start them all, and wait until each sentinel knows all others."""
        if self.is_tls:
            files = ["-keyout", str(self.home / "key"), "-out", str(self.home / "cert")]
            names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
            command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *names]
            subprocess.run(command, check=True, capture_output=True)
        self.stores = [Node(ports.free_port(), []) for _ in range(3)]
        for number, node in enumerate(self.stores):
            node.command = self._store(number, node.port)
            node.start()
            until(partial(self.answers, node.port))
        for node in self.stores[1:]:
            until(partial(self._is_linked, node.port), 30)
        self.sentinels = [self._sentinel(number) for number in range(3)]
        for node in self.sentinels:
            node.start()
        for node in self.sentinels:
            until(partial(self._hurries, node.port))
        until(lambda: all(self.knows(node.port, replicas=2, others=2) for node in self.sentinels), 60)

    def close(self) -> None:
        """Stop all for good and remove their files."""
        for node in [*self.sentinels, *self.stores]:
            node.end()
        shutil.rmtree(self.home, ignore_errors=True)

    def primary(self) -> Node:
        """The store that the sentinels name; the first one that answers counts."""
        found = self.named()
        return next(node for node in self.stores if node.port == found)

    def named(self) -> int:
        """The port that most sentinels name as the primary."""
        ports = [port for node in self.sentinels if (port := self._named_by(node.port))]
        assert ports, "no sentinel answers"
        return max(ports, key=ports.count)

    def promoted(self, before: int, within_s: float = 60) -> float:
        """Wait until the sentinels name another primary; `clock.monotonic()` of that moment."""
        until(lambda: self.named() != before, within_s)
        return clock.monotonic()

    def cut_replicas_off(self) -> None:
        """From now on no replica gets what the primary writes, and no sentinel mends that: until the primary is killed."""
        for node in self.sentinels:
            node.send(signal.SIGSTOP)
        before = self.stores[0].port
        for node in self.stores[1:]:
            self.ask(node.port, "REPLICAOF", "127.0.0.1", "1")
        until(lambda: not any(b"online" in line for line in self.ask(before, "INFO", "replication").splitlines()))

    def lose_the_primary(self) -> float:
        """Kill the primary whose replicas were cut off; when another one was promoted."""
        self.stores[0].send(signal.SIGKILL)
        for node in self.sentinels:
            node.send(signal.SIGCONT)
        return self.promoted(self.stores[0].port)

    def follows(self, node: Node) -> bool:
        """Whether this store is a replica of the primary, and up to date with it."""
        role = self.try_to_ask(node.port, "ROLE")
        return bool(role) and role[0] == b"slave" and role[2] == self.named() and role[3] == b"connected"

    def knows(self, sentinel: int, replicas: int, others: int) -> bool:
        """Whether a sentinel knows so many replicas and other sentinels."""
        words = self.ask(sentinel, "SENTINEL", "MASTER", NAME)
        told = dict(zip(words[::2], words[1::2], strict=True))
        return int(told[b"num-slaves"]) >= replicas and int(told[b"num-other-sentinels"]) >= others

    def answers(self, port: int) -> bool:
        """Whether somebody answers there."""
        return self.try_to_ask(port, "PING") is not None

    def ask(self, port: int, *words: str) -> Any:
        """One command to one process; replies as they come."""
        is_sentinel = any(node.port == port for node in self.sentinels)
        password = (self.sentinel_password if is_sentinel else self.password) or None
        with redis.Redis(port=port, password=password, socket_timeout=2, protocol=2, **self._trust()) as client:
            client.response_callbacks.clear()
            return client.execute_command(*words)

    def try_to_ask(self, port: int, *words: str) -> Any:
        """The same; None where nobody answers."""
        with suppress(redis.RedisError):
            return self.ask(port, *words)
        return None

    def _trust(self) -> dict[str, Any]:
        return {"ssl": True, "ssl_ca_certs": str(self.home / "cert")} if self.is_tls else {}

    def _tls(self, port: int) -> dict[str, str]:
        files = {"tls-cert-file": "cert", "tls-key-file": "key", "tls-ca-cert-file": "cert"}
        options = {name: str(self.home / file) for name, file in files.items()}
        return {"port": "0", "tls-port": str(port), "tls-auth-clients": "no", "tls-replication": "yes", **options}

    def _named_by(self, port: int) -> int:
        told = self.try_to_ask(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
        return int(told[1]) if told else 0

    def _is_linked(self, port: int) -> bool:
        return bool(self.ask(port, "ROLE")[3] == b"connected")

    def _hurries(self, port: int) -> bool:
        words = [word for name, period in QUICK.items() for word in (name, str(period))]
        try:
            self.ask(port, "SENTINEL", "DEBUG", *words)
        except redis.ResponseError:  # an older one takes its time
            pass
        except redis.RedisError:
            return False
        return True

    def _store(self, number: int, port: int) -> list[str]:
        home = self.home / f"store{number}"
        home.mkdir()
        options = {"port": str(port), "bind": "127.0.0.1", "dir": str(home), "save": "", "appendonly": "yes"}
        options |= {"repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1", "maxmemory": "1gb"}
        options |= {"requirepass": self.password, "masterauth": self.password} if self.password else {}
        options |= self.settings | (self._tls(port) if self.is_tls else {})
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [server_binary(), *words, *(["--replicaof", "127.0.0.1", str(self.stores[0].port)] if number else [])]

    def _sentinel(self, number: int) -> Node:
        port, home = ports.free_port(), self.home / f"sentinel{number}"
        home.mkdir()
        listens = self._tls(port) if self.is_tls else {"port": str(port)}
        lines = [
            *(f"{name} {value}" for name, value in listens.items()),
            "bind 127.0.0.1",
            f"dir {home}",
            f"sentinel monitor {NAME} 127.0.0.1 {self.stores[0].port} 2",
        ]
        lines += [f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}", f"sentinel failover-timeout {NAME} {FAILOVER_MS}"]
        if self.password:
            lines.append(f"sentinel auth-pass {NAME} {self.password}")
        if self.sentinel_password:
            lines += [f"requirepass {self.sentinel_password}", f"sentinel sentinel-pass {self.sentinel_password}"]
        (home / "sentinel.conf").write_text("\n".join(lines) + "\n")
        return Node(port, [server_binary(), str(home / "sentinel.conf"), "--sentinel"])
