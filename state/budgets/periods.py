"""Calendar months of budgets, by the wall clock of a zone, and when each began and was closed."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import clock
from state.budgets import keys
from state.store import connection, scripts

#: How long a month and its ledger are kept.
KEEP = timedelta(days=400)
KEEP_S = int(KEEP.total_seconds())


class Period(NamedTuple):
    """A month, YYYY-MM, of a zone; it has `begins_at`, and is over at `ends_at` (aware)."""

    month: str
    begins_at: datetime
    ends_at: datetime


def at(moment: datetime, zone: str) -> Period:
    """The month of a moment (aware) in a zone of the IANA database."""
    local = moment.astimezone(ZoneInfo(zone))
    return of(local.year, local.month, zone)


def of(year: int, month: int, zone: str) -> Period:
    """A month by its number."""
    begins = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
    ends = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZoneInfo(zone))
    return Period(f"{year:04}-{month:02}", begins.astimezone(UTC), ends.astimezone(UTC))


def before(period: Period, zone: str) -> Period:
    """The month before."""
    return at(period.begins_at - timedelta(seconds=1), zone)


def begin(month: str, moment: datetime) -> bool:
    """Note that the budgets of a month began; says whether they had not yet. Safe to repeat: the first time stands."""
    return bool(connection.client().set(keys.began(month), moment.isoformat(), ex=KEEP_S, nx=True))


def began(month: str) -> datetime | None:
    """When the budgets of a month began; None = they did not."""
    value = connection.client().get(keys.began(month))
    return datetime.fromisoformat(value.decode()) if value else None


def close(scope: str, month: str) -> bool:
    """Write the sums of a month that is over into its ledger; says whether that was the first time. Safe to repeat."""
    names = {"month": keys.month(scope, month), "leases": keys.leases(scope, month), "ledger": keys.ledger(scope, month)}
    return bool(_close(**names, now_ms=clock.script_now_ms(), keep_s=KEEP_S))


@scripts.script("budgets/close")
def _close(*, month: str, leases: str, ledger: str, now_ms: str, keep_s: int) -> int:
    raise scripts.InLua
