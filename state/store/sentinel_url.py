"""The URL that names Redis Sentinels.

    redis+sentinel://[user:password@]host[:port][,host[:port]…]/NAME[/db][?option=value&…]

User and password are those of the store; `sentinel_username` and `sentinel_password` are those of the sentinels. With
rediss+sentinel:// (or `ssl=true`) both are reached over TLS; `sentinel_ssl=false` leaves the sentinels out. The `ssl_…` options
hold for both. Every other option is one of a redis:// URL, for the store. The form is the one of docket and Prefect (November
2026); the options `service_name`, `master_name` and `db` are read too, as redis-sentinel-url and Celery have them.
"""

import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import redis

from environment import redis_url
from errors import ConfigError
from state.store import sockets

#: Fits every message; it holds no @, which would be taken for the end of a password and hidden.
EXAMPLE = "redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/mymaster/0"

PORT = 26379

#: Seconds a sentinel may take to accept a connection, and to answer; then the next one is asked.
CONNECT_S, ANSWER_S = 1.0, 2.0

#: Options that the connections to the sentinels may have of their own, beside those of TLS.
ASKED = ("username", "password", "client_name", "socket_timeout", "socket_connect_timeout", "socket_keepalive", "protocol")

NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Address:
    """What such a URL says. `store` and `asked` are options of connections to the store and to the sentinels."""

    sentinels: tuple[tuple[str, int], ...]
    name: str
    store: dict[str, Any]
    asked: dict[str, Any]
    is_tls: bool = False

    @property
    def shown(self) -> str:
        """Name, database and sentinels; never a password."""
        return f"{self.name}/{self.store.get('db', 0)} ({_many('sentinel', self.sentinels)})"


def parse(url: str) -> Address:
    """Read such a URL. Raises ConfigError naming the part that is wrong, never the password."""
    try:
        redis_url.check_signs(url)
        scheme, _, rest = url.strip().partition("://")
        before, _, query = rest.partition("?")
        login, hosts, path = _parts(before, query)
        given = redis_url.pairs(query)
    except ValueError as exc:
        raise ConfigError(f"REDIS_URL {exc}.") from None
    asked = {name.removeprefix("sentinel_"): given.pop(name) for name in list(given) if name.startswith("sentinel_")}
    asked_tls = [_flag(given.pop(name, ""), name) for name in ("ssl", "tls")]
    is_tls = scheme.lower().startswith("rediss") or any(asked_tls)
    sentinel_tls = [_flag(value, f"sentinel_{name}") for name in ("ssl", "tls") if (value := asked.pop(name, ""))]
    name, db = _name_and_db(path, given)
    is_asked_tls = any(sentinel_tls) if sentinel_tls else is_tls
    shared = {key: value for key, value in given.items() if key.startswith("ssl_")}
    if shared and not (is_tls or is_asked_tls):
        raise ConfigError(f"REDIS_URL has ?{min(shared)}=, which is only for rediss+sentinel://.")
    store = _store(login, db, given, is_tls)
    return Address(_hosts(hosts), name, store, _asked(asked, shared, is_asked_tls), is_tls)


def _parts(before: str, query: str) -> tuple[str, str, str]:
    """Login with its @, sentinels, and what stands behind them. Raises ValueError where a sign stands in a password as it is."""
    if "@" in query and "/" not in before:
        raise ValueError("has a ? before its @: in a password write ? as %3F, in an option write @ as %40")
    login, at, place = before.rpartition("@")
    if "," in login or ";" in login:
        raise ValueError("names a login more than once: it stands before the first sentinel (in it , is %2C and ; is %3B)")
    if "/" in login:
        raise ValueError("has a / before its @: in a password write / as %2F")
    hosts, _, path = place.partition("/")
    return login + at, hosts, path


def _store(login: str, db: int, given: dict[str, str], is_tls: bool) -> dict[str, Any]:
    """What connections to the store are made with, but where it is."""
    options = {key: value for key, value in given.items() if is_tls or not key.startswith("ssl_")}
    try:
        made = sockets.options(f"{'rediss' if is_tls else 'redis'}://{login}store/{db}?{_written(options)}")
    except ValueError as exc:
        raise ConfigError(f"REDIS_URL {exc}.") from None
    return {key: value for key, value in made.items() if key not in ("host", "port")}


