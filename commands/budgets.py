"""`budget`: what may be spent in a month, and what was."""

from decimal import Decimal
from typing import TYPE_CHECKING

import rich_click as click

from commands import budget_ledger, output
from commands.root import writes

if TYPE_CHECKING:
    from topics.budgets import Scope, Unit

COLUMNS = ("scope", "month", "unit", "spent", "reserved", "limit", "left", "used", "projected", "turns at")


@click.group("budget")
def group() -> None:
    """Budgets of money and provider credits by the month: limits, what is spent, and the ledger."""


for command in budget_ledger.COMMANDS:
    group.add_command(command)


@group.command()
@click.argument("scope", required=False)
@click.option("--month", default="", metavar="YYYY-MM", help="another month than this one")
@output.json_option
def show(scope: str | None, month: str, as_json: bool) -> None:
    """Show what SCOPE (system, project:ID, network:ID, subscription:ID) spent and may spend; without SCOPE, all of them."""
    from topics import budgets

    if month and not scope:
        raise click.UsageError("Name the scope whose month you want to see, e.g. system.")
    found = [budgets.show(scope, month)] if scope else budgets.every()
    if as_json:
        output.json_list([_as_json(one) for one in found])
    else:
        output.table(COLUMNS, [row for one in found for row in _rows(one)])


@group.command("set")
@click.argument("scope")
@click.option("--usd", metavar="USD", help="at most so much money in a month, e.g. 25 or 0.50")
@click.option("--credits", metavar="N", help="at most so many provider credits in a month")
@click.option("--zone", default="", help="whose calendar its months are, e.g. Europe/Vienna [default: as it was; UTC]")
@click.option("--remove", is_flag=True, help="take its limits away")
@writes
def set_(scope: str, usd: str | None, credits: str | None, zone: str, remove: bool) -> None:
    """Set the limits of SCOPE, in place of those it had. Jobs that wait for it go on at once."""
    from topics.budgets import scopes
    from topics.operations import budget_limits

    if remove == (usd is not None or credits is not None):
        raise click.UsageError("Name a limit, e.g. --usd 25 or --credits 10000, or --remove.")
    micro_usd = None if usd is None else scopes.typed(usd, scopes.MICRO, "usd")
    milli = None if credits is None else scopes.typed(credits, scopes.MILLI, "credits")
    made, warnings = budget_limits.put(scope, micro_usd, None if milli is None else Decimal(milli) / scopes.MILLI, zone)
    if remove:
        output.line(f"No limit for {scope} any more.")
        return
    most = [f"{scopes.usd(micro_usd)} USD"] if micro_usd is not None else []
    most += [f"{scopes.credits_of(milli)} credits"] if milli is not None else []
    output.line(f"{scope} may spend {' and '.join(most)} a month. Its month turns at {made.ends_at.isoformat()}.")
    for warning in warnings:
        output.warn(warning)


def _rows(one: "Scope") -> list[list[object]]:
    from topics.budgets import scopes

    units = (("USD", one.micro_usd, scopes.usd), ("credits", one.milli_credits, scopes.credits_of))
    return [
        [
            *(one.scope, one.month, name, says(unit.spent), says(unit.held)),
            *("-" if value is None else says(value) for value in (unit.limit, unit.left)),
            "-" if unit.percent is None else f"{unit.percent:g} %",
            "-" if unit.projected is None else says(unit.projected),
            one.ends_at.isoformat(),
        ]
        for name, unit, says in units
    ]


def _as_json(one: "Scope") -> dict[str, object]:
    names = ("scope", "zone", "month", "ends_at", "warned_80_at", "warned_100_at", "closed_at")
    units = {"micro_usd": _unit(one.micro_usd), "milli_credits": _unit(one.milli_credits)}
    return {name: getattr(one, name) for name in names} | units


def _unit(unit: "Unit") -> dict[str, object]:
    return {name: getattr(unit, name) for name in ("limit", "spent", "held", "left", "percent", "projected")}
