"""Heartbeats: signs of life of processes that have no record of RQ's."""

from datetime import datetime

import clock
from state.store import connection, keys

HEARTBEAT_TTL_S = 60


def beat(who: str, every_s: float = HEARTBEAT_TTL_S / 3) -> None:
    """Say that `who` is alive, and will say so again in `every_s`; three signs may be missed."""
    connection.client().set(keys.heartbeat(who), clock.now().isoformat(), ex=max(HEARTBEAT_TTL_S, round(3 * every_s)))


def last_beat(who: str) -> datetime | None:
    """When `who` was last alive; None = it has missed three signs of life."""
    value = connection.client().get(keys.heartbeat(who))
    return datetime.fromisoformat(value.decode()) if value else None
