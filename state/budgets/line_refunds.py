"""What one line of a ledger charged is given back: to its scope and to the system, to each of them once."""

import uuid
from collections.abc import Mapping, Sequence

import clock
from state.budgets import keys, periods
from state.budgets.reservations import MOST_LINES
from state.store import scripts

#: The months (YYYY-MM) of scopes: that of the line first.
Months = Sequence[tuple[str, str]]


def refund(line: str, months: Months, fields: Mapping[str, str]) -> tuple[str, int, int]:
    """Give a line of the first scope's ledger back; a line with these fields goes into each ledger.

    Returns how that ended, and two numbers. `done`: millionths of a USD and thousandths of a credit. `none`: there is no such
    line. `kind`: it is no charge. `again`: it was given back before. `less`: the scope of this number spent less than that.
    """
    scope, month = months[0]
    verdict, *numbers = _refund_line(
        ledger=keys.ledger(scope, month),
        budgets=[name for one in months for name in (keys.month(*one), keys.ledger(*one))],
        now_ms=clock.script_now_ms(),
        line=line,
        id=uuid.uuid4().hex,
        keep_s=periods.KEEP_S,
        most=MOST_LINES,
        fields=[text for pair in fields.items() for text in pair],
    )
    first, second = [*map(int, numbers), 0, 0][:2]
    return verdict.decode(), first, second


@scripts.script("budgets/refund_line")
def _refund_line(
    *,
    ledger: str,
    budgets: Sequence[str],
    now_ms: str,
    line: str,
    id: str,
    keep_s: int,
    most: int,
    fields: Sequence[str],
) -> list[bytes]:
    raise scripts.InLua
