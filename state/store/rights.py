"""Which commands our user may not run, asked of a Redis before 7, whose scripts cannot tell (lua/denied.lua).

A transaction that never runs: MULTI queues each command that is allowed and refuses each that is not. Then the connection is
closed, and the server forgets the transaction.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from redis.exceptions import NoPermissionError, ResponseError

from state.store import keys

#: Every command that our scripts, we and RQ's worker record send, with % in place of the key.
COMMANDS = (
    *("EXISTS %", "DEL %", "TYPE %", "EXPIRE % 9", "PEXPIRE % 9", "TTL %", "PTTL %", "PERSIST %", "WATCH %", "SCAN 0", "DBSIZE"),
    *("GET %", "MGET %", "GETRANGE % 0 1", "SETRANGE % 0 v", "UNLINK %", "SET % v", "INCR %", "DECR %", "INCRBY % 1"),
    *("HGET % f", "HMGET % f", "HGETALL %", "HEXISTS % f", "HSET % f v", "HDEL % f", "HINCRBY % f 1", "HINCRBYFLOAT % f 1"),
    *("HSETNX % f v", "HVALS %", "HKEYS %", "HLEN %"),
    *("HSCAN % 0", "LPUSH % v", "RPUSH % v", "LRANGE % 0 1", "LREM % 0 v", "LTRIM % 0 1", "LLEN %", "LPOS % v", "LINDEX % 0"),
    *("LPOP %", "LSET % 0 v", "SRANDMEMBER %"),
    *("BLPOP % 1", "SADD % v", "SREM % v", "SMEMBERS %", "SISMEMBER % v", "SCARD %", "SSCAN % 0"),
    *("ZADD % 1 v", "ZREM % v", "ZSCORE % v", "ZMSCORE % v", "ZCARD %", "ZCOUNT % 0 1", "ZRANGE % 0 1", "ZREVRANGE % 0 1"),
    *("ZRANGEBYSCORE % 0 1", "ZRANK % v", "ZREMRANGEBYSCORE % 0 1", "ZREMRANGEBYRANK % 0 1", "ZSCAN % 0", "ZINTERSTORE % 1 %"),
    *("XADD % * f v", "XREAD STREAMS % 0", "XREVRANGE % + -", "XRANGE % - +", "XTRIM % MINID 0", "XDEL % 0-1", "XLEN %"),
    *("EVALSHA 0 0", "SCRIPT LOAD v", "TIME", "PING", "MULTI", "EXEC", "CLIENT SETNAME v", "CLIENT INFO"),
    *(f"PUBLISH {keys.RQ_PUBSUB}v v", f"SUBSCRIBE {keys.RQ_PUBSUB}v", f"UNSUBSCRIBE {keys.RQ_PUBSUB}v"),
)

#: Would run what was queued before it.
NEVER_SENT = "EXEC"


def denied(client: Any, commands: Iterable[str], names: Sequence[str]) -> list[tuple[str, int]]:
    """Each denied command, as it is written in `commands` (% stands for the key), and the key it is denied on.

    `names` are a key of ours and one of RQ's; 1 is ours, 2 is RQ's, 0 both. Two round trips on a connection of its own.
    """
    connection = client.connection_pool.get_connection()
    try:
        if not all(_allows(connection, ["MULTI"])):
            return [("MULTI", 0)]  # without it, what follows would run
        asked = [command for command in commands if command != NEVER_SENT]
        calls = [[name if word == "%" else word for word in command.split()] for command in asked for name in names]
        allowed = _allows(connection, *calls)
        found = list(zip(asked, allowed[::2], allowed[1::2], strict=True))
        return [(command, 2 if ours else 1 if rqs else 0) for command, ours, rqs in found if not (ours and rqs)]
    finally:
        connection.disconnect()
        client.connection_pool.release(connection)


def _allows(connection: Any, *calls: list[str]) -> list[bool]:
    """Whether the user may make each of these calls."""
    connection.send_packed_command(connection.pack_commands(calls))
    return [_reply_allows(connection) for _ in calls]


def _reply_allows(connection: Any) -> bool:
    try:
        connection.read_response()
    except NoPermissionError:
        return False
    except ResponseError:  # WATCH and MULTI may not stand in a transaction; this is said after the rights were looked at
        return True
    return True
