"""`budget ledger` and `budget refund`: what was charged for, line by line, and what is given back."""

from decimal import Decimal

import rich_click as click

from commands import output
from commands.root import writes

LEDGER = ("at", "kind", "purpose", "key", "USD", "credits", "line")


@click.command()
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


@click.command()
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


COMMANDS = (ledger, refund)
