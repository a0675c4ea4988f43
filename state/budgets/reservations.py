"""Reservations: an upper bound is taken from every scope before a paid step; the true cost takes its place, or nothing does.

A reservation is a lease. Where its holder dies, it ends by itself, and what it held is free again, unless its step was asked for:
then nobody knows what it did cost, and all of it is charged as `uncertain`. Whoever was only slow settles it all the same.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import clock
from state.budgets import keys, periods
from state.store import scripts

#: Lines of a ledger at most, about: of one scope and month. The sums count them all the same.
MOST_LINES = 100_000

#: A month that turns, or a zone that is changed, between a look and the script: looked at again so often at most.
LOOKS = 5


@dataclass(frozen=True, slots=True)
class Amount:
    """Money and credits in their smallest units."""

    micro_usd: int = 0
    milli_credits: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation: its id, and the month of each scope from which it was taken."""

    id: str
    months: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Full:
    """The scope that has too little left of a unit; `lease_in_s`: until a reservation of it may end (None = there is none)."""

    scope: str
    unit: str
    limit: int
    spent: int
    held: int
    is_new: bool
    lease_in_s: float | None
    period: periods.Period
    wanted: int


#: Scope → its zone, as this process saw it last; the script tells where that is wrong.
_zones: dict[str, str] = {}


def reserve(scopes: Sequence[str], amount: Amount, lease_s: float) -> Held | Full:
    """Take an amount from all scopes, or from none and say which has too little."""
    reservation, now = uuid.uuid4().hex, clock.now()
    for _ in range(LOOKS):
        found = [periods.at(now, _zones.get(scope, "UTC")) for scope in scopes]
        verdict, *rest = _reserved(reservation, scopes, found, amount, lease_s)
        if verdict == b"held":
            return Held(reservation, tuple((scope, one.month) for scope, one in zip(scopes, found, strict=True)))
        if verdict == b"full":
            return _full(scopes, found, amount, rest)
        _remember(scopes[rest[0]], rest[1].decode())
        now = datetime.fromtimestamp(int(rest[2]) / 1000, UTC)
    raise AssertionError("the zones of these scopes change faster than one can look")


def _reserved(
    reservation: str, scopes: Sequence[str], found: Sequence[periods.Period], amount: Amount, lease_s: float
) -> Sequence[Any]:
    each = list(zip(scopes, found, strict=True))
    return _reserve(
        scopes=keys.SCOPES,
        budgets=[name for scope, one in each for name in (keys.limit(scope), *_keys(scope, one.month))],
        now_ms=clock.script_now_ms(),
        lease_ms=round(lease_s * 1000),
        id=reservation,
        micro_usd=amount.micro_usd,
        milli_credits=amount.milli_credits,
        keep_s=periods.KEEP_S,
        names=[value for scope, one in each for value in _named(scope, one)],
    )


def _keys(scope: str, month: str) -> tuple[str, str, str]:
    return keys.month(scope, month), keys.leases(scope, month), keys.ledger(scope, month)


def _named(scope: str, period: periods.Period) -> tuple[str | int, ...]:
    return scope, _zones.get(scope, "UTC"), int(period.begins_at.timestamp()), int(period.ends_at.timestamp())


def _remember(scope: str, zone: str) -> None:
    """Note a zone; of many scopes only the last thousand."""
    if len(_zones) >= 1000:
        _zones.clear()
    _zones[scope] = zone


def _full(scopes: Sequence[str], found: Sequence[periods.Period], amount: Amount, rest: Sequence[Any]) -> Full:
    nth, unit, limit, spent, held, is_new, lease_in_ms = rest
    wanted = getattr(amount, unit.decode())
    lease_in_s = lease_in_ms / 1000 if lease_in_ms >= 0 else None
    return Full(scopes[nth], unit.decode(), int(limit), int(spent), int(held), bool(is_new), lease_in_s, found[nth], wanted)


@scripts.script("budgets/reserve")
def _reserve(
    *,
    scopes: str,
    budgets: Sequence[str],
    now_ms: str,
    lease_ms: int,
    id: str,
    micro_usd: int,
    milli_credits: int,
    keep_s: int,
    names: Sequence[str | int],
) -> Sequence[Any]:
    raise scripts.InLua


def ask(held: Held, purpose: str, key: str) -> bool:
    """Note that the step is about to be asked for; False where the lease is over, so that nothing may be. Safe to repeat."""
    names = [name for scope, month in held.months for name in _keys(scope, month)[:2]]
    asked = f"{purpose}\n{key}"
    return bool(_ask(budgets=names, now_ms=clock.script_now_ms(), id=held.id, asked=asked))


@scripts.script("budgets/ask")
def _ask(*, budgets: Sequence[str], now_ms: str, id: str, asked: str) -> int:
    raise scripts.InLua


def settle(held: Held, cost: Amount, fields: Mapping[str, str]) -> list[tuple[str, int]]:
    """Charge the true cost, also where the lease is over; a line with these fields goes into each ledger. Safe to repeat.

    Returns (scope, percent) of each limit that was reached for the first time.
    """
    names = [name for scope, month in held.months for name in (keys.limit(scope), *_keys(scope, month))]
    reply = _settle(
        settled=keys.settled(held.id),
        budgets=names,
        now_ms=clock.script_now_ms(),
        id=held.id,
        micro_usd=cost.micro_usd,
        milli_credits=cost.milli_credits,
        keep_s=periods.KEEP_S,
        most=MOST_LINES,
        fields=[text for pair in _named_by(held, fields).items() for text in pair],
    )
    return list(_warnings(held, reply))


def _named_by(held: Held, fields: Mapping[str, str]) -> Mapping[str, str]:
    """A charge has one reservation in all its ledgers: so it is given back to each scope once, whichever line names it."""
    return {**fields, "reservation": held.id} if fields.get("kind") == "settle" else fields


def _warnings(held: Held, reply: Sequence[int]) -> Iterator[tuple[str, int]]:
    for nth, percent in zip(reply[::2], reply[1::2], strict=True):
        yield held.months[nth][0], percent


@scripts.script("budgets/settle")
def _settle(
    *,
    settled: str,
    budgets: Sequence[str],
    now_ms: str,
    id: str,
    micro_usd: int,
    milli_credits: int,
    keep_s: int,
    most: int,
    fields: Sequence[str],
) -> Sequence[int]:
    raise scripts.InLua


def release(held: Held) -> bool:
    """End a reservation of which nothing was spent; says whether it was held still. Safe to repeat."""
    names = [name for scope, month in held.months for name in _keys(scope, month)]
    return bool(_release(budgets=names, now_ms=clock.script_now_ms(), id=held.id, keep_s=periods.KEEP_S))


@scripts.script("budgets/release")
def _release(*, budgets: Sequence[str], now_ms: str, id: str, keep_s: int) -> int:
    raise scripts.InLua
