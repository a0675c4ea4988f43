"""Connections to a primary behind Redis Sentinel: they look it up as they open, and leave what is none.

Each process asks the sentinels whenever it opens a connection. What it is led to must say that it is a primary: a sentinel that
was cut off still names the old one. As soon as one connection of a process has found another primary, all its connections to
the old one are ended, so that nothing of it waits or writes there.
"""

import logging
from dataclasses import replace
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

import clock
import config
from errors import ConfigError
from state.store import haste, reasons, sentinel_url, shell, sockets
from state.store.links import hang_up
from state.store.pool import Pool
from state.store.sentinel_url import Address, joined

log = logging.getLogger("trawl.store")

#: Seconds for which a connection looks for the primary anew before it gives up, and between two looks.
PATIENCE_S, LOOK_S = 2.0, 0.1

#: Seconds for which a process that starts during a fail-over waits for its end, and between two tries.
START_S, AGAIN_S = 30.0, 3.0


class NoPrimary(redis.RedisError):
    """No primary can be used at the moment; the message says why, with the remedy."""


class _NotYet(NoPrimary, redis.ConnectionError):
    """The same, while it is worth another look."""


def is_address(url: str) -> bool:
    """Whether a URL names sentinels."""
    return url.lower().startswith(config.SENTINEL_SCHEMES)


def connect(url: str, hurried: bool = False, **options: Any) -> redis.Redis:
    """A new pool for the primary that the sentinels of `url` name; nothing is sent yet. Raises ConfigError for a wrong URL."""
    address = sentinel_url.parse(url)
    kind = _Tls if address.is_tls else _Tcp
    made = {**address.store, **options, "connection_class": kind}
    if hurried:
        made = {**haste.hurried(made), "patience_s": haste.PATIENCE_S}
        address = replace(address, asked={**address.asked, "socket_timeout": haste.GREETING_S})
    try:
        return redis.Redis(connection_pool=_Pool(address, **made))
    except (TypeError, ValueError, redis.RedisError) as exc:
        raise ConfigError(f"REDIS_URL has an option that cannot be used: {sentinel_url.option_of(exc)}") from None


def primary_of(client: Any) -> tuple[str, int] | None:
    """The primary that a client of ours was last led to; None where it is not led by sentinels, or was not yet."""
    pool = getattr(client, "connection_pool", None)
    return pool.primary if isinstance(pool, _Pool) else None


def described(url: str, client: Any) -> str:
    """Name, primary in use and sentinels, for messages; never a password."""
    try:
        address = sentinel_url.parse(url)
    except ConfigError:
        return "(REDIS_URL is wrong)"
    found = primary_of(client)
    return f"{address.shown}{f', primary {joined(found)}' if found else ''}"


def promoted_ago_s(client: Any) -> float | None:
    """Seconds since a sentinel saw the primary in use take over; None where there was no fail-over, or no sentinel."""
    pool = getattr(client, "connection_pool", None)
    if not isinstance(pool, _Pool):
        return None
    state = _state(pool.guide.sentinels[0], pool.name) or {}
    return int(state["role-reported-time"]) / 1000 if int(state.get("config-epoch", 0)) else None


def await_primary(client: Any, patience_s: float) -> None:
    """Where sentinels lead a client: wait so long until they lead it to a primary. Returns when the time is over, too."""
    end = clock.monotonic() + patience_s
    while isinstance(client.connection_pool, _Pool) and clock.monotonic() < end:
        try:
            client.ping()
            return
        except redis.AuthenticationError:
            return
        except redis.RedisError as exc:
            log.warning("%s Trying again in %g s.", exc, AGAIN_S)
            clock.wait(AGAIN_S)


# --- finding the primary ---


class _Guide(Sentinel):
    """Asks the sentinels in turn; the one that answered is asked first the next time."""

    def __init__(self, address: Address) -> None:
        # again at once where an idle connection was closed; then the next sentinel
        once: Any = Retry(NoBackoff(), 1, (redis.ConnectionError,))
        super().__init__(  # type: ignore[no-untyped-call]
            address.sentinels, sentinel_kwargs={**address.asked, "retry": once}
        )
        self.address = address

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """The primary's address. Raises _NotYet with what each sentinel said."""
        said, fix = [], ""
        for number, asked in enumerate(list(self.sentinels)):
            kept = asked.connection_pool.connection_kwargs
            at = (kept["host"], kept["port"])
            where = joined(at)
            try:
                state = _state(asked, service_name)
            except redis.RedisError as exc:
                said.append(f"{where} {_why(exc)}")
                fix = fix or reasons.remedy_of_certificate(exc) or _rule(exc, shell.sentinel_cli(self.address, at))
                continue
            if state and self.check_master_state(state, service_name):  # type: ignore[no-untyped-call]
                if number:
                    self.sentinels = [asked, *(one for one in self.sentinels if one is not asked)]
                return str(state["ip"]), int(state["port"])
            said.append(f"{where} sees it down" if state else f"{where} knows no primary of that name")
            if not state:
                fix = fix or f"give REDIS_URL the name that `{shell.sentinel_cli(self.address, at)} SENTINEL MASTERS` shows"
        fix = fix or _remedy(said, self.address.asked["ssl"])
        raise _NotYet(f"No sentinel names a living primary for {service_name}: {'; '.join(said)}. Fix: {fix}.")

    def distrust(self) -> None:
        """Ask the sentinel that answered last after the others: it named a server that is no primary."""
        self.sentinels = [*self.sentinels[1:], self.sentinels[0]]


