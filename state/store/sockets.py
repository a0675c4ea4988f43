"""Connections as we want them: the kernel keeps their time limit, silence is noticed, and a server that takes no writes is left.

With a limit of its own, Python asks poll() before each send and each receive, and lets go of the interpreter twice as often. Over
one round trip to a near server that is a sixth of its time, and inside a busy process it is two more waits for the interpreter.
"""

import os
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

import redis
from redis.maint_notifications import MaintNotificationsConfig

import clock
import config
from environment import redis_url
from state.store import reasons

#: Seconds a reply may take, and a command to be taken off our hands, unless REDIS_URL says `?socket_timeout=`.
#: Every script is safe to send again, so redis-py may retry.
REPLY_TIMEOUT_S = 10.0

#: Seconds until a server must have taken a connection, unless REDIS_URL says `?socket_connect_timeout=`.
CONNECT_TIMEOUT_S = 5.0

#: A connection that was quiet for so long (s; IDLE_POLL_INTERVAL where that is longer) is tried with a PING before it is used.
#: One that does not answer is made anew.
QUIET_S, PROBE_S = 15, 1.0

#: When the kernel asks whether a quiet other side still lives (s), how often, and how many times in vain.
KEEP_IDLE_S, KEEP_EVERY_S, KEEP_TRIES = 30, 5, 3

#: Milliseconds after which the kernel gives up data that the other side does not confirm.
UNCONFIRMED_MS = 30_000


def _nothing(link: Any) -> None:
    """For a connection outside a pool of ours."""


class _Link:
    """What all our connections do. `era` numbers the time it was made in: see state/pool.py.

    `socket_timeout` is not asked: RQ's worker raises it for all connections of its pool.
    """

    era = -1
    must_be_primary = False  # else ALLOW_UNSAFE_REDIS lets a replica pass
    current_era: Callable[[], int] = staticmethod(lambda: 0)
    left: Callable[[Any], None] = staticmethod(_nothing)  # what to do when the server turns out wrong or silent
    is_left = False  # this process has ended it, see state/store/links.py
    _last_words = b""
    _greeted = False  # the server has answered on the connection that is open, or was the last one

    def __init__(self, *args: Any, reply_timeout_s: float, greeting_timeout_s: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reply_timeout_s, self._greeting_timeout_s = reply_timeout_s, greeting_timeout_s or reply_timeout_s

    def _connect(self) -> socket.socket:
        self.era, self._last_words, self._greeted, self.is_left = self.current_era(), b"", False, False
        try:
            connected: socket.socket = super()._connect()  # type: ignore[misc]
        except UnicodeError as exc:
            raise OSError(f"idna: {exc}") from exc  # a host that no name can be
        self.next_health_check = clock.monotonic() + self.health_check_interval  # type: ignore[attr-defined]
        if connected.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNCONFIRMED_MS)
        self._limit(connected, self._greeting_timeout_s)
        return connected

    def _limit(self, connected: socket.socket, seconds: float) -> None:
        connected.settimeout(seconds)

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """As redis-py's greeting; a server that greets as a replica is none of ours."""
        super().on_connect_check_health(check_health=check_health)  # type: ignore[misc]
        greeting = getattr(self, "handshake_metadata", None) or {}
        role = greeting.get(b"role", b"master") if isinstance(greeting, dict) else b"master"
        if role != b"master" and (self.must_be_primary or not config.settings().allow_unsafe_redis):
            raise reasons.WrongServer(f"READONLY it is a {role.decode(errors='replace')}")
        self._greeted = True
        if self._greeting_timeout_s != self._reply_timeout_s:
            self._limit(self._sock, self._reply_timeout_s)  # type: ignore[attr-defined]

    def check_health(self) -> None:
        """Before a command: see whether a connection that was quiet for a while still has a server at its other end."""
        if self.health_check_interval and clock.monotonic() > self.next_health_check:  # type: ignore[attr-defined]
            self._probe()

    def _probe(self) -> None:
        link: Any = self
        try:
            self._limit(link._sock, min(PROBE_S, self._reply_timeout_s))
            link.send_command("PING", check_health=False)
            link.read_response()
            self._limit(link._sock, self._reply_timeout_s)
        except (redis.ConnectionError, redis.TimeoutError, OSError):
            link.disconnect()
            link.connect_check_health(check_health=False)

    def disconnect(self, *args: Any, **kwargs: Any) -> None:
        """As redis-py's; what the server said before it hung up is kept: it is the reason."""
        hung_up: Any = getattr(self, "_sock", None)
        if hung_up is not None and type(hung_up) is socket.socket and os.getpid() == getattr(self, "pid", 0):
            try:
                hung_up.settimeout(0)  # a limit of Python's own would be waited for, whatever recv is told
                self._last_words = hung_up.recv(512)
            except (OSError, ValueError):
                self._last_words = b""
        super().disconnect(*args, **kwargs)  # type: ignore[misc]

    def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().send_packed_command(*args, **kwargs)  # type: ignore[misc]
        except (redis.ConnectionError, redis.TimeoutError) as exc:
            raise self._named(exc) from exc

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().read_response(*args, **kwargs)  # type: ignore[misc]
        except (redis.ConnectionError, redis.TimeoutError) as exc:
            raise self._named(exc) from exc
        except redis.ResponseError as exc:
            wrong = reasons.connection_error(exc)
            if wrong is None:
                raise
            if isinstance(wrong, reasons.WrongServer):
                self.left(self)
            raise wrong from exc

    def _named(self, exc: redis.RedisError) -> redis.RedisError:
        """The kernel says of a limit that was reached what it says of a socket that would block."""
        if isinstance(exc.__context__, BlockingIOError) or isinstance(exc, redis.TimeoutError):
            if self._greeted:
                self.left(self)
            if "connecting" in str(exc):
                return exc
            return redis.TimeoutError(f"no answer within {self._reply_timeout_s:g} s")
        if self.is_left:
            return redis.ConnectionError(reasons.LEFT)
        said, self._last_words = self._last_words, b""
        if said.startswith(b"-"):
            exc = redis.ConnectionError(said.split(b"\r\n")[0][1:].decode(errors="replace"))
        return reasons.connection_error(exc) or exc


