"""Budgets: what each scope spent of its limit this month, where that leads by its end, and the ledger. Admins set limits."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask import Flask, Response, request

from errors import ArgumentError, TrawlError
from topics import budgets
from topics.budgets import Scope, Unit, scopes
from web import access
from web.access import Role
from web.errors import Field, Problem
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

MONTHS = (
    Column("month", "Month", "By the calendar of the scope."),
    Column("usd", "USD", numeric=True),
    Column("credits", "Credits", numeric=True),
    Column("change", "Against the month before, %", "Of the unit that was spent; of USD where both were.", numeric=True),
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
    """One scope, what it spent by month, and what it was charged for in one of them."""
    told = budgets.months(scope)
    month = _month(told)
    shown, spent = list(rows_of(told[0])), list(months_of(told))

    def charged(limit: int, cursor: str) -> Part:
        return _ledger(scope, month, limit, cursor)

    for name, columns, read in (
        ("ledger", LEDGER, charged),
        ("budgets", COLUMNS, tables.all_at_once(shown)),
        ("months", MONTHS, tables.all_at_once(spent)),
    ):
        if file := tables.wanted_file(name, columns, read):
            return file
    sums = tables.make("budgets", "This month", COLUMNS, tables.all_at_once(shown))
    past = tables.make("months", "Spent by month", MONTHS, tables.all_at_once(spent))
    lines = tables.make("ledger", f"Charges of {month}", LEDGER, charged, "Nothing was charged in this month.")
    limits = {"scope": scope, "zone": told[0].zone, **_limits(told[0])}
    return frame.show("budget.html", f"Budget of {scope}", found=sums, past=past, month=month, lines=lines, typed=limits)


def months_of(told: Sequence[Scope]) -> Iterator[dict[str, Any]]:
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


def _month(told: Sequence[Scope]) -> str:
    """The month whose charges are asked for. Raises Problem 422."""
    month, known = request.args.get("month", told[0].month), [one.month for one in told]
    if month not in known:
        says = f"is no month of which anything is kept: there are {known[-1]} to {known[0]}"
        raise Problem(422, f"The month {month!r:.40} {says}.", fields=[Field("month", says)])
    return month


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
