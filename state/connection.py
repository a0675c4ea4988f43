"""The one connection to Redis: where it comes from, what it must promise, and what its failures mean.

Functions of `state/` take no connection: they ask `client()`. A test or a benchmark puts its own in place with `use()`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

import clock
import config
from errors import StoreUnreachable, UnsafeStore
from state import sentinel, server, shell, sockets

REMEDY = "Start one with `python manage.py redis` (embedded) or set REDIS_URL."

#: redis-py types its replies as "bytes or str or more"; ours are bytes, and each function of `state/` says what it makes of them.
Redis = Any

ResponseError = redis.ResponseError

#: A connection that was not used for so long (s) is asked whether it lives; IDLE_POLL_INTERVAL where that is longer.
HEALTH_CHECK_S = 30

_client: Redis = None


def client() -> Redis:
    """The connection pool of this process, opened at first use. Replies are bytes, as RQ needs them."""
    global _client
    if _client is None:
        _client = connect(url())
    return _client


def connect(address: str) -> Redis:
    """A new pool for `address` (redis://, rediss://, unix://, or sentinels that name it: state/sentinel.py)."""
    check_s = max(HEALTH_CHECK_S, round(config.settings().idle_poll_interval))
    given = {"health_check_interval": check_s, "retry": Retry(ExponentialWithJitterBackoff(base=0.05, cap=1), 3)}
    if sentinel.is_address(address):
        return sentinel.connect(address, **given)
    try:
        return redis.Redis.from_url(address, **sockets.options(address), **given)
    except ValueError:  # its message would quote parts of the password
        example = "redis://:PASSWORD@127.0.0.1:6379/0, with %2F for a / in PASSWORD"
        raise StoreUnreachable(f"REDIS_URL is not a Redis URL; e.g. {example}") from None


def use(other: Redis) -> None:
    """Put another connection in place for this process; None = open a new one at next use."""
    global _client
    _client = other


def url() -> str:
    """Address of the store: REDIS_URL, or the embedded server of this data directory while it runs.

    Raises StoreUnreachable where neither is there.
    """
    settings = config.settings()
    if settings.configured_redis_url:
        return settings.configured_redis_url
    try:
        return str(json.loads((settings.data_dir / "redis" / "server.json").read_text())["url"])
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreUnreachable(f"No Redis: REDIS_URL is not set and no embedded server runs here. {REMEDY}") from None


@contextmanager
def errors_translated() -> Iterator[None]:
    """Turns redis-py's errors into ours, one line with the remedy."""
    try:
        yield
    except sentinel.NoPrimary as exc:
        raise StoreUnreachable(str(exc)) from exc
    except redis.AuthenticationError as exc:
        raise StoreUnreachable(f"Redis refuses the password or user in REDIS_URL: {exc}") from exc
    except (redis.ConnectionError, redis.TimeoutError) as exc:
        raise StoreUnreachable(f"Redis at {where()} does not answer ({type(exc).__name__}). {REMEDY}") from exc
    except redis.ResponseError as exc:
        if remedy := server.remedy_of(exc, cli()):
            raise UnsafeStore(f"Redis denies our user a command: {exc}. Fix: {remedy}") from exc
        if "MISCONF" in str(exc) or "OOM command" in str(exc) or isinstance(exc, redis.OutOfMemoryError):
            raise UnsafeStore(f"Redis refuses writes: {exc}. Free disk or memory on its machine, then try again.") from exc
        raise


def where() -> str:
    """The address in use without its password; behind sentinels the primary in use too."""
    try:
        if sentinel.is_address(url()):
            return sentinel.described(url(), _client)
        return url().rpartition("@")[2] if "@" in url() else url().partition("://")[2]
    except StoreUnreachable:
        return "(no address)"


def cli() -> str:
    """`redis-cli` with the options that lead to the server in use, for a fix that is printed."""
    return shell.redis_cli(_address())


def rq_command(command: str) -> str:
    """The same of RQ's own tool: `rq <command>` for the server in use."""
    return shell.rq(_address(), command)


def _address() -> str | None:
    try:
        return url()
    except StoreUnreachable:  # a connection that was put in place
        return None


def now() -> datetime:
    """The server's time, aware UTC; the frozen clock's in a test."""
    frozen = clock.script_now_ms()
    if frozen:
        return datetime.fromtimestamp(int(frozen) / 1000, UTC)
    seconds, micros = client().time()
    return datetime.fromtimestamp(seconds + micros / 1e6, UTC)


def promoted_ago_s() -> float | None:
    """Seconds since a fail-over led to the primary in use; None where there was none, or no sentinel leads us."""
    return sentinel.promoted_ago_s(client())


def memory_bytes() -> int | None:
    """Memory Redis uses; None where the server does not say."""
    try:
        return int(client().info("memory")["used_memory"])
    except (ResponseError, KeyError):
        return None


def compact() -> list[str]:
    """Ask the server to rewrite its AOF and to give freed memory back; returns what it refused, one line each."""
    refused = []
    for command in ("BGREWRITEAOF", "MEMORY PURGE"):
        try:
            client().execute_command(*command.split())
        except ResponseError as exc:
            refused.append(f"{command}: {exc}")
    return refused


def examine() -> list[server.Verdict]:
    """What this server promises and what it does not; see state/server.py. Changes no key."""
    with errors_translated():
        return server.judge(replace(server.ask(client()), cli=cli()))


def refuse_unsafe(patience_s: float = 0.0) -> list[str]:
    """Raise UnsafeStore where the server may lose jobs; return what is only worth a warning, one line each with its fix.

    `ALLOW_UNSAFE_REDIS=1` turns the refusal into warnings. Behind sentinels a fail-over is waited for, for `patience_s`.
    """
    sentinel.await_primary(client(), patience_s)
    verdicts = examine()
    fatal = [str(verdict) for verdict in verdicts if verdict.grade == "refused"]
    if fatal and not config.settings().allow_unsafe_redis:
        raise UnsafeStore(" ".join(fatal) + " (ALLOW_UNSAFE_REDIS=1 warns instead.)")
    return fatal + [str(verdict) for verdict in verdicts if verdict.grade == "warning"]
