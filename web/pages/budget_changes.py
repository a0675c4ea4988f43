"""What is done with budgets, for admins: the limits of a scope are set or taken away."""

from decimal import Decimal

from flask import Flask, Response, request

from errors import ArgumentError, TrawlError
from topics import budgets
from topics.budgets import scopes
from topics.operations import budget_limits
from web import access
from web.access import Role
from web.pages import budgets as budgets_page
from web.pages import frame, refusals


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/budgets", "budget_set", set_limit, methods=["POST"])
    app.add_url_rule("/budgets/<scope>/remove", "budget_remove", remove, methods=["POST"])


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
        made = budget_limits.put(scope, usd, None if milli is None else Decimal(milli) / scopes.MILLI, zone or "UTC")
    except TrawlError as exc:
        return budgets_page.page_of_all(refusals.of(exc))
    most = [f"{scopes.usd(usd)} USD"] if usd is not None else []
    most += [f"{scopes.credits_of(milli)} credits"] if milli is not None else []
    said = f"{scope} may spend {' and '.join(most)} a month. Jobs that wait for it go on."
    return frame.done("/budgets", " ".join([said, *made.warnings]))


@access.needs(Role.ADMIN)
def remove(scope: str) -> Response:
    """Take the limits of a scope away; its zone stays."""
    budgets.set_limit(scope, zone=budgets.show(scope).zone)
    return frame.done("/budgets", f"No limit for {scope} any more.")


def _typed(name: str, units: int) -> int | None:
    text = request.form.get(name, "").strip()
    return scopes.typed(text, units, name) if text else None
