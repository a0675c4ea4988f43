"""Budgets as they are stored: read for an export, put by an import. What is only reserved is in neither."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import clock
from state.budgets import keys, periods
from state.store import connection

Fields = dict[str, str]

#: Fields of a month that are kept: sums, and when limits were reached.
MONTH = ("spent:micro_usd", "spent:milli_credits", "warned:80", "warned:100", "closed")


class Copy(NamedTuple):
    """A scope: its limits ({} = it never had any), when it was used last (s; None = never), and what its months have spent."""

    scope: str
    limit: Fields
    used_s: int | None
    months: dict[str, Fields]


def scopes() -> list[str]:
    """All scopes, by name."""
    return sorted(name.decode() for name in connection.client().zrange(keys.SCOPES, 0, -1))


def months() -> list[str]:
    """The months that may be kept, oldest first; in some zone the next one has begun."""
    now = clock.now()
    found = {periods.at(now + step, "UTC").month for step in (periods.KEEP / 20, periods.KEEP * 0)}
    period = periods.at(now, "UTC")
    while period.begins_at > now - periods.KEEP:
        found.add(period.month)
        period = periods.before(period, "UTC")
    return sorted(found | {period.month})


def read(scope: str) -> Copy:
    """A scope. One round trip."""
    names = months()
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.hgetall(keys.limit(scope))
        pipe.zscore(keys.SCOPES, scope)
        for month in names:
            pipe.hmget(keys.month(scope, month), *MONTH)
        limit, used_s, *rows = pipe.execute()
    kept = {month: _spent(row) for month, row in zip(names, rows, strict=True)}
    return Copy(
        scope, _texts(limit), None if used_s is None else int(used_s), {month: spent for month, spent in kept.items() if spent}
    )


def put_limit(scope: str, limit: Fields, used_s: int) -> None:
    """Put the limits of a scope in place of those it has; {} = none. Safe to repeat."""
    with connection.client().pipeline() as pipe:
        pipe.delete(keys.limit(scope))
        if limit:
            pipe.hset(keys.limit(scope), mapping=dict(limit))
        pipe.zadd(keys.SCOPES, {scope: used_s}, gt=True)
        pipe.execute()


def put_month(scope: str, month: str, spent: Fields) -> None:
    """Put what a scope spent in a month in place of what is there; what is reserved stays. Safe to repeat."""
    name = keys.month(scope, month)
    with connection.client().pipeline() as pipe:
        pipe.hdel(name, *MONTH)
        pipe.hset(name, mapping=dict(spent))
        pipe.expire(name, periods.KEEP_S)
        pipe.execute()


def ledger(scope: str, month: str, after: str, most: int) -> list[tuple[str, Fields]]:
    """Lines of a ledger behind the line `after` ("" = from the first), oldest first."""
    least = f"({after}" if after else "-"
    found = connection.client().xrange(keys.ledger(scope, month), least, "+", count=most)
    return [(line.decode(), _texts(fields)) for line, fields in found]


def ledger_between(scope: str, month: str, first: str, last: str) -> list[tuple[str, Fields]]:
    """Lines of a ledger from one to another, both included."""
    return [
        (line.decode(), _texts(fields)) for line, fields in connection.client().xrange(keys.ledger(scope, month), first, last)
    ]


def last_line(scope: str, month: str) -> str:
    """The newest line of a ledger; "" = it has none."""
    found = connection.client().xrevrange(keys.ledger(scope, month), count=1)
    return found[0][0].decode() if found else ""


def add_lines(scope: str, month: str, lines: Sequence[tuple[str, Fields]]) -> None:
    """Add lines behind those that are there, under their own ids."""
    name = keys.ledger(scope, month)
    with connection.client().pipeline() as pipe:
        for line, fields in lines:
            pipe.xadd(name, dict(fields), id=line)
        pipe.expire(name, periods.KEEP_S)
        pipe.execute()


def _spent(row: Sequence[bytes | None]) -> Fields:
    return {name: value.decode() for name, value in zip(MONTH, row, strict=True) if value is not None}


def _texts(found: Mapping[Any, Any]) -> Fields:
    return {name.decode(): value.decode(errors="replace") for name, value in found.items()}
