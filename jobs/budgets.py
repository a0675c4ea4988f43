"""Budgets by the month: when each began. Nothing is charged to them yet (topics/operations/budget_months.py)."""

from typing import Any

import queues
from topics.operations import budget_months


@queues.job(queue="high", kind="budgets", timeout_s=60, retries=3)
def begin_month(due_s: int) -> dict[str, Any]:
    """Begin the budgets of the month in which `due_s` (seconds since 1970) lies, in UTC; once, however often it runs."""
    return budget_months.begin(due_s)
