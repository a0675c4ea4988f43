"""The address of an embedded server, and the file in which other processes find it."""

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
REPLY_S = 1.0


@dataclass(frozen=True)
class Endpoint:
    """Address, secret and process of one embedded server."""

    port: int
    password: str
    pid: int

    @property
    def url(self) -> str:
        """For any Redis client."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    @property
    def has_process(self) -> bool:
        """Whether its process lives. The server is not asked."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def ask(self) -> bytes:
        """The server's replies to AUTH, CONFIG GET dir and PING, in one; empty if no server answers."""
        try:
            with socket.create_connection((HOST, self.port), timeout=REPLY_S) as connection:
                connection.sendall(f"AUTH {self.password}\r\nCONFIG GET dir\r\nPING\r\nQUIT\r\n".encode())
                return b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError:
            return b""


def read(home: Path) -> Endpoint | None:
    """The content of `server.json` in this folder; None if there is no such file. The server may have ended."""
    try:
        known: dict[str, Any] = json.loads((home / "server.json").read_text("utf-8"))
        return Endpoint(int(known["port"]), str(known["password"]), int(known["pid"]))
    except (OSError, ValueError, KeyError, TypeError):  # also another program's file
        return None


def write(home: Path, endpoint: Endpoint) -> None:
    """Write the file for other processes of this user."""
    write_private(home / "server.json", json.dumps({"url": endpoint.url, **asdict(endpoint)}) + "\n")


def forget(home: Path, endpoint: Endpoint) -> None:
    """Take the file away, unless another server has written its own meanwhile."""
    known = read(home)
    if known and known.pid == endpoint.pid:
        (home / "server.json").unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read; whoever reads it sees the whole old or the whole new text."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