def _state(asked: Any, name: str) -> Any:
    """What a sentinel says of the primary of that name; None where it knows none. Needs the smallest right of its user."""
    try:
        return asked.sentinel_master(name)
    except redis.ResponseError as exc:
        if "No such master" in str(exc):
            return None
        raise


def _rule(exc: redis.RedisError, cli: str) -> str:
    if not isinstance(exc, redis.exceptions.NoPermissionError):
        return ""
    return f"let the user of ?sentinel_username= ask: {cli} ACL SETUSER <user> '+sentinel|master'"


def _why(exc: redis.RedisError) -> str:
    if isinstance(exc, redis.AuthenticationError):
        return f"refuses user or password ({exc!s:.80})"
    if isinstance(exc, redis.TimeoutError):
        return "does not answer"
    if isinstance(exc, redis.ConnectionError):
        return f"cannot be reached ({exc!s:.200})"
    return f"answers: {exc!s:.120}"


def _remedy(said: list[str], is_tls: bool) -> str:
    text = " ".join(said)
    if "refuses user or password" in text:
        return "set ?sentinel_password= (and sentinel_username=) in REDIS_URL"
    if "unknown command" in text:
        return "let REDIS_URL name the sentinels, not the store; a store alone is redis://host:6379/0"
    if "sees it down" in text:
        return "none while a fail-over is under way; else start the primary, or a replica of it"
    tls = "sentinels without TLS need ?sentinel_ssl=false" if is_tls else "TLS needs rediss+sentinel://"
    return f"start the sentinels, or mend their addresses in REDIS_URL; {tls}"


# --- following it ---


class _Pool(Pool):
    """Connections to whichever server is the primary."""

    def __init__(self, address: Address, patience_s: float = PATIENCE_S, **options: Any) -> None:
        self.patience_s = patience_s
        self.name, self.guide = address.name, _Guide(address)
        self.primary: tuple[str, int] | None = None  # that a connection was led to last
        super().__init__(**options)

    def disconnect(self, inuse_connections: bool = True) -> None:
        """As redis-py's; with all connections go those to the sentinels."""
        super().disconnect(inuse_connections)
        if inuse_connections:
            for asked in self.guide.sentinels:
                asked.connection_pool.disconnect()

    def found(self, link: Any, address: tuple[str, int]) -> None:
        """A connection was led to this primary: end those that lead to another one, whoever waits on them."""
        with self._guard:
            before, self.primary = self.primary, address
            if before in (None, address):
                return
            self.era += 1
            link.era = self.era
            others = [other for other in self._links if other is not link]
        log.warning("Redis's primary is now %s; it was %s", joined(address), joined(before))
        for other in others:
            hang_up(other)

    def _new(self) -> Any:
        link = super()._new()
        link.pool = self
        return link


class _Led(sockets._Link):
    """Opens to the primary of the moment. What says that it is the wrong server is left, see state/store/sockets.py."""

    pool: _Pool
    must_be_primary = True

    def connect_check_health(self, *args: Any, **options: Any) -> None:
        """Connect to the primary, looked up anew for a while. Raises NoPrimary, which nobody retries: it has been tried."""
        link: Any = self
        if link._sock:
            return
        begun = clock.monotonic()
        while True:
            try:
                super().connect_check_health(*args, **options)  # type: ignore[misc]
                return
            except (redis.AuthenticationError, reasons.NoFreeClient, reasons.NotNow):
                raise
            except (redis.ConnectionError, redis.TimeoutError) as exc:
                problem = exc if isinstance(exc, _NotYet) else _NotYet(_unreached(exc, link))
                if clock.monotonic() - begun > self.pool.patience_s:
                    raise NoPrimary(str(problem)) from exc
                clock.wait(LOOK_S)

    def _connect(self) -> Any:
        link: Any = self
        link.host, link.port = self.pool.guide.discover_master(self.pool.name)
        return super()._connect()

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """As before, and see that it is a primary: a sentinel that was cut off still names the old one."""
        link: Any = self
        address = (link.host, link.port)
        try:
            super().on_connect_check_health(check_health)
        except reasons.WrongServer as exc:
            guide = self.pool.guide
            kept = guide.sentinels[0].connection_pool.connection_kwargs
            cli = shell.sentinel_cli(guide.address, (kept["host"], kept["port"]))
            guide.distrust()
            fix = f"none while a fail-over is under way; else {cli} SENTINEL RESET {self.pool.name}"
            raise _NotYet(f"The sentinels name {joined(address)} as primary, and it is a replica. Fix: {fix}.") from exc
        self.pool.found(self, address)


def _unreached(exc: redis.RedisError, link: Any) -> str:
    tls = "one without TLS needs redis+sentinel://" if isinstance(link, _Tls) else "one with TLS needs rediss+sentinel://"
    fix = reasons.remedy_of_certificate(exc) or (
        f"none while a fail-over is under way; else see that it runs, and that this machine reaches it at that address; {tls}"
    )
    where = joined((link.host, link.port))
    return f"The sentinels name {where} as primary, and it cannot be reached ({exc!s:.200}). Fix: {fix}."


class _Tcp(_Led, sockets.Tcp):
    """Without TLS."""


class _Tls(_Led, sockets.Tls):
    """With TLS."""
