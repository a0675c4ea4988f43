"""Budgets by the month: the turn of the month, and whether anything is left of one."""

from typing import Any

import queues
from topics import budgets
from topics.budgets import turning


@queues.job(queue="high", kind="budgets", timeout_s=60, retries=3)
def begin_month(due_s: int) -> dict[str, Any]:
    """Begin the budgets of the month in which `due_s` (seconds since 1970) lies, in UTC, and close those that are over; once."""
    return turning.turn(due_s)


@queues.job(queue="high", kind="budgets", timeout_s=60, retries=3)
def reset_monthly_budgets(due_s: int) -> dict[str, Any]:
    """The same, under the name by which others know it."""
    return turning.turn(due_s)


@queues.job(queue="high", kind="budgets", timeout_s=60, retries=3)
def check_budget(subscription_id: str) -> bool:
    """Whether anything is left this month of the budget of a subscription, and of the whole system."""
    return budgets.check_budget(subscription_id)
