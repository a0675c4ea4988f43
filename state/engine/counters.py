"""Counters: events of each minute, for the last two hours."""

import clock
from state.store import connection, keys


def minute() -> int:
    """The present minute, counted from 1970."""
    return int(clock.now().timestamp() // 60)


def counted(name: str, minutes: int = 60) -> int:
    """Events named `name` in the last `minutes`."""
    latest = minute()
    values = connection.client().mget([keys.count(name, latest - back) for back in range(minutes)])
    return sum(int(value) for value in values if value)
