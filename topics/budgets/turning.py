"""The turn of the month: what is over is closed into the ledger, once, and what was parked for it goes on.

The month is in the names of keys, so that a new one begins with nothing spent, also where nobody runs this. It may run as often
as it likes, and late: it looks back over all months that are kept.
"""

import logging
from datetime import UTC, datetime
from typing import Any

import clock
from state.budgets import limits, periods
from state.store import connection
from topics.budgets import amounts, scopes

log = logging.getLogger("trawl.budgets")

#: Months that are looked at: as many as are kept.
MONTHS = 13


def turn(due_s: int) -> dict[str, Any]:
    """Begin the month in which `due_s` (seconds since 1970) lies, in UTC, and close what is over in every scope by its zone.

    Returns `outcome`, `month`, and where there are budgets `closed` (months) and `woken` (jobs). Safe to repeat.
    """
    month = datetime.fromtimestamp(due_s, UTC).strftime("%Y-%m")
    began = periods.begin(month, connection.now())
    if began:
        log.info("A new month of budgets", extra={"month": month})
    known = limits.scopes()
    limits.forget(clock.now() - periods.KEEP)
    told = {"outcome": "began" if began else "had begun", "month": month}
    closed = {scope: _close(scope, limit.zone) for scope, limit in zip(known, limits.of(known), strict=True)}
    woken = sum(amounts.wake(scope) for scope, count in closed.items() if count)
    return told | ({"closed": sum(closed.values()), "woken": woken} if known else {})


def _close(scope: str, zone: str) -> int:
    """Close the months of a scope that are over; says how many were not yet."""
    count, period = 0, periods.at(clock.now(), zone)
    for _ in range(MONTHS):
        period = periods.before(period, zone)
        if periods.close(scope, period.month):
            count += 1
            _tell(scope, period)
    return count


def _tell(scope: str, period: periods.Period) -> None:
    sums = amounts.view(limits.look([scope], period.begins_at)[0])
    usd, credits = scopes.usd(sums.micro_usd.spent), scopes.credits_of(sums.milli_credits.spent)
    log.info("A month of a budget is closed", extra={"scope": scope, "month": period.month, "usd": usd, "credits": credits})
