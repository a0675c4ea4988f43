"""REDIS_URL, read strictly: each part is used as it is written, or refused with the reason. Nothing is guessed or ignored.

    redis://[user:password@]host[:port][/db][?option=…]      rediss:// is the same over TLS
    unix://[user:password@]/path/of/the/socket[?db=0&option=…]

A character that has a meaning in a URL is written as % and two digits: %2F for /, %40 for @, %23 for #, %3F for ?, %25 for %.
No message quotes a text that may be part of a password.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from environment import as_written, foreign_settings

SCHEMES = ("redis", "rediss", "unix")

#: Schemes of other systems → ours. An https:// address of a host is its REST interface, which no Redis client speaks.
MEANT = {
    **dict.fromkeys(("valkey", "redis+tcp"), "redis://"),
    **dict.fromkeys(("valkeys", "redis+tls", "redis+ssl", "https"), "rediss://"),
    **dict.fromkeys(("redis+socket", "redis+unix", "redis-socket", "unix+redis", "redis+file"), "unix://"),
}

#: The example of every message. It holds no @: the log would hide the text before an @ as a password.
EXAMPLE = "redis://127.0.0.1:6379/0"

#: Fewest connections of one process: one for leases, one for wake-ups, one for RQ's commands, two for jobs.
MIN_CONNECTIONS = 5

PORT, MAX_DB = 6379, 1 << 31

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?")

#: Values of ssl_cert_reqs; constants of Python and Celery, and Heroku's None, are read as these.
_CERT_REQS = {"none": "none", "optional": "optional", "required": "required"}

_YES, _NO = ("1", "true", "yes", "on", "t", "y"), ("0", "false", "no", "off", "f", "n")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server. `options` are the options behind the `?`, without `db`, as redis-py takes them."""

    scheme: str
    host: str = ""
    port: int = PORT
    path: str = ""
    db: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def where(self) -> str:
        """The address for messages: no user, no password, no options."""
        if self.scheme == "unix":
            return f"{self.path}?db={self.db}"
        return f"{bracketed(self.host)}:{self.port}/{self.db}"


