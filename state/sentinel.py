"""Connections to a primary behind Redis Sentinel: they look it up as they open, and leave what is none.

Each process asks the sentinels whenever it opens a connection. What it is led to must say that it is a primary: a sentinel that
was cut off still names the old one. As soon as one connection of a process has found another primary, all its connections to
the old one are ended, so that nothing of it waits or writes there.
"""

import logging
import os
import socket
import weakref
from contextlib import suppress
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection

from errors import ConfigError
from state import sentinel_url, sockets
from state.sentinel_url import Address, joined

log = logging.getLogger("trawl.store")

#: First words of answers that say: not from this server, not now. The primary is looked up again.
WRONG_SERVER = ("READONLY", "MASTERDOWN", "NOREPLICAS", "UNBLOCKED", "LOADING")


class NoPrimary(redis.ConnectionError):
    """No primary can be used at the moment; the message says why, with the remedy."""


def is_address(url: str) -> bool:
    """Whether a URL names sentinels."""
    return url.lower().startswith(sentinel_url.SCHEMES)


def connect(url: str, **options: Any) -> redis.Redis:
    """A new pool for the primary that the sentinels of `url` name; nothing is sent yet. Raises ConfigError for a wrong URL."""
    address = sentinel_url.parse(url)
    kind = _Tls if address.is_tls else _Tcp
    try:
        guide = _Guide(address)
        pool = _Pool(address.name, guide, connection_class=kind, **{**options, **address.store})
        kind(**{**pool.connection_kwargs, "host": "", "port": 0})  # says what it does not take before anything is sent
    except (TypeError, ValueError, redis.RedisError) as exc:
        raise ConfigError(f"REDIS_URL has an option that cannot be used: {sentinel_url.option_of(exc)}") from None
    return redis.Redis.from_pool(pool)


def primary_of(client: Any) -> tuple[str, int] | None:
    """The primary that a client of ours was last led to; None where it is not led by sentinels, or was not yet."""
    pool = getattr(client, "connection_pool", None)
    return pool.master_address if isinstance(pool, _Pool) else None


def described(url: str, client: Any) -> str:
    """Name, primary in use and sentinels, for messages; never a password."""
    try:
        address = sentinel_url.parse(url)
    except ConfigError:
        return "(REDIS_URL is wrong)"
    found = primary_of(client)
    return f"{address.shown}{f', primary {joined(found)}' if found else ''}"


# --- finding the primary ---


class _Guide(Sentinel):
    """Asks the sentinels in turn; the one that answered is asked first the next time."""

    def __init__(self, address: Address) -> None:
        once = Retry(NoBackoff(), 1)  # again at once where an idle connection was closed; then the next sentinel
        super().__init__(  # type: ignore[no-untyped-call]
            address.sentinels, sentinel_kwargs={**address.asked, "retry": once}
        )
        self.address = address

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """The primary's address. Raises NoPrimary with what each sentinel said."""
        said = []
        for number, asked in enumerate(list(self.sentinels)):
            kept = asked.connection_pool.connection_kwargs
            where = joined((kept["host"], kept["port"]))
            try:
                known: Any = asked.sentinel_masters()
            except redis.RedisError as exc:
                said.append(f"{where} {_why(exc)}")
                continue
            state = known.get(service_name)
            if state and self.check_master_state(state, service_name):  # type: ignore[no-untyped-call]
                if number:
                    self.sentinels = [asked, *(one for one in self.sentinels if one is not asked)]
                return str(state["ip"]), int(state["port"])
            said.append(f"{where} sees it down" if state else f"{where} knows no primary of that name")
        raise NoPrimary(f"No sentinel names a living primary for {service_name}: {'; '.join(said)}. Fix: {_remedy(said)}.")

    def distrust(self) -> None:
        """Ask the sentinel that answered last after the others: it named a server that is no primary."""
        self.sentinels = [*self.sentinels[1:], self.sentinels[0]]


def _why(exc: redis.RedisError) -> str:
    if isinstance(exc, redis.AuthenticationError):
        return f"refuses user or password ({exc!s:.80})"
    if isinstance(exc, redis.TimeoutError):
        return "does not answer"
    if isinstance(exc, redis.ConnectionError):
        return f"cannot be reached ({exc!s:.120})"
    return f"answers: {exc!s:.120}"


