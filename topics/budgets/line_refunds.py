"""A charge is given back by its line in the ledger: the whole of it, once, and the refund names the line."""

import re
from datetime import UTC, datetime, timedelta

import clock
from errors import ArgumentError, NotFound, WrongState
from state.budgets import limits, line_refunds, periods
from state.budgets.reservations import Amount
from topics.budgets import amounts
from topics.budgets import scopes as names

LINE = re.compile(r"([0-9]{12,14})-[0-9]{1,10}")

SAYS = {
    "kind": "is no charge: only a settle or an uncertain line is given back",
    "again": "was given back before: a charge is given back once",
    "less": "is more than is still spent in its month: other refunds gave some of it back",
}


def refund_line(scope: str, line: str, reason: str = "") -> Amount:
    """Give back to a scope and to `system` what a line of the scope's ledger charged; parked jobs are due at once.

    It counts for the month of the line. Where `system` got the same charge back by the line of another scope, it does not get it
    twice. Returns what was given back. Raises ArgumentError, NotFound, and WrongState for the second time.
    """
    found = LINE.fullmatch(line)
    if not found:
        raise ArgumentError(f"{line!r:.60} is no line of a ledger: `python manage.py budget ledger SCOPE` shows them.")
    scopes = list(dict.fromkeys([names.checked(scope), names.SYSTEM]))
    fields = {"kind": "refund", "purpose": reason[:100], "key": f"line {scope}/{line}"}
    verdict, first, second = "none", 0, 0
    for months in _months(scopes, datetime.fromtimestamp(int(found[1]) / 1000, UTC)):
        verdict, first, second = line_refunds.refund(line, months, fields)
        if verdict != "none":
            break
    if verdict == "none":
        raise NotFound(f"No line {line} in the ledger of {scope}: `python manage.py budget ledger {scope}` shows them.")
    if verdict != "done":
        raise WrongState(f"The line {line} of {scope} {SAYS[verdict]}.", ())
    for one in scopes:
        amounts.wake(one)
    return Amount(first, second)


def _months(scopes: list[str], moment: datetime) -> list[list[tuple[str, str]]]:
    """Months in which a line of this moment may stand, by the calendar of each scope: its own, this one, the one before its own.

    A step that begins at the end of a month is charged to it, and may be written down in the next.
    """
    zones = [one.zone for one in limits.of(scopes)]
    before = periods.at(moment, zones[0]).begins_at - timedelta(seconds=1)
    found = [
        tuple((one, periods.at(at, zone).month) for one, zone in zip(scopes, zones, strict=True))
        for at in (moment, clock.now(), before)
    ]
    return [list(one) for one in dict.fromkeys(found)]
