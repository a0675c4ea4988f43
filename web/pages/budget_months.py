"""A budget month by month: what was spent, and how that changed."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import request

from topics.budgets import Scope, scopes
from web.errors import Field, Problem
from web.pages.tables import Column

COLUMNS = (
    Column("month", "Month", "By the calendar of the scope."),
    Column("usd", "USD", numeric=True),
    Column("credits", "Credits", numeric=True),
    Column("change", "Against the month before, %", "Of the unit that was spent; of USD where both were.", numeric=True),
)


def rows_of(told: Sequence[Scope]) -> Iterator[dict[str, Any]]:
    """A row for each month from the first in which something was spent, the newest first."""
    last = max((number for number, one in enumerate(told) if one.micro_usd.spent or one.milli_credits.spent), default=0)
    for number, one in enumerate(told[: last + 1]):
        usd, credits = one.micro_usd.spent, one.milli_credits.spent
        before = told[number + 1] if number < last else None
        change = _change(usd, before.micro_usd.spent) if before else None
        change = _change(credits, before.milli_credits.spent) if before and change is None else change
        yield {"month": one.month, "usd": scopes.usd(usd), "credits": scopes.credits_of(credits), "change": change}


def _change(now: int, before: int) -> int | None:
    """By how many per cent more was spent; None where nothing was before."""
    return round(100 * (now - before) / before) if before else None


def asked(told: Sequence[Scope]) -> str:
    """The month whose charges are asked for. Raises Problem 422."""
    month, known = request.args.get("month", told[0].month), [one.month for one in told]
    if month not in known:
        says = f"is no month of which anything is kept: there are {known[-1]} to {known[0]}"
        raise Problem(422, f"The month {month!r:.40} {says}.", fields=[Field("month", says)])
    return month
