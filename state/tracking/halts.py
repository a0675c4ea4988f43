"""Halts: all fetching is stopped for one reason, and somebody asks the provider now and then whether the reason is gone."""

import json
from dataclasses import dataclass
from datetime import datetime

import clock
from state.store import connection, keys

HALT_TTL_S = 900


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing is fetched: the provider refuses us, and asking again costs time or money."""

    provider: str
    reason: str
    since: datetime


def halt(provider: str, reason: str) -> bool:
    """Stop fetching for 15 minutes, or until `resume`; the first reason stands. Says whether this one is the first."""
    value = json.dumps({"provider": provider, "reason": reason, "since": clock.now().isoformat()})
    return bool(connection.client().set(keys.HALTED, value, ex=HALT_TTL_S, nx=True))


def keep_halted() -> None:
    """Stop fetching for another 15 minutes, if it is halted."""
    connection.client().expire(keys.HALTED, HALT_TTL_S)


def may_ask(what: str, every_s: int) -> bool:
    """Whether nobody asked the outside world about it in the last `every_s`; who is told so is the one who asks."""
    key, now = keys.asked(what), clock.now()
    before = connection.client().get(key)
    if before and (now - datetime.fromisoformat(before.decode())).total_seconds() < every_s:
        return False
    connection.client().set(key, now.isoformat(), ex=every_s)
    return True


def halted() -> Halt | None:
    """Why nothing is fetched now; None = nothing is halted."""
    value = connection.client().get(keys.HALTED)
    if not value:
        return None
    fields = json.loads(value)
    return Halt(fields["provider"], fields["reason"], datetime.fromisoformat(fields["since"]))


def resume() -> bool:
    """Fetch again; says whether anything was halted."""
    return bool(connection.client().delete(keys.HALTED))
