"""Budgets of money and provider credits by the month: reserved before a paid step, settled after it.

    with budgets.reserved("project:4k2j", micro_usd=20_000, purpose="llm") as held:
        held.ask()
        reply = client.ask(request)
        held.settle(micro_usd=reply.cost_micro_usd)

Where the process dies after `ask`, nobody knows what the step did cost: its bound is charged as `uncertain`.

A scope is `system`, or a kind with an id: `project:<id>`, `subscription:<id>`, `network:<id>`. `system` is in every reservation.
"""

from topics.budgets.amounts import Line, Scope, Unit, check_budget, every, ledger, months, of, refund, set_limit, show, warning
from topics.budgets.line_refunds import refund_line
from topics.budgets.spending import Held, reserved

__all__ = [
    "Held",
    "Line",
    "Scope",
    "Unit",
    "check_budget",
    "every",
    "ledger",
    "months",
    "of",
    "refund",
    "refund_line",
    "reserved",
    "set_limit",
    "show",
    "warning",
]
