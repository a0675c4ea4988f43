"""Commands for people to type: each reaches the server that is in use, and none of them holds its password."""

import shlex
from typing import Any
from urllib.parse import quote

import redis

#: Where redis-cli and rq look when they are told nothing.
USUAL = ("127.0.0.1", "localhost", "::1")
USUAL_PORT = 6379


def redis_cli(address: str | None) -> str:
    """`redis-cli` with the options that lead to the server of this URL (None = the usual one).

    They are `-h HOST -p PORT` or `-s SOCKET`, and `-n DB`, `--tls`, `--user`, `--askpass` where they are needed.
    """
    by, is_tls = _reached(address)
    parts = ["redis-cli"]
    if by.get("path"):
        parts += ["-s", shlex.quote(str(by["path"]))]
    elif by.get("host") and (is_tls or not _is_usual(by)):
        parts += ["-h", shlex.quote(str(by["host"])), "-p", str(by.get("port") or USUAL_PORT)]
    if by.get("db"):
        parts += ["-n", str(by["db"])]
    parts += ["--tls"] if is_tls else []
    if by.get("username"):
        parts += ["--user", shlex.quote(str(by["username"]))]
    return " ".join(parts + (["--askpass"] if by.get("password") else []))


def rq(address: str | None, command: str) -> str:
    """`rq <command>` with `--url` where the server is not the one that rq takes by itself; *** stands for a password."""
    by, is_tls = _reached(address)
    if not (by.get("path") or by.get("host")) or (_is_usual(by) and not is_tls and not by.get("db") and not by.get("password")):
        return f"rq {command}"
    name = quote(str(by.get("username") or ""), safe="")
    door = f"{name}:***@" if by.get("password") else ""
    scheme, host, port, db = "rediss" if is_tls else "redis", str(by.get("host")), by.get("port") or USUAL_PORT, by.get("db") or 0
    where = f"{scheme}://{door}{f'[{host}]' if ':' in host else host}:{port}/{db}"
    if path := by.get("path"):
        where = f"unix://{door}{path}?db={db}"
    return f"rq {command} --url {shlex.quote(where)}"


def _reached(address: str | None) -> tuple[dict[str, Any], bool]:
    """How that URL is connected to, and whether by TLS; empty where it is none of redis-py's own."""
    try:
        by = redis.connection.parse_url(address or "")  # type: ignore[no-untyped-call]
    except ValueError:
        return {}, False
    return {"host": USUAL[0], **by}, by.get("connection_class") is redis.SSLConnection


def _is_usual(by: dict[str, Any]) -> bool:
    return not by.get("path") and by.get("host") in USUAL and int(by.get("port") or USUAL_PORT) == USUAL_PORT
