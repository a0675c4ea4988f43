"""The month whose budgets are in force.

The first of each month begins new budgets, also where no scheduler ran on that day. Nothing is charged to a budget yet: what is
kept is when each month began, for the ledger that will count from there.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from state.engine import budgets
from state.store import connection

log = logging.getLogger("trawl.budgets")


def begin(due_s: int) -> dict[str, Any]:
    """Begin the month in which `due_s` (seconds since 1970) lies, in UTC; once, however often it runs."""
    month = datetime.fromtimestamp(due_s, UTC).strftime("%Y-%m")
    began = budgets.begin_month(month, connection.now())
    if began:
        log.info("A new month of budgets", extra={"month": month})
    return {"outcome": "began" if began else "had begun", "month": month}