def _name_and_db(path: str, given: dict[str, str]) -> tuple[str, int]:
    """NAME/db; the name may also be an option, as other systems have it."""
    named = [given.pop(option) for option in ("service_name", "master_name") if option in given]
    parts = [urllib.parse.unquote(part) for part in path.split("/") if part]
    if len(named) > 1 or (named and parts and not parts[0].isdecimal()):
        raise ConfigError("REDIS_URL names the primary twice.")
    parts = named + parts
    if "db" in given and len(parts) > 1:
        raise ConfigError("REDIS_URL has db twice: before and behind the ?.")
    db = given.pop("db", parts.pop(1) if len(parts) > 1 else "0")
    if not parts or len(parts) > 1 or not NAME.fullmatch(parts[0]):
        raise ConfigError(f"REDIS_URL must name the primary after the sentinels, as its sentinels call it; e.g. {EXAMPLE}")
    if not (db.isascii() and db.isdigit() and int(db) < redis_url.MAX_DB):
        raise ConfigError(f"REDIS_URL names the database {db!r:.40}, which is no number; e.g. {EXAMPLE}")
    return parts[0], int(db)


def _hosts(text: str) -> tuple[tuple[str, int], ...]:
    found = []
    for one in text.split(","):
        try:
            read = redis_url.host_and_port(one.strip())
        except ValueError:
            raise ConfigError(f"REDIS_URL must name sentinels as host:port, between commas; e.g. {EXAMPLE}") from None
        found.append((read["host"], read.get("port", PORT)))
    return tuple(found)


def _asked(given: dict[str, str], shared: dict[str, str], is_tls: bool) -> dict[str, Any]:
    """Options of connections to the sentinels, as redis-py takes them, each checked."""
    other = [name for name in given if name not in ASKED and not name.startswith("ssl_")]
    if other:
        shown = other[0] if re.fullmatch("[a-z_]{1,40}", other[0]) else "***"
        known = ", ".join(f"sentinel_{name}" for name in ASKED)
        raise ConfigError(f"REDIS_URL has an option ?sentinel_{shown}= that there is not: there are {known} and sentinel_ssl_…")
    options = {**(shared if is_tls else {}), **given}
    try:
        address = redis_url.parse(f"{'rediss' if is_tls else 'redis'}://sentinel/0?{_written(options)}")
        sockets.check_files(address.options)
    except ValueError as exc:
        words = re.sub(r"\?([a-z_]+)=", lambda found: f"?{'sentinel_' if found[1] in given else ''}{found[1]}=", str(exc))
        raise ConfigError(f"REDIS_URL {words}.") from None
    login = {"username": address.username, "password": address.password}
    limits = {"socket_timeout": ANSWER_S, "socket_connect_timeout": CONNECT_S}
    return {**limits, **{key: value for key, value in login.items() if value}, **address.options, "ssl": is_tls}


def _written(options: dict[str, str]) -> str:
    return urllib.parse.urlencode(options, quote_via=urllib.parse.quote)


def option_of(exc: Exception) -> str:
    """What of redis-py's words about an option is safe to show: the option's name."""
    named = re.search(r"'([a-z_]+)'", str(exc))
    return named[1] if named else str(exc) if isinstance(exc, redis.RedisError) else "see its end, after the ?"


def _flag(text: str, name: str) -> bool:
    if text.lower() in ("", "0", "false", "no", "off"):
        return False
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    raise ConfigError(f"REDIS_URL: {name} must be true or false, not {text!r:.40}")


def joined(address: tuple[str, int]) -> str:
    """host:port."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _many(word: str, addresses: Iterable[tuple[str, int]]) -> str:
    shown = [joined(address) for address in addresses]
    return f"{word}{'s' if len(shown) > 1 else ''} {', '.join(shown)}"
