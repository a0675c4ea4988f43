"""What budgets are spent, month by month."""

import logging
from datetime import UTC, datetime
from typing import Any

import queues
from state.engine import budgets
from state.store import connection

log = logging.getLogger("trawl.budgets")


@queues.job(queue="high", kind="budgets", timeout_s=60, retries=3)
def begin_month(due_s: int) -> dict[str, Any]:
    """Begin the budgets of the month in which `due_s` (seconds since 1970) lies, in UTC; once, however often it runs."""
    month = datetime.fromtimestamp(due_s, UTC).strftime("%Y-%m")
    began = budgets.begin_month(month, connection.now())
    if began:
        log.info("A new month of budgets", extra={"month": month})
    return {"outcome": "began" if began else "had begun", "month": month}
