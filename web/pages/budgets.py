"""Budgets: what each scope spent of its limit this month, and where that leads by its end."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, request

from topics import budgets
from topics.budgets import Scope, Unit, scopes
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, tables
from web.pages.tables import Column

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


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/budgets", "budgets_page", budgets_page)


@access.needs(Role.VIEWER)
def budgets_page() -> Response:
    """All scopes that have a limit or spent something."""
    return page_of_all()


def page_of_all(problem: Problem | None = None) -> Response:
    """The page of all scopes; `problem`: what is wrong with its form."""
    read = tables.all_at_once([row for one in budgets.every() for row in rows_of(one)])
    if file := tables.wanted_file("budgets", COLUMNS, read):
        return file
    empty = "Nothing has a limit, and nothing was spent: `python manage.py budget set system --usd 25` sets a limit."
    found = tables.make("budgets", "Budgets of this month", COLUMNS, read, empty)
    status = problem.status if problem else 200
    return frame.show("budgets.html", "Budgets", status=status, found=found, problem=problem, typed=request.form)


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
