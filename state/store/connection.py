"""The one connection to Redis: where it comes from, what it must promise, and what its failures mean.

Functions of `state/` take no connection: they ask `client()`. A test or a benchmark puts its own in place with `use()`.
"""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

import clock
import config
from environment import redis_url
from errors import StoreUnreachable, UnsafeStore
from state.store import first_use, haste, reasons, sentinel, server, shell, sockets
from state.store.pool import Pool, Separate

log = logging.getLogger("trawl.store")

REMEDY = "Start one with `python manage.py redis` (embedded) or set REDIS_URL."

#: redis-py types its replies as "bytes or str or more"; ours are bytes, and each function of `state/` says what it makes of them.
Redis = Any

ResponseError = redis.ResponseError

NoFreeClient = reasons.NoFreeClient

_client: Redis = None
_is_hurried = False


def client() -> Redis:
    """The connection pool of this process, opened at first use. Replies are bytes, as RQ needs them."""
    global _client
    first_use.check()
    if _client is None:
        _client = connect(url(), _is_hurried)
    return _client


def hurry() -> None:
    """From now on this process gives up soon where Redis is away (state/store/haste.py): for one that answers people."""
    global _is_hurried
    _is_hurried = True


def hurry_for_probe() -> None:
    """The same for a command that probes call, which have a limit of their own. A connection that is in use stays as it is."""
    if _client is None:
        hurry()


def connect(address: str, hurried: bool = False) -> Redis:
    """A new pool for `address` (redis://, rediss://, unix://, or sentinels that name it); see state/store/pool.py."""
    retry = Retry(ExponentialWithJitterBackoff(base=0.05, cap=1), 3)
    if sentinel.is_address(address):
        return sentinel.connect(address, hurried, retry=retry)
    try:
        options = sockets.options(address)
    except ValueError as exc:
        raise StoreUnreachable(f"REDIS_URL is not a Redis URL we can use: it {exc}.") from None
    options = haste.hurried(options) if hurried else {**options, "retry": retry}
    return redis.Redis(connection_pool=Pool(**options))


def reserve() -> None:
    """Keep one connection for the calling thread alone: what it asks never waits behind other threads."""
    pool = client().connection_pool
    if isinstance(pool, Pool):
        pool.reserve()


def separate() -> Any:
    """A connection of redis-py's that the caller keeps for long, e.g. to wait on; given back with the pool's `release`.

    Raises NoFreeClient where there is none to spare.
    """
    pool = client().connection_pool
    return pool.separate() if isinstance(pool, Pool) else pool.get_connection()


def pubsub() -> Any:
    """Redis-py's PubSub on a connection of its own, as `separate`."""
    pool = client().connection_pool
    return redis.client.PubSub(Separate(pool) if isinstance(pool, Pool) else pool, ignore_subscribe_messages=True)


def use(other: Redis) -> None:
    """Put another connection in place for this process; None = open a new one at next use."""
    global _client
    _client = other


def close() -> None:
    """Close the connections of this process: for one that needs none for long. The next use opens new ones."""
    if _client is not None:
        _client.connection_pool.disconnect()


def url() -> str:
    """Address of the store: REDIS_URL, or the embedded server of this data directory while it runs.

    Raises StoreUnreachable where neither is there.
    """
    settings = config.settings()
    if settings.configured_redis_url:
        return settings.configured_redis_url
    try:
        return str(json.loads((settings.data_dir / "redis" / "server.json").read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreUnreachable(f"No Redis: REDIS_URL is not set and no embedded server runs here. {REMEDY}") from None


class _Translation:
    """See errors_translated. A class: a generator would cost a microsecond more."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if exc is None:
            return
        if isinstance(exc, sentinel.NoPrimary):
            raise StoreUnreachable(str(exc)) from exc
        if isinstance(exc, TRANSLATED) and (problem := reasons.explain(exc, where(), cli())):
            raise problem from exc


TRANSLATED = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError, redis.InvalidResponse)
_translation = _Translation()


def errors_translated() -> _Translation:
    """Turns redis-py's errors into ours, one line with reason and remedy (state/store/reasons.py)."""
    return _translation


def where() -> str:
    """The address in use without user, password and options; behind sentinels the primary in use too."""
    try:
        if sentinel.is_address(url()):
            return sentinel.described(url(), _client)
        return redis_url.parse(url()).where
    except (StoreUnreachable, ValueError):
        return "(no address)"


def cli() -> str:
    """`redis-cli` with the options that lead to the server in use, for a fix that is printed."""
    return shell.redis_cli(_address(), sentinel.primary_of(_client))


def rq_command(command: str) -> str:
    """The same of RQ's own tool: `rq <command>` for the server in use."""
    return shell.rq(_address(), command, sentinel.primary_of(_client))


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
    return memory()[0]


def memory() -> tuple[int | None, int | None]:
    """Memory Redis uses, and the most that it may use (0 = all there is), in bytes; None where the server does not say."""
    try:
        info = client().info("memory")
        return int(info["used_memory"]), int(info["maxmemory"]) if "maxmemory" in info else None
    except (ResponseError, KeyError):
        return None, None


def examine() -> list[server.Verdict]:
    """What this server promises and what it does not; see state/store/server.py. Changes no key."""
    with errors_translated():
        return server.judge(replace(server.ask(client()), cli=cli()))


def _await_server(patience_s: float) -> None:
    """Wait so long for a server that does not listen yet, or loads its data. Returns when the time is over, too."""
    end = clock.monotonic() + patience_s
    while clock.monotonic() < end:
        try:
            client().ping()
            return
        except (redis.ConnectionError, redis.TimeoutError) as exc:
            if not reasons.may_pass(exc):
                return
            log.warning("%s Trying again in %g s.", reasons.explain(exc, where(), cli()), sentinel.AGAIN_S)
            clock.wait(sentinel.AGAIN_S)


def refuse_unsafe(patience_s: float = 0.0) -> list[str]:
    """Raise UnsafeStore where the server may lose jobs; return what is only worth a warning, one line each with its fix.

    `ALLOW_UNSAFE_REDIS=1` turns the refusal into warnings. A server that is just being started is waited for, for `patience_s`,
    and behind sentinels a fail-over.
    """
    sentinel.await_primary(client(), patience_s)
    _await_server(patience_s)
    verdicts = examine()
    fatal = [str(verdict) for verdict in verdicts if verdict.grade == "refused"]
    if fatal and not config.settings().allow_unsafe_redis:
        raise UnsafeStore(" ".join(fatal) + " (ALLOW_UNSAFE_REDIS=1 warns instead.)")
    return fatal + [str(verdict) for verdict in verdicts if verdict.grade == "warning"]
