"""Limits of scopes, and what each spent and holds in a month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import clock
from state.budgets import keys, periods
from state.store import connection, scripts

#: That a scope has no limit of credits is believed for so long (s) by a process.
BELIEVED_S = 2.0

#: Scopes that were looked at → the store, until when that is believed, whether one has a limit of credits.
_believed: dict[tuple[str, ...], tuple[object, float, bool]] = {}


class Limit(NamedTuple):
    """What may be spent in a month; None = no limit of that unit."""

    micro_usd: int | None = None
    milli_credits: int | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Look:
    """A scope in a month. `since_80`, `since_100`, `closed`: ms since 1970; None = not yet."""

    scope: str
    limit: Limit
    period: periods.Period
    spent_micro_usd: int
    held_micro_usd: int
    spent_milli_credits: int
    held_milli_credits: int
    since_80: int | None
    since_100: int | None
    closed: int | None


def put(scope: str, limit: Limit) -> None:
    """Set the limits of a scope, all of them. Safe to repeat."""
    _believed.clear()
    now = clock.now()
    _limit(
        scopes=keys.SCOPES,
        limit=keys.limit(scope),
        month=keys.month(scope, periods.at(now, limit.zone).month),
        scope=scope,
        now_s=int(now.timestamp()),
        micro_usd="" if limit.micro_usd is None else limit.micro_usd,
        milli_credits="" if limit.milli_credits is None else limit.milli_credits,
        zone=limit.zone,
    )


@scripts.script("budgets/limit")
def _limit(
    *, scopes: str, limit: str, month: str, scope: str, now_s: int, micro_usd: str | int, milli_credits: str | int, zone: str
) -> int:
    raise scripts.InLua


def of(scopes: Sequence[str]) -> list[Limit]:
    """The limits of some scopes, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for scope in scopes:
            pipe.hmget(keys.limit(scope), "micro_usd", "milli_credits", "zone")
        return [Limit(_number(usd), _number(credits), (zone or b"UTC").decode()) for usd, credits, zone in pipe.execute()]


def limits_credits(scopes: Sequence[str]) -> bool:
    """Whether one of these scopes has a limit of credits. One round trip every two seconds at most, for each set of scopes."""
    asked, now = tuple(scopes), clock.monotonic()
    store, until, found = _believed.get(asked, (None, 0.0, False))
    if store is connection.client() and now < until:
        return found
    found = any(limit.milli_credits is not None for limit in of(asked))
    if len(_believed) >= 1000:
        _believed.clear()
    _believed[asked] = (connection.client(), now + BELIEVED_S, found)
    return found


def scopes(most: int = -1) -> list[str]:
    """Scopes that have a limit or spent something, the last used first; at most so many (-1 = all)."""
    found = connection.client().zrevrange(keys.SCOPES, 0, most - 1 if most > 0 else -1)
    return [name.decode() for name in found]


def look(names: Sequence[str], at: datetime | None = None) -> list[Look]:
    """These scopes in the month of a moment (None = now), in two round trips. Reservations of the dead are let go, or charged."""
    limits, moment = of(names), at or clock.now()
    return _look_at(names, limits, [periods.at(moment, limit.zone) for limit in limits])


def months(scope: str, count: int) -> list[Look]:
    """A scope in its last months, the present one first, in two round trips. Each has the limit of today."""
    [limit] = of([scope])
    found = [periods.at(clock.now(), limit.zone)]
    while len(found) < count:
        found.append(periods.before(found[-1], limit.zone))
    return _look_at([scope] * count, [limit] * count, found)


def _look_at(names: Sequence[str], limits: Sequence[Limit], found: Sequence[periods.Period]) -> list[Look]:
    calls = [
        _look.call(
            month=keys.month(name, one.month),
            leases=keys.leases(name, one.month),
            ledger=keys.ledger(name, one.month),
            now_ms=clock.script_now_ms(),
            keep_s=periods.KEEP_S,
        )
        for name, one in zip(names, found, strict=True)
    ]
    replies = scripts.run_together(calls)
    return [_read(*each) for each in zip(names, limits, found, replies, strict=True)]


@scripts.script("budgets/look")
def _look(*, month: str, leases: str, ledger: str, now_ms: str, keep_s: int) -> Sequence[Any]:
    raise scripts.InLua


def _read(scope: str, limit: Limit, period: periods.Period, reply: Sequence[Any]) -> Look:
    usd, held_usd, credits, held_credits, *moments = map(_number, reply)
    return Look(scope, limit, period, usd or 0, held_usd or 0, credits or 0, held_credits or 0, *moments)


def _number(value: bytes | None) -> int | None:
    return None if value is None else int(value)


def forget(before: datetime) -> int:
    """Drop scopes without a limit that were last used before a moment; says how many."""
    client = connection.client()
    old = [name.decode() for name in client.zrangebyscore(keys.SCOPES, "-inf", before.timestamp(), 0, 1000)]
    gone = [name for name, limit in zip(old, of(old), strict=True) if limit.micro_usd is None and limit.milli_credits is None]
    return int(client.zrem(keys.SCOPES, *gone)) if gone else 0


def ledger(scope: str, month: str, most: int, before: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Lines of the ledger of a month, the newest first: at most so many, those before the line `before`."""
    last = f"({before}" if before else "+"
    for line, fields in connection.client().xrevrange(keys.ledger(scope, month), last, "-", count=most):
        yield line.decode(), {name.decode(): value.decode(errors="replace") for name, value in fields.items()}
