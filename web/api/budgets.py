"""Budgets: what a scope may spend in a month, what it spent, and the ledger. Money is in millionths of a USD."""

from typing import Self

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, model_validator

from topics import budgets
from topics.operations import budget_limits
from web.access import Role, needs
from web.answers import Listed, ListQuery, Moment, Reply, Told, listed, part, reply
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "budgets",
    __name__,
    url_prefix="/api/v1/budgets",
    abp_tags=[Tag(name="budgets", description="Money and provider credits by the month.")],
    abp_responses=RESPONSES,
)

MONTH = Field("", max_length=7, description="YYYY-MM by the calendar of the scope; empty = this month.")

MOST = 10**13


class ScopePath(Strict):
    """Whose budget."""

    scope: str = Field(max_length=120, description="system, project:ID, subscription:ID or another kind with an id")


class MonthQuery(Strict):
    """Which month."""

    month: str = MONTH


class LedgerQuery(ListQuery):
    """Which month, and which part of its ledger."""

    month: str = MONTH


class UnitView(Reply):
    """One unit in a month, in whole numbers of it."""

    limit: int | None = Field(description="null = no limit")
    spent: int
    held: int = Field(description="Reserved for steps that are not settled yet.")
    left: int | None = Field(description="What may still be reserved; null = no limit.")
    percent: float | None = Field(description="Spent of the limit.")
    projected: int | None = Field(description="Spent by the end of the month at the same pace; null in its first day.")


class BudgetView(Reply):
    """A scope in a month."""

    scope: str
    zone: str = Field(description="Whose calendar its months are.")
    month: str
    ends_at: Moment = Field(description="When the month turns; jobs without budget wait until then.")
    micro_usd: UnitView
    milli_credits: UnitView
    warned_80_at: Moment | None
    warned_100_at: Moment | None
    closed_at: Moment | None


class SetBudgetView(BudgetView):
    """A scope in a month, with its new limits."""

    warnings: list[Told] = Field(description="What may not have been meant: a limit is gone, or nothing is charged to the scope.")


class LineView(Reply):
    """A line of a ledger. `kind`: settle, uncertain, refund or close (the sums of the month)."""

    id: str
    at: Moment
    kind: str
    purpose: str
    key: str
    micro_usd: int
    milli_credits: int


class LimitBody(Strict):
    """Limits of a month, in place of those it had; null = no limit."""

    micro_usd: int | None = Field(None, ge=0, le=MOST, description="Millionths of a USD.")
    milli_credits: int | None = Field(None, ge=0, le=MOST, description="Thousandths of a provider credit.")
    zone: str = Field("", max_length=64, description="A time zone of the IANA database; empty = as it was, UTC at first.")


class RefundBody(Strict):
    """What is given back: an amount, or what a line of the ledger charged."""

    micro_usd: int = Field(0, ge=0, le=MOST)
    milli_credits: int = Field(0, ge=0, le=MOST)
    line: str = Field("", max_length=40, description="The `id` of a line: it is given back whole and once, in its own month.")
    reason: str = Field(min_length=1, max_length=100)
    key: str = Field("", max_length=200, description="A refund of an amount with the same key is made once in a day.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.line and (self.micro_usd or self.milli_credits or self.key):
            raise ValueError("a line is given back whole and once: leave micro_usd, milli_credits and key out")
        return self


@api.get("", responses={200: Listed[BudgetView]})
def list_budgets(query: ListQuery) -> Response:
    """List the scopes that have a limit or spent something, each in its present month."""
    return part(Listed[BudgetView], budgets.every(), lambda one: str(one.scope), query)


@api.get("/<scope>", responses={200: BudgetView})
def show_budget(path: ScopePath, query: MonthQuery) -> Response:
    """Show what a scope spent and may spend in a month."""
    return reply(BudgetView, budgets.show(path.scope, query.month))


@api.put("/<scope>", responses={200: SetBudgetView})
@needs(Role.ADMIN)
def set_budget(path: ScopePath, body: LimitBody) -> Response:
    """Set the limits of a scope; jobs that wait for its budget go on at once. Safe to repeat."""
    credits = None if body.milli_credits is None else _credits(body.milli_credits)
    made = budget_limits.put(path.scope, body.micro_usd, credits, body.zone)
    return reply(SetBudgetView, {**BudgetView.model_validate(made.scope).model_dump(), "warnings": made.warnings})


@api.get("/<scope>/ledger", responses={200: Listed[LineView]})
def show_budget_ledger(path: ScopePath, query: LedgerQuery) -> Response:
    """Show what a scope was charged for in a month, the newest first."""
    found = budgets.ledger(path.scope, query.month, query.limit, query.cursor)
    return listed(Listed[LineView], found, found[-1].id if len(found) == query.limit else "")


@api.post("/<scope>/refund", responses={200: BudgetView})
@needs(Role.ADMIN)
def refund_budget(path: ScopePath, body: RefundBody) -> Response:
    """Give back to a scope and the system an amount that was charged this month, or a line (409 the second time).

    An amount with a key is safe to repeat.
    """
    if body.line:
        budgets.refund_line(path.scope, body.line, body.reason)
        return reply(BudgetView, budgets.show(path.scope))
    credits = _credits(body.milli_credits)
    budgets.refund(path.scope, micro_usd=body.micro_usd, credits=credits, reason=body.reason, key=body.key)
    return reply(BudgetView, budgets.show(path.scope))


def _credits(milli: int) -> str:
    """Thousandths as a number of credits, exactly."""
    return f"{milli // 1000}.{milli % 1000:03}"
