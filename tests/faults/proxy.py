"""A TCP proxy between a program and its Redis that can go silent, be cut, and lead new connections elsewhere.

with proxy.opened(target_port) as link:      # programs connect to link.url
    link.silence()                           # every open connection stays open, and nothing passes any more
    link.lead_to(other_port)                 # new connections go there; the old ones stay where they are
    link.cut()                               # every open connection is reset
"""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(eq=False)
class Pair:
    """One connection: the client's end and the server's."""

    client: socket.socket
    server: socket.socket
    silent: bool = False
    target: int = 0

    def close(self) -> None:
        """Close both ends."""
        for end in (self.client, self.server):
            with suppress(OSError):
                end.close()


@dataclass
class Proxy:
    """Listens on a port of its own; all work is done by one thread."""

    target: int
    refuses: bool = False  # new connections are closed at once
    pairs: list[Pair] = field(default_factory=list)
    taken: int = 0  # connections, ever

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def silence(self) -> int:
        """Forward nothing any more on the connections that are open; says how many those are. New ones work."""
        with self._lock:
            for pair in self.pairs:
                pair.silent = True
            return len(self.pairs)

    def lead_to(self, target: int) -> None:
        """Let new connections go to that port."""
        self.target = target

    def cut(self) -> int:
        """Close every open connection; says how many those were."""
        with self._lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            pair.close()
        return len(pairs)

    def open_to(self, target: int) -> int:
        """Connections that lead to that port and are not silent."""
        with self._lock:
            return sum(pair.target == target and not pair.silent for pair in self.pairs)

    def close(self) -> None:
        """End all of it."""
        self._over.set()
        self._thread.join()
        self._listener.close()
        self.cut()

    def _run(self) -> None:
        while not self._over.is_set():
            with self._lock:
                ends = {end: pair for pair in self.pairs if not pair.silent for end in (pair.client, pair.server)}
            try:
                ready = select.select([self._listener, *ends], [], [], 0.02)[0]
            except (OSError, ValueError):  # one was closed meanwhile
                continue
            for end in ready:
                if end is self._listener:
                    self._take()
                else:
                    self._forward(ends[end], end)

    def _take(self) -> None:
        client = self._listener.accept()[0]
        self.taken += 1
        try:
            if self.refuses:
                raise ConnectionRefusedError
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(5)
        with self._lock:
            self.pairs.append(Pair(client, server, target=self.target))

    def _forward(self, pair: Pair, end: socket.socket) -> None:
        if pair.silent:
            return
        try:
            data = end.recv(65536)
            if data:
                (pair.server if end is pair.client else pair.client).sendall(data)
                return
        except OSError:
            pass
        pair.close()
        with self._lock:
            if pair in self.pairs:
                self.pairs.remove(pair)


@contextmanager
def opened(target: int) -> Iterator[Proxy]:
    """A proxy to that port of this machine."""
    made = Proxy(target)
    try:
        yield made
    finally:
        made.close()
