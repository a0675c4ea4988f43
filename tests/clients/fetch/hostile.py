"""A web server that misbehaves: each path has its own way. Raw sockets, because no library writes such answers."""

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import brotli

MIB = 1024 * 1024

Talk = Callable[[socket.socket], None]


def page(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole, correct answer."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location: str, *headers: str, status: str = "302 Found") -> bytes:
    return page(b"", f"Location: {location}", *headers, status=status)


@dataclass
class Server:
    """`ways` maps a path to the bytes of an answer, or to what happens on the connection after the request."""

    ways: dict[str, bytes | Talk]
    context: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0
    names: list[str | None] = field(default_factory=list)  # of TLS (SNI)
    port: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.context else 'http'}://{host}:{self.port}"

    def at(self, host: str) -> str:
        """The URL of this server under another name."""
        return f"{'https' if self.context else 'http'}://{host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.heard]

    def header(self, name: str, number: int = -1) -> str | None:
        """A header of a request that was heard."""
        for line in self.heard[number].decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                self.connections += 1
                thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
                self._threads.append(thread)
                self._open.append(connection)
                thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self.context is not None:
                self.context.sni_callback = lambda _, name, __: self.names.append(name)
                connection = self.context.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            with connection:
                while self._answer(connection):
                    pass

    def _answer(self, connection: socket.socket) -> bool:
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(65536)
            if not data:
                return False
            request += data
        self.heard.append(request)
        path = request.split(b" ")[1].decode("latin-1").partition("?")[0]
        way = self.ways.get(path, page(b"nothing here", status="404 Not Found"))
        if callable(way):
            way(connection)
            return False
        connection.sendall(way)
        return b"Connection: close" not in way

    def hang_up(self) -> None:
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join()


@contextlib.contextmanager
def serving(ways: Mapping[str, bytes | Talk], context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """Such a server on loopback, at a port of its own."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)
    server = Server(dict(ways), context, host, port=listener.getsockname()[1])
    thread = threading.Thread(target=server.accept, args=(listener,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        server.hang_up()


def endless(head: bytes, piece: bytes, pause_s: float = 0.0) -> Talk:
    """`head`, then `piece` again and again, until the other side goes away."""
    gone = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while not gone.wait(pause_s) if pause_s else True:
            connection.sendall(piece)

    return talk


def silent(connection: socket.socket) -> None:
    """Say nothing until the other side goes away."""
    connection.recv(1)


def gzipped(size: int) -> bytes:
    """`size` bytes of nothing, packed: one MiB is packed, and stands there as often as it takes."""
    packer, nothing, crc = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS), bytes(MIB), 0
    block = packer.compress(nothing) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(size // MIB):
        crc = zlib.crc32(nothing, crc)
    head, tail = b"\x1f\x8b\x08" + bytes(6) + b"\xff", struct.pack("<II", crc, size)
    return head + block * (size // MIB) + packer.flush() + tail


def brotlied(size: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join([*(packer.process(bytes(MIB)) for _ in range(size // MIB)), packer.finish()])


def layered(size: int, layers: int) -> bytes:
    packed = gzipped(size)
    for _ in range(layers - 1):
        packed = gzip.compress(packed, mtime=0)
    return packed
