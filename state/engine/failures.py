"""Failures by fingerprint: how often, when, and one job of each. The script that settles jobs writes them, in its own step.

At most 500 fingerprints are kept, 30 days after their last failure; with more, the one whose last failure is oldest goes. Counts
are exact, whatever is killed: who no longer holds the lease of a job counts nothing.
"""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from state.engine import keys
from state.store import connection, constants

HOUR_S = 3600

#: Hours that are counted one by one.
HOURS = int(constants.FAILURE_HOURS)

#: Fields that do not count an hour.
FIELDS = ("kind", "category", "host", "shape", "message", "job", "count", "first", "last")


class Mute(NamedTuple):
    """A fingerprint that nobody wants to see for a time."""

    until: datetime
    note: str
    actor: str


class Failure(NamedTuple):
    """What is kept of a fingerprint. `job` and `message` are of its latest failure."""

    id: str
    kind: str
    category: str
    host: str
    shape: str
    message: str
    job: str
    times: int
    first: datetime
    last: datetime
    muted: Mute | None = None


def every() -> list[Failure]:
    """All fingerprints, the one that failed last first; in two round trips. Reads only."""
    try:
        ids = [name.decode(errors="replace") for name in connection.client().zrevrange(keys.FAILURES, 0, -1)]
    except ResponseError:  # a key of another type: jobs are settled without it
        return []
    return read_many(ids)


def read_many(ids: Sequence[str]) -> list[Failure]:
    """Those of them that are kept, in one round trip. Reads only."""
    with connection.client().pipeline(transaction=False) as pipe:
        for one in ids:
            pipe.hmget(keys.failure(one), *FIELDS)
            pipe.get(keys.muted(one))
        told = pipe.execute(raise_on_error=False)
    found = [_read(one, *pair) for one, pair in zip(ids, zip(told[::2], told[1::2], strict=True), strict=True)]
    return [one for one in found if one]


def hours(ids: Sequence[str], now: datetime, most: int = HOURS) -> list[list[int]]:
    """How many failures of each in every hour of the last seven days, this hour last; in one round trip. Reads only.

    `most`: only so many hours.
    """
    number = int(now.timestamp()) // HOUR_S
    wanted = range(number - most + 1, number + 1)
    with connection.client().pipeline(transaction=False) as pipe:
        for one in ids:
            pipe.hmget(keys.failure(one), *(f"h{hour % HOURS}" for hour in wanted))
        told = pipe.execute(raise_on_error=False)
    return [[_count(text, hour) for text, hour in zip(_values(row, most), wanted, strict=True)] for row in told]


def mute(fingerprint: str, until: datetime, note: str, actor: str) -> None:
    """Mute a fingerprint until a moment. Safe to repeat: the last one counts."""
    text = json.dumps({"note": note, "actor": actor, "until_s": until.timestamp()})
    connection.client().set(keys.muted(fingerprint), text, exat=math.ceil(until.timestamp()))


def unmute(fingerprint: str) -> bool:
    """Show it again; whether it was muted."""
    return bool(connection.client().delete(keys.muted(fingerprint)))


def _read(fingerprint: str, values: Any, mute: Any) -> Failure | None:
    if not isinstance(values, list) or not all(values[-3:]):
        return None
    texts = [(value or b"").decode(errors="replace") for value in values]
    kind, category, host, shape, message, job, times, first, last = texts
    if not (times.isdigit() and first.isdigit() and last.isdigit()):
        return None
    return Failure(fingerprint, kind, category, host, shape, message, job, int(times), _at(first), _at(last), _mute(mute))


def _mute(text: Any) -> Mute | None:
    try:
        told = json.loads(text)
        return Mute(datetime.fromtimestamp(told["until_s"], UTC), str(told["note"]), str(told["actor"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _at(ms: str) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


def _values(row: Any, number: int) -> list[bytes | None]:
    return row if isinstance(row, list) else [None] * number


def _count(text: bytes | None, hour: int) -> int:
    """`494016 3` says: three in the hour 494016 since 1970."""
    at, _, number = (text or b"").decode(errors="replace").partition(" ")
    return int(number) if at == str(hour) and number.isdigit() else 0