def bracketed(host: str) -> str:
    """A host as a URL takes it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def is_ipv6(host: str) -> bool:
    """Whether the host is an IPv6 address, in brackets or not."""
    return bool(_IPV6.fullmatch(host.removeprefix("[").removesuffix("]"))) and host.count(":") > 1


def check_host(host: str) -> None:
    """Raises ValueError if the text is no host name and no address, e.g. because it has a port or is a URL."""
    if not (is_ipv6(host) or _HOST.fullmatch(host) or host.isidentifier()):
        raise ValueError("is no host name and no address: the port belongs in REDIS_PORT, a URL in REDIS_URL")


def parse(text: str) -> Address:
    """The parts of REDIS_URL. Raises ValueError that names the fault and the right form."""
    scheme, found, rest = text.strip().partition("://")
    scheme = scheme.lower()
    if text.strip()[:1] not in ("'", '"', "$", "{") and (not found or scheme not in SCHEMES):
        meant = f"{scheme}:// is {MEANT[scheme]} here; it " if found and scheme in MEANT else ""
        raise ValueError(f"{meant}must begin with redis://, rediss://, unix:// or redis+sentinel://, e.g. {EXAMPLE}")
    check_signs(text)
    before, _, query = rest.partition("?")
    if "@" in query:
        raise ValueError("has a ? before its @: in a password write ? as %3F, in an option write @ as %40")
    read = _unix if scheme == "unix" else _network
    parts: dict[str, Any] = read(before)
    options = _options(scheme, query)
    given = {name: options.pop(name) for name in ("db", "username", "password") if name in options}
    for name in given:
        if parts.get(name) is not None:
            raise ValueError(f"has {name} twice: before and behind the ?")
    parts.update({str(name): value for name, value in given.items()})
    return Address(scheme, options=options, **{name: value for name, value in parts.items() if value is not None})


def check_signs(text: str) -> None:
    """Raises ValueError if a URL of any kind holds a sign that it may not hold unescaped."""
    text = text.strip()
    if text[:1] in ("'", '"'):
        raise ValueError("begins with a quotation mark: write it without quotes")
    as_written.refuse_unreplaced(text, anywhere=True)
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("holds a line break or another control character")
    if "#" in text:
        raise ValueError("holds a #: write it as %23")


def _network(before: str) -> dict[str, Any]:
    login, at, place = before.rpartition("@")
    if "/" in login or (not at and before.count("/") > 1):
        raise ValueError(f"has a / too many: in a password write / as %2F; the one database stands behind the port: {EXAMPLE}")
    place, slash, db = place.partition("/")
    parts = _login(login if at else None) | host_and_port(place)
    if slash and db:
        parts["db"] = _database(unquote(db))
    return parts


def host_and_port(place: str) -> dict[str, Any]:
    """The parts of `host[:port]`. Raises ValueError."""
    if place.startswith("["):
        host, closed, port = place[1:].partition("]")
        if not closed or not _IPV6.fullmatch(unquote(host)) or (port and not port.startswith(":")):
            raise ValueError("has no IPv6 address in its brackets; e.g. redis://[::1]:6379/0")
        port = port.removeprefix(":") if port else None  # type: ignore[assignment]
    else:
        if place.count(":") > 1:
            raise ValueError("has several colons in its host: an IPv6 address is written in brackets, as in redis://[::1]:6379/0")
        host, colon, port = place.partition(":")
        port = port if colon else None  # type: ignore[assignment]
        if not host:
            raise ValueError(f"names no host; e.g. {EXAMPLE}")
        if not (_HOST.fullmatch(host) or host.isidentifier()):
            raise ValueError(f"names a host that is no name and no address; e.g. {EXAMPLE}")
    if port is None:
        return {"host": unquote(host)}
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"has a port that is no number from 1 to 65535 (in a password write / as %2F); e.g. {EXAMPLE}")
    return {"host": unquote(host), "port": int(port)}


def _unix(before: str) -> dict[str, Any]:
    login, at, path = before.partition("/")
    if login and not login.endswith("@"):
        raise ValueError("names no socket: three slashes, as in unix:///run/redis/redis.sock?db=0")
    path = unquote(at + path)
    if len(path) < 2:
        raise ValueError("names no socket; e.g. unix:///run/redis/redis.sock?db=0")
    if len(path.encode()) > 107:
        raise ValueError("names a socket by more than 107 bytes, which no system takes: put it into a folder with a shorter name")
    return _login(login[:-1] if login else None) | {"path": path}


def _login(login: str | None) -> dict[str, Any]:
    if login is None:
        return {}
    user, colon, password = login.partition(":")
    return {"username": unquote(user) or None, "password": unquote(password) if colon and password else None}


def _database(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < MAX_DB):
        raise ValueError(f"has a database that is no number from 0 on; e.g. {EXAMPLE} (in a password write / as %2F)")
    return int(text)


# --- options ---


def pairs(query: str) -> dict[str, str]:
    """The options behind the ?, each name once. Raises ValueError if a part would be lost or misread."""
    if "+" in query:
        raise ValueError("has a + behind its ?: write it as %2B, and a space as %20")
    if any(part and "=" not in part for part in query.split("&")):
        raise ValueError("has an option without a =: in a password write & as %26")
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in found:
            raise ValueError(f"has ?{_shown(name)}= twice")
        found[name] = value
    return found


def _shown(name: str) -> str:
    return name if re.fullmatch("[a-z_]{1,40}", name) else "***"


def _options(scheme: str, query: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs(query).items():
        if name not in OPTIONS:
            known = foreign_settings.URL_OPTIONS.get(name.lower(), f"there are {', '.join(OPTIONS)}")
            raise ValueError(f"has an option ?{_shown(name)}= that there is not: {known}")
        schemes, read = OPTIONS[name]
        if scheme not in schemes:
            raise ValueError(f"has ?{name}=, which is only for {' and '.join(f'{each}://' for each in schemes)}")
        try:
            found[name] = read(value)
        except ValueError as exc:
            raise ValueError(f"has ?{name}= with a value it does not take: {exc}") from None
    _agree(found)
    return found


def _agree(found: dict[str, Any]) -> None:
    """Refuse options that the TLS library would refuse at the first connection, or silently ignore."""
    if "ssl_keyfile" in found and "ssl_certfile" not in found:
        raise ValueError("has ?ssl_keyfile= without ?ssl_certfile=")
    if "ssl_password" in found and "ssl_keyfile" not in found:
        raise ValueError("has ?ssl_password= without ?ssl_keyfile=")
    if found.get("ssl_check_hostname") and found.get("ssl_cert_reqs") == "none":
        raise ValueError("has ?ssl_check_hostname= but ?ssl_cert_reqs=none, which looks at no certificate")


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text) or float(text) == 0:
        raise ValueError("it takes seconds above 0, e.g. 10 or 2.5")
    return float(text)


def _whole(lowest: int, highest: int, why: str = "") -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError(f"it takes a whole number from {lowest} to {highest}{why}")
        return int(text)

    return read


def _yes_or_no(text: str) -> bool:
    if text.lower() not in _YES + _NO:
        raise ValueError("it takes true or false")
    return text.lower() in _YES


def _always(value: bool, why: str) -> Callable[[str], bool]:
    def read(text: str) -> bool:
        if _yes_or_no(text) != value:
            raise ValueError(why)
        return value

    return read


def _cert_reqs(text: str) -> str:
    word = text.lower().removeprefix("ssl.").removeprefix("cert_")
    if word not in _CERT_REQS:
        raise ValueError("it takes required, optional or none (also CERT_REQUIRED, CERT_OPTIONAL, CERT_NONE)")
    return _CERT_REQS[word]


def _text(text: str) -> str:
    if not text:
        raise ValueError("it is empty")
    return text


def _client_name(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,200}", text):
        raise ValueError("it takes letters, digits and signs without spaces")
    return text


_ALL, _NETWORK, _TLS = SCHEMES, ("redis", "rediss"), ("rediss",)

#: Option → its schemes and its reader. The value that the reader returns goes to redis-py under the same name.
OPTIONS: dict[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "db": (_ALL, _database),
    "username": (_ALL, _text),
    "password": (_ALL, _text),
    "max_connections": (_ALL, _whole(MIN_CONNECTIONS, 10_000, ", connections of one process")),
    "client_name": (_ALL, _client_name),
    "socket_timeout": (_ALL, _seconds),
    "socket_connect_timeout": (_ALL, _seconds),
    "socket_keepalive": (_NETWORK, _yes_or_no),
    "health_check_interval": (_ALL, _whole(1, 3600, " seconds")),
    "protocol": (_ALL, _whole(2, 3)),
    "retry_on_timeout": (_ALL, _always(True, "every command is tried again; leave it out")),
    "decode_responses": (_ALL, _always(False, "Trawl reads bytes; leave it out")),
    "ssl_cert_reqs": (_TLS, _cert_reqs),
    "ssl_check_hostname": (_TLS, _yes_or_no),
    "ssl_ca_certs": (_TLS, _text),
    "ssl_ca_path": (_TLS, _text),
    "ssl_certfile": (_TLS, _text),
    "ssl_keyfile": (_TLS, _text),
    "ssl_password": (_TLS, _text),
}
