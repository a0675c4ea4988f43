"""Commands for people to type: each reaches the server that is in use, and none of them holds its password."""

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import config
from environment import redis_url
from errors import ConfigError
from state.store import sentinel_url

#: Where redis-cli and rq look when they are told nothing.
USUAL = ("127.0.0.1", "localhost", "::1")
USUAL_PORT = 6379


#: Options of a URL about TLS → how redis-cli has them.
TLS_OPTIONS = {"ssl_ca_certs": "--cacert", "ssl_ca_path": "--cacertdir", "ssl_certfile": "--cert", "ssl_keyfile": "--key"}


def redis_cli(address: str | None, primary: tuple[str, int] | None = None) -> str:
    """`redis-cli` with the options that lead to the server of this URL (None = the usual one).

    They are `-h HOST -p PORT` or `-s SOCKET`, and `-n DB`, `--tls`, `--user`, `--askpass` where they are needed. A URL of
    sentinels leads to `primary`; where that is not known, the word PRIMARY stands for its host.
    """
    by, is_tls = _reached(address, primary)
    return _cli(by, is_tls)


def sentinel_cli(led: sentinel_url.Address, where: tuple[str, int]) -> str:
    """The same for the sentinel at that address."""
    return _cli({**led.asked, "host": where[0], "port": where[1]}, bool(led.asked["ssl"]))


def _cli(by: Mapping[str, Any], is_tls: bool) -> str:
    parts = ["redis-cli"]
    if by.get("path"):
        parts += ["-s", shlex.quote(str(by["path"]))]
    elif by.get("host") and (is_tls or not _is_usual(by)):
        parts += ["-h", shlex.quote(str(by["host"])), "-p", str(by.get("port") or USUAL_PORT)]
    if by.get("db"):
        parts += ["-n", str(by["db"])]
    if is_tls:
        parts += ["--tls", *(["--insecure"] if by.get("ssl_cert_reqs") == "none" else [])]
        parts += [word for name, flag in TLS_OPTIONS.items() if by.get(name) for word in (flag, shlex.quote(str(by[name])))]
    if by.get("username"):
        parts += ["--user", shlex.quote(str(by["username"]))]
    return " ".join(parts + (["--askpass"] if by.get("password") else []))


def rq(address: str | None, command: str, primary: tuple[str, int] | None = None) -> str:
    """`rq <command>` with `--url` where the server is not the one that rq takes by itself; *** stands for a password."""
    by, is_tls = _reached(address, primary)
    if not (by.get("path") or by.get("host")) or (_is_usual(by) and not is_tls and not by.get("db") and not by.get("password")):
        return f"rq {command}"
    name = quote(str(by.get("username") or ""), safe="")
    door = f"{name}:***@" if by.get("password") else ""
    scheme, host, port, db = "rediss" if is_tls else "redis", str(by.get("host")), by.get("port") or USUAL_PORT, by.get("db") or 0
    tls = {name: value for name, value in by.items() if name.startswith("ssl_") and name != "ssl_password"}
    options = f"?{urlencode(tls, quote_via=quote)}" if tls else ""
    where = f"{scheme}://{door}{redis_url.bracketed(host)}:{port}/{db}{options}"
    if path := by.get("path"):
        where = f"unix://{door}{path}?db={db}"
    return f"rq {command} --url {shlex.quote(where)}"


def _reached(address: str | None, primary: tuple[str, int] | None) -> tuple[dict[str, Any], bool]:
    """How that URL is connected to, and whether by TLS; empty where it cannot be used."""
    if address is None:
        return {}, False
    try:
        if address.lower().startswith(config.SENTINEL_SCHEMES):
            led = sentinel_url.parse(address)
            host, port = primary or ("PRIMARY", USUAL_PORT)
            return {**led.store, "host": host, "port": port}, led.is_tls
        by = redis_url.parse(address)
    except (ValueError, ConfigError):
        return {}, False
    known = {"host": by.host, "port": by.port, "path": by.path, "db": by.db, "username": by.username, "password": by.password}
    return {**known, **by.options}, by.scheme == "rediss"


def _is_usual(by: Mapping[str, Any]) -> bool:
    return not by.get("path") and by.get("host") in USUAL and int(by.get("port") or USUAL_PORT) == USUAL_PORT
