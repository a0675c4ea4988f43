"""`budget`: what may be spent in a month, what was, and the ledger."""

from decimal import Decimal
from typing import TYPE_CHECKING

import rich_click as click

from commands import output
from commands.root import writes

if TYPE_CHECKING:
    from topics.budgets import Scope, Unit

COLUMNS = ("scope", "month", "unit", "spent", "reserved", "limit", "left", "used", "projected", "turns at")

LEDGER = ("at", "kind", "purpose", "key", "USD", "credits", "line")


@click.group("budget")
def group() -> None:
    """Budgets of money and provider credits by the month: limits, what is spent, and the ledger."""


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
@click.option("--zone", default="UTC", show_default=True, help="whose calendar its months are, e.g. Europe/Vienna")
@click.option("--remove", is_flag=True, help="take its limits away")
@writes
def set_(scope: str, usd: str | None, credits: str | None, zone: str, remove: bool) -> None:
    """Set the limits of SCOPE, in place of those it had. Jobs that wait for it go on at once."""
    from topics import budgets
    from topics.budgets import scopes

    if remove == (usd is not None or credits is not None):
        raise click.UsageError("Name a limit, e.g. --usd 25 or --credits 10000, or --remove.")
    micro_usd = None if usd is None else scopes.typed(usd, scopes.MICRO, "usd")
    milli = None if credits is None else scopes.typed(credits, scopes.MILLI, "credits")
    made = budgets.set_limit(scope, micro_usd, None if milli is None else Decimal(milli) / scopes.MILLI, zone)
    if remove:
        output.line(f"No limit for {scope} any more.")
        return
    most = [f"{scopes.usd(micro_usd)} USD"] if micro_usd is not None else []
    most += [f"{scopes.credits_of(milli)} credits"] if milli is not None else []
    output.line(f"{scope} may spend {' and '.join(most)} a month. Its month turns at {made.ends_at.isoformat()}.")


@group.command()
@click.argument("scope")
@click.option("--month", default="", metavar="YYYY-MM", help="another month than this one")
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True, help="how many lines")
@output.json_option
def ledger(scope: str, month: str, most: int, as_json: bool) -> None:
    """Show what SCOPE was charged for in a month, the newest first.

    `uncertain`: its process was killed before the answer was settled, so nobody knows what it did cost; `budget refund --line`
    gives it back where the bill does not have it.
    """
    from topics import budgets
    from topics.budgets import scopes

    found = budgets.ledger(scope, month, most)
    if as_json:
        output.json_list(found)
        return
    amounts = [(scopes.usd(one.micro_usd), scopes.credits_of(one.milli_credits)) for one in found]
    rows = [[one.at.isoformat(), one.kind, one.purpose, one.key, *both, one.id] for one, both in zip(found, amounts, strict=True)]
    output.table(LEDGER, rows)


@group.command()
@click.argument("scope")
@click.option("--usd", default="0", metavar="USD", help="so much money")
@click.option("--credits", default="0", metavar="N", help="so many provider credits")
@click.option("--line", default="", metavar="ID", help="what this line of the ledger of SCOPE charged, once")
@click.option("--reason", required=True, help="stands in the ledger")
@click.option("--key", default="", help="a refund of an amount with the same key is made once in a day")
@writes
def refund(scope: str, usd: str, credits: str, line: str, reason: str, key: str) -> None:
    """Give back to SCOPE and the system what was charged: an amount of this month, or a line. Jobs that wait for it go on."""
    from topics import budgets
    from topics.budgets import scopes

    micro_usd, milli = scopes.typed(usd, scopes.MICRO, "usd"), scopes.typed(credits, scopes.MILLI, "credits")
    if line:
        if micro_usd or milli or key:
            raise click.UsageError("A line is given back whole and once: leave --usd, --credits and --key out.")
        back = budgets.refund_line(scope, line, reason)
        micro_usd, milli = back.micro_usd, back.milli_credits
    else:
        budgets.refund(scope, micro_usd=micro_usd, credits=Decimal(milli) / scopes.MILLI, reason=reason, key=key)
    output.line(f"Given back to {scope} and the system: {scopes.usd(micro_usd)} USD, {scopes.credits_of(milli)} credits.")


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