def _remedy(said: list[str]) -> str:
    text = " ".join(said)
    if "refuses user or password" in text:
        return "set ?sentinel_password= (and sentinel_username=) in REDIS_URL"
    if "knows no primary" in text:
        return "give REDIS_URL the name that `redis-cli -p 26379 SENTINEL MASTERS` shows"
    if "unknown command" in text:
        return "let REDIS_URL name the sentinels, not the store; a store alone is redis://host:6379/0"
    if "sees it down" in text:
        return "none while a fail-over is under way; else start the primary, or a replica of it"
    return "start the sentinels, or mend their addresses in REDIS_URL; TLS needs rediss+sentinel://"


# --- following it ---


class _Pool(SentinelConnectionPool):
    """Connections to whichever server is the primary."""

    def __init__(self, name: str, guide: _Guide, **options: Any) -> None:
        self._opened: weakref.WeakSet[Any] = weakref.WeakSet()
        self._last: tuple[str, int] | None = None
        super().__init__(name, guide, **options)  # type: ignore[no-untyped-call]

    def make_connection(self) -> Any:
        """As redis-py's; it is ended when another primary is found."""
        made = super().make_connection()
        self._opened.add(made)
        return made

    def reset(self) -> None:
        """After a fork: what was open belongs to the parent."""
        self._opened = weakref.WeakSet()
        super().reset()  # type: ignore[no-untyped-call]

    def found(self, address: tuple[str, int]) -> None:
        """A connection was led to this primary: end those that lead to another one, whoever waits on them."""
        before, self._last = self._last, address
        if before in (None, address) or self.pid != os.getpid():
            return
        log.warning("Redis's primary is now %s; it was %s", joined(address), joined(before))
        for one in list(self._opened):
            opened = one._sock
            if opened is not None and (one.host, one.port) != address:
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)


class _Led(SentinelManagedConnection):
    """Opens to the primary of the moment, and leaves a server that says it is the wrong one."""

    def connect_to(self, address: tuple[str, int]) -> None:
        """Connect, and see that it is a primary."""
        super().connect_to(address)  # type: ignore[no-untyped-call]
        if self._replies_as_replica():
            self.disconnect()  # type: ignore[no-untyped-call]
            self.connection_pool.sentinel_manager.distrust()
            fix = (
                f"none while a fail-over is under way; else redis-cli -p 26379 SENTINEL RESET {self.connection_pool.service_name}"
            )
            raise NoPrimary(f"The sentinels name {joined(address)} as primary, and it is a replica. Fix: {fix}.")
        pool = self.connection_pool.connection_pool_ref()
        if pool is not None:
            pool.found(address)

    def _replies_as_replica(self) -> bool:
        self.send_command("INFO", "replication")  # type: ignore[no-untyped-call]
        try:
            told = self.read_response()
        except redis.ResponseError:  # our user may not ask: its writes will tell
            return False
        return b"role:slave" in (told if isinstance(told, bytes) else str(told).encode())

    def read_response(self, *args: Any, **options: Any) -> Any:
        """As redis-py's; an answer that says "wrong server" ends the connection, so that the next one is looked up anew."""
        try:
            return super().read_response(*args, **options)
        except redis.ResponseError as exc:
            text = str(exc)
            if not (text.startswith(WRONG_SERVER) or isinstance(exc, redis.ReadOnlyError) or "-READONLY" in text):
                raise
            self.disconnect()  # type: ignore[no-untyped-call]
            raise NoPrimary(_about(exc, joined((self.host, self.port)))) from exc


def _about(exc: redis.ResponseError, where: str) -> str:
    if "NOREPLICAS" in str(exc) or "good replicas" in str(exc):
        return f"{where} takes no writes: fewer replicas follow it than min-replicas-to-write asks for. Fix: start its replicas."
    return f"{where} is not the primary any more ({exc!s:.60}). Fix: none while a fail-over is under way."


class _Tcp(_Led, sockets.Tcp):
    """Without TLS."""


class _Tls(_Led, redis.SSLConnection):
    """With TLS."""
