"""The queue and its monitor as a library: every function that another program calls, in one place.

from topics.operations import library as queue

job = queue.submit_scraping_job("https://example.com/", {"extract_links": True}, priority=1)
queue.get_job_status(job.id).status
queue.get_job_progress(job.id)["progress_percentage"]
"""

import dataclasses
import sys
from types import ModuleType
from typing import Any

from topics.operations import jobs, metrics
from topics.operations.history import get_job_history
from topics.operations.job_cleaning import cleanup_old_jobs
from topics.operations.jobs import cancel_job, get_job_status, update_job_status
from topics.operations.listing import get_active_jobs
from topics.operations.metrics import (
    get_active_jobs_summary,
    get_queue_stats,
    get_system_metrics,
    record_error,
    record_job_completion,
)
from topics.scraping.single import submit_scraping_job

__all__ = [
    "cancel_job",
    "cleanup_old_jobs",
    "get_active_jobs",
    "get_active_jobs_summary",
    "get_job_history",
    "get_job_monitor",
    "get_job_progress",
    "get_job_queue",
    "get_job_status",
    "get_performance_history",
    "get_queue_stats",
    "get_system_metrics",
    "record_error",
    "record_job_completion",
    "submit_scraping_job",
    "update_job_status",
]


def get_job_queue() -> ModuleType:
    """The queue with its monitor: this module. It needs no connection of its own, and is the same in every thread."""
    return sys.modules[__name__]


def get_job_monitor() -> ModuleType:
    """The monitor, which is the same module."""
    return get_job_queue()


def get_job_progress(job_id: str) -> dict[str, Any]:
    """How far a job is, as `jobs.JobProgress` says, by names. Reads only. Raises NotFound."""
    return dataclasses.asdict(jobs.get_job_progress(job_id))


def get_performance_history(hours: int = 24) -> dict[str, Any]:
    """`{"hours", "history"}`: the last hours, oldest first, as `metrics` has them. Rates are shares. Raises ArgumentError."""
    return {"hours": hours, "history": metrics.get_performance_history(hours)}
