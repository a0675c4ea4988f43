"""What people do to many jobs at once."""

from typing import Any

import queues
from topics.operations import bulk


@queues.job(queue="high", kind="maintenance", timeout_s=6 * 3600)
def act_on_jobs(ask: dict[str, Any]) -> dict[str, Any]:
    """Run again, cancel or move the jobs that an ask names (topics/operations/bulk_asks.py); returns what became of them."""
    return bulk.run(ask, queues.current_job_id() or "by-hand", queues.progress)
