"""The limits of a budget, set by hand, and what whoever sets them should know: what they replace, and what they do not bound."""

from collections.abc import Iterator
from typing import NamedTuple

from state.forms import networks
from state.store import connection
from state.tracking import projects
from topics import budgets
from topics.budgets import Scope, scopes

#: Kinds of scopes that something is charged to.
CHARGED = ("project", "network", "subscription")


class Set(NamedTuple):
    """A scope with its new limits. `warnings`: sentences about what may not have been meant."""

    scope: Scope
    warnings: list[str]


def put(scope: str, micro_usd: int | None = None, credits: scopes.Number | None = None, zone: str = "") -> Set:
    """Set the limits of a scope in place of those it had; `zone` "" = its calendar stays. Raises ArgumentError."""
    before = budgets.show(scope)
    made = budgets.set_limit(scope, micro_usd, credits, zone or before.zone)
    with connection.errors_translated():
        return Set(made, [*_gone(before, made), *_uncharged(made)])


def _gone(before: Scope, made: Scope) -> Iterator[str]:
    if made.micro_usd.limit is None and made.milli_credits.limit is None:
        return
    if before.micro_usd.limit is not None and made.micro_usd.limit is None:
        yield f"{made.scope} has no limit in USD any more (it was {scopes.usd(before.micro_usd.limit)}): name both to keep both."
    if before.milli_credits.limit is not None and made.milli_credits.limit is None:
        was = scopes.credits_of(before.milli_credits.limit)
        yield f"{made.scope} has no limit in credits any more (it was {was}): name both to keep both."


def _uncharged(made: Scope) -> Iterator[str]:
    kind, _, name = made.scope.partition(":")
    if made.scope == scopes.SYSTEM or made.micro_usd.spent or made.milli_credits.spent:
        return
    if kind == "project" and projects.find(name) is None:
        yield f"There is no project {name}: this limit bounds nothing yet. `python manage.py project list` shows what there is."
    elif kind == "network" and not (name.isascii() and name.isdigit() and networks.find(int(name))):
        yield f"There is no network {name}: this limit bounds nothing yet. `python manage.py network list` shows what there is."
    elif kind not in CHARGED:
        kinds = ", ".join(f"{one}:ID" for one in CHARGED)
        yield f"Trawl itself charges nothing to {made.scope}, only to {scopes.SYSTEM}, {kinds}: only code of your own does."