class _Limited(_Link):
    """Puts the limit on the socket itself; what outlasts it raises redis.TimeoutError.

    A signal that is handled begins it anew.
    """

    def _limit(self, connected: socket.socket, seconds: float) -> None:
        whole, part = divmod(seconds, 1)
        limit = struct.pack("@ll", int(whole), round(part * 1e6))  # struct timeval
        try:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connected.setsockopt(socket.SOL_SOCKET, option, limit)
        except OSError:  # a system that lays out its timeval in another way: Python keeps the limit, a little slower
            connected.settimeout(seconds)
            return
        connected.settimeout(None)


class Tcp(_Limited, redis.Connection):
    """To redis://."""


class Unix(_Limited, redis.UnixDomainSocketConnection):
    """To unix://."""


class Tls(_Link, redis.SSLConnection):
    """To rediss://. Python keeps the limit: its TLS library needs that."""

    def _wrap_socket_with_ssl(self, sock: socket.socket) -> Any:
        limit_s = sock.gettimeout()
        sock.settimeout(self.socket_connect_timeout)  # a server without TLS waits for more, and so would we
        try:
            wrapped = super()._wrap_socket_with_ssl(sock)  # type: ignore[no-untyped-call]
        except TimeoutError as exc:
            raise OSError("SSL: no answer to the TLS greeting") from exc
        wrapped.settimeout(limit_s)
        return wrapped


KINDS: dict[str, type[_Link]] = {"redis": Tcp, "rediss": Tls, "unix": Unix}


def options(url: str) -> dict[str, Any]:
    """What a connection to this URL is made with. Raises ValueError as redis_url.parse, and for a file that is not there."""
    address = redis_url.parse(url)
    given: dict[str, Any] = {**address.options}
    check_files(given)
    limit_s = given.get("socket_timeout", REPLY_TIMEOUT_S)
    made = {
        "socket_timeout": limit_s,
        "reply_timeout_s": limit_s,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "health_check_interval": max(QUIET_S, round(config.settings().idle_poll_interval)),
        "db": address.db,
        "username": address.username,
        "password": address.password,
        "driver_info": None,  # two commands less for each connection
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
        "connection_class": KINDS[address.scheme],
    }
    if address.scheme == "unix":
        return {**made, "path": address.path, **given}
    return {**made, "host": address.host, "port": address.port, "socket_keepalive": True, **_keepalive(), **given}


def check_files(given: Mapping[str, Any]) -> None:
    """Raises ValueError where options name a file of TLS that is not there or not ours to read."""
    for name in ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"):
        if name in given and not os.access(given[name], os.R_OK):
            raise ValueError(f"has ?{name}={given[name]}, which is not there or not ours to read")


def _keepalive() -> dict[str, Any]:
    """Where the system has them by these names; macOS calls the first TCP_KEEPALIVE."""
    idle = "TCP_KEEPIDLE" if hasattr(socket, "TCP_KEEPIDLE") else "TCP_KEEPALIVE"
    wanted = {idle: KEEP_IDLE_S, "TCP_KEEPINTVL": KEEP_EVERY_S, "TCP_KEEPCNT": KEEP_TRIES}
    return {"socket_keepalive_options": {getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)}}
