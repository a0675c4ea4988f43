"""Budgets: what each scope spent of its limit this month, where that leads by its end, and the ledger. Admins set limits."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from flask import Flask, Response, request

from errors import ArgumentError, TrawlError
from topics import budgets
from topics.budgets import Scope, Unit, scopes
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, refusals, tables
from web.pages.tables import Column, Part

COLUMNS = (
    Column("scope", "Scope"),
    Column("unit", "Unit"),
    Column("month", "Month", "By the calendar of the scope."),
    Column("spent", "Spent this month", numeric=True),
    Column("reserved", "Reserved", "For steps that are not settled yet.", numeric=True),
    Column("limit", "Limit", numeric=True),
    Column("percent", "Used, %", numeric=True),
    Column("projected", "By the end of the month", "At the pace until now; not said in the first day.", numeric=True),
    Column("state", "State"),
    Column("ends_at", "The month turns", "Jobs without budget wait until then."),
)

LEDGER = (
    Column("at", "When"),
    Column("kind", "What"),
    Column("purpose", "For"),
    Column("key", "Job or key"),
    Column("usd", "USD", numeric=True),
    Column("credits", "Credits", numeric=True),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/budgets", "budgets_page", budgets_page)
    app.add_url_rule("/budgets", "budget_set", set_limit, methods=["POST"])
    app.add_url_rule("/budgets/<scope>", "budget_page", budget_page)
    app.add_url_rule("/budgets/<scope>/remove", "budget_remove", remove, methods=["POST"])


@access.needs(Role.VIEWER)
def budgets_page() -> Response:
    """All scopes that have a limit or spent something."""
    return _all()


@access.needs(Role.ADMIN)
def set_limit() -> Response:
    """Set the limits of a scope, in place of those it had; jobs that wait for it go on at once."""
    scope, zone = (request.form.get(name, "").strip() for name in ("scope", "zone"))
    try:
        usd = _typed("usd", scopes.MICRO)
        milli = _typed("credits", scopes.MILLI)
        if usd is None and milli is None:
            raise ArgumentError(
                "Give a limit in USD, in credits, or both; `Remove` on the page of a scope takes its limits away."
            )
        budgets.set_limit(scope, usd, None if milli is None else Decimal(milli) / scopes.MILLI, zone or "UTC")
    except TrawlError as exc:
        return _all(refusals.of(exc))
    most = [f"{scopes.usd(usd)} USD"] if usd is not None else []
    most += [f"{scopes.credits_of(milli)} credits"] if milli is not None else []
    return frame.done("/budgets", f"{scope} may spend {' and '.join(most)} a month. Jobs that wait for it go on.")


@access.needs(Role.ADMIN)
def remove(scope: str) -> Response:
    """Take the limits of a scope away; its zone stays."""
    budgets.set_limit(scope, zone=budgets.show(scope).zone)
    return frame.done("/budgets", f"No limit for {scope} any more.")


def _typed(name: str, units: int) -> int | None:
    text = request.form.get(name, "").strip()
    return scopes.typed(text, units, name) if text else None


def _all(problem: Problem | None = None) -> Response:
    read = tables.all_at_once([row for one in budgets.every() for row in rows_of(one)])
    if file := tables.wanted_file("budgets", COLUMNS, read):
        return file
    empty = "Nothing has a limit, and nothing was spent: `python manage.py budget set system --usd 25` sets a limit."
    found = tables.make("budgets", "Budgets of this month", COLUMNS, read, empty)
    status = problem.status if problem else 200
    return frame.show("budgets.html", "Budgets", status=status, found=found, problem=problem, typed=request.form)


@access.needs(Role.VIEWER)
def budget_page(scope: str) -> Response:
    """One scope, and what it was charged for this month."""
    known = budgets.show(scope)
    shown = list(rows_of(known))
    if file := tables.wanted_file("ledger", LEDGER, lambda limit, cursor: _ledger(scope, limit, cursor)):
        return file
    if file := tables.wanted_file("budgets", COLUMNS, tables.all_at_once(shown)):
        return file
    sums = tables.make("budgets", "This month", COLUMNS, tables.all_at_once(shown))
    empty = "Nothing was charged this month."
    lines = tables.make("ledger", "Charges of this month", LEDGER, lambda limit, cursor: _ledger(scope, limit, cursor), empty)
    limits = {"scope": scope, "zone": known.zone, **_limits(known)}
    return frame.show("budget.html", f"Budget of {scope}", found=sums, lines=lines, typed=limits)


def _limits(one: Scope) -> dict[str, str]:
    """The limits as they are typed."""
    pairs = (("usd", one.micro_usd, scopes.MICRO), ("credits", one.milli_credits, scopes.MILLI))
    return {name: "" if unit.limit is None else f"{Decimal(unit.limit) / parts:f}" for name, unit, parts in pairs}


def rows_of(one: Scope) -> Iterator[dict[str, Any]]:
    """A row for each unit that has a limit or was spent; USD where there is neither."""
    units = [("USD", one.micro_usd, scopes.usd), ("credits", one.milli_credits, scopes.credits_of)]
    used = [each for each in units if each[1].limit is not None or each[1].spent or each[1].held]
    for name, unit, says in used or units[:1]:
        yield {"scope": one.scope, "unit": name, "month": one.month, "ends_at": one.ends_at, **_figures(unit, says)}


def _figures(unit: Unit, says: Callable[[int], str]) -> dict[str, Any]:
    return {
        "spent": says(unit.spent),
        "reserved": says(unit.held),
        "limit": None if unit.limit is None else says(unit.limit),
        "percent": unit.percent,
        "projected": None if unit.projected is None else says(unit.projected),
        "state": _state(unit),
    }


def _state(unit: Unit) -> str:
    """What the figures mean, in a word or two."""
    if unit.limit is None:
        return "no limit"
    if unit.spent >= unit.limit:
        return "used up"
    if unit.spent * 100 >= unit.limit * 80:
        return "80 % used"
    return "will not last" if unit.projected is not None and unit.projected > unit.limit else "in budget"


def _ledger(scope: str, limit: int, cursor: str) -> Part:
    found = budgets.ledger(scope, most=limit, before=cursor)
    rows = [
        {
            **{name: getattr(one, name) for name in ("at", "kind", "purpose", "key")},
            "usd": scopes.usd(one.micro_usd),
            "credits": scopes.credits_of(one.milli_credits),
        }
        for one in found
    ]
    return Part(rows, found[-1].id if len(found) == limit else "")
