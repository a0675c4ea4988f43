"""The web process: waitress in a loop of our own, which ends politely.

Waitress reads whole requests in one thread and answers each in a thread of its pool: a slow sender holds no thread. At SIGTERM
nothing new is accepted. Whoever holds a request for long is told (web/stopping.py), requests in hand are finished, and the
process ends with 0. A second signal ends it at once.
"""

import logging
import resource
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

import clock
import config
from errors import ConfigError
from web import stopping
from web.channels import Server

log = logging.getLogger("trawl.web")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

#: Connections at a time, and files this process may open for them.
CONNECTIONS, FILES = 1000, 4096

#: Seconds a connection may be quiet, and between two looks for such. Proxies and load balancers keep idle connections for 60 s:
#: one that we closed before would now and then lose a request of theirs (502).
QUIET_S, LOOK_S = 75, 5

#: Seconds for requests in hand at SIGTERM, and for such that are still arriving.
GRACE_S, ARRIVING_S = 25.0, 2.0

#: Seconds the loop waits for something to happen.
POLL_S = 0.5


class Runner:
    """Sockets, threads and loop of one web process."""

    def __init__(self, app: Callable[..., Any], sockets: list[socket.socket]) -> None:
        settings = config.settings()
        self._map: dict[int, Any] = {}
        self._dispatcher = ThreadedTaskDispatcher()
        self._dispatcher.set_thread_count(settings.web_threads)
        adjustments = Adjustments(
            sockets=sockets,
            threads=settings.web_threads,
            connection_limit=CONNECTIONS,
            channel_timeout=QUIET_S,
            cleanup_interval=LOOK_S,
            channel_request_lookahead=1,  # a client that leaves is noticed while its request runs
            max_request_body_size=settings.web_max_body_kb * 1024 + 1,
            max_request_header_size=64 * 1024,
            clear_untrusted_proxy_headers=False,  # web/urls.py believes as many as TRUSTED_PROXIES says
            log_socket_errors=False,
            ident=None,
        )
        self._servers = [self._server(app, one, adjustments) for one in sockets]
        self._signals = 0

    def _server(self, app: Callable[..., Any], one: socket.socket, adjustments: Adjustments) -> Server:
        found = (one.family, one.type, one.proto, one.getsockname())
        options = {"dispatcher": self._dispatcher, "adj": adjustments, "bind_socket": False, "sockinfo": found}
        return Server(app, self._map, True, one, **options)

    def run(self) -> int:
        """Serve until SIGTERM or Ctrl-C; returns the exit code."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        while not self._signals:
            self._turn(POLL_S)
        log.info("Ending: requests in hand are finished")
        for server in self._servers:
            server.stop_listening()
        stopping.begin()
        self._finish()
        self._dispatcher.shutdown(timeout=0)
        for number in STOP_SIGNALS:  # one that comes while Python ends changes nothing
            signal.signal(number, signal.SIG_IGN)
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        self._servers[0].pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _finish(self) -> None:
        """Answer what is in hand, until it is done, its time is up, or a second signal arrives."""
        begun = clock.monotonic()
        while self._signals < 2 and (passed := clock.monotonic() - begun) < GRACE_S:
            for channel in self._channels():
                if channel.is_idle and (not channel.begun or passed > ARRIVING_S):
                    channel.handle_close()
            if not self._channels():
                return
            self._turn(0.1)
        log.warning("Ended with %d connections in use", len(self._channels()))

    def _channels(self) -> list[Any]:
        return [channel for server in self._servers for channel in server.active_channels.values()]


def bare(host: str) -> str:
    """The address without the brackets that it has in a URL: `[::]` is `::`."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that are bound to this address. Raises ConfigError where that is impossible, with the setting to change."""
    try:
        found = socket.getaddrinfo(bare(host), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigError(f"WEB_HOST={host} is no address of this machine: set 127.0.0.1, or 0.0.0.0 for all") from None
    sockets = []
    try:
        for family, kind, number, _, address in dict.fromkeys(found):
            one = socket.socket(family, kind, number)
            sockets.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, len(found) > 1)
            one.bind(address)
    except OSError as exc:
        for one in sockets:
            one.close()
        raise ConfigError(_refused(host, port, exc)) from None
    return sockets


def _refused(host: str, port: int, exc: OSError) -> str:
    if isinstance(exc, PermissionError):
        return f"PORT={port} may not be used by this user: set PORT to one from 1024 on, or let a proxy listen there"
    if "in use" in str(exc):
        return f"PORT={port} is taken on {host}: end the program that listens there, or set PORT to another one"
    return f"WEB_HOST={host} cannot be listened on ({exc.strerror}): set 127.0.0.1, or 0.0.0.0 for all addresses"


def raise_file_limit() -> None:
    """Let this process open enough files for its connections, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
