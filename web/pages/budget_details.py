"""One budget: what a scope spent by month, and what it was charged for in one of them."""

from decimal import Decimal

from flask import Flask, Response

from topics import budgets
from topics.budgets import Scope, scopes
from web import access
from web.access import Role
from web.pages import budget_months, frame, tables
from web.pages import budgets as budgets_page
from web.pages.tables import Column, Part

LEDGER = (
    Column("at", "When"),
    Column("kind", "What"),
    Column("purpose", "For"),
    Column("key", "Job or key"),
    Column("usd", "USD", numeric=True),
    Column("credits", "Credits", numeric=True),
)


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/budgets/<scope>", "budget_page", budget_page)


@access.needs(Role.VIEWER)
def budget_page(scope: str) -> Response:
    """One scope, what it spent by month, and what it was charged for in one of them."""
    told = budgets.months(scope)
    month = budget_months.asked(told)
    shown, spent = list(budgets_page.rows_of(told[0])), list(budget_months.rows_of(told))

    def charged(limit: int, cursor: str) -> Part:
        return _ledger(scope, month, limit, cursor)

    for name, columns, read in (
        ("ledger", LEDGER, charged),
        ("budgets", budgets_page.COLUMNS, tables.all_at_once(shown)),
        ("months", budget_months.COLUMNS, tables.all_at_once(spent)),
    ):
        if file := tables.wanted_file(name, columns, read):
            return file
    sums = tables.make("budgets", "This month", budgets_page.COLUMNS, tables.all_at_once(shown))
    past = tables.make("months", "Spent by month", budget_months.COLUMNS, tables.all_at_once(spent))
    lines = tables.make("ledger", f"Charges of {month}", LEDGER, charged, "Nothing was charged in this month.")
    limits = {"scope": scope, "zone": told[0].zone, **_limits(told[0])}
    return frame.show("budget.html", f"Budget of {scope}", found=sums, past=past, month=month, lines=lines, typed=limits)


def _limits(one: Scope) -> dict[str, str]:
    """The limits as they are typed."""
    pairs = (("usd", one.micro_usd, scopes.MICRO), ("credits", one.milli_credits, scopes.MILLI))
    return {name: "" if unit.limit is None else f"{Decimal(unit.limit) / parts:f}" for name, unit, parts in pairs}


def _ledger(scope: str, month: str, limit: int, cursor: str) -> Part:
    found = budgets.ledger(scope, month, most=limit, before=cursor)
    rows = [
        {
            **{name: getattr(one, name) for name in ("at", "kind", "purpose", "key")},
            "usd": scopes.usd(one.micro_usd),
            "credits": scopes.credits_of(one.milli_credits),
        }
        for one in found
    ]
    return Part(rows, found[-1].id if len(found) == limit else "")
