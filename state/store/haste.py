"""Connections of a process whose callers do not wait: the web process says within 3 s that Redis is away.

A worker waits and tries again, because its job has the time. Here each step has a short limit, and the only second try is the one
at once, for a connection that the server closed while it was idle. At worst a caller waits REPLY_S for the reply and GREETING_S
for the greeting of a new connection.
"""

from collections.abc import Mapping
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Seconds: for a reply, for the greeting of a new connection, for the connection itself, and for one to become free.
REPLY_S, GREETING_S, CONNECT_S, WAIT_S = 1.5, 1.0, 1.0, 1.0

#: Seconds for which sentinels are asked again for a primary.
PATIENCE_S = 0.5


def retry() -> Retry:
    """Once more, at once, where a connection broke; never where a reply was late."""
    return Retry(NoBackoff(), 1, (redis.ConnectionError,))


def hurried(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a connection with the limits of this file; shorter ones of REDIS_URL stay."""
    limits = {"reply_timeout_s": REPLY_S, "socket_timeout": REPLY_S, "socket_connect_timeout": CONNECT_S}
    return {
        **options,
        **{name: min(limit, float(options.get(name) or limit)) for name, limit in limits.items()},
        "greeting_timeout_s": GREETING_S,
        "retry": retry(),
        "wait_s": WAIT_S,
    }
