"""The context of a running job: its id, its progress, and whether it must stop."""

from contextvars import ContextVar
from typing import Protocol


class Run(Protocol):
    """A running job, as its own code sees it. The worker puts it into `current_run`."""

    @property
    def job_id(self) -> str:
        """The id of the job."""

    def progress(self, step: int, total: int | None, message: str) -> None:
        """Record how far the job is. Raises JobCancelled or LeaseLost if the job must stop."""

    def cancelled(self) -> bool:
        """Whether the job should stop."""


current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


def current_job_id() -> str | None:
    """Id of the job this code runs in; None outside a job."""
    run = current_run.get()
    return run.job_id if run else None


def progress(step: int, total: int | None = None, message: str = "") -> None:
    """Inside a job: record how far it is. Cheap to call often. A job that was cancelled, or lost its lease, ends here."""
    run = current_run.get()
    if run:
        run.progress(step, total, message)


def cancelled() -> bool:
    """Inside a job: whether it was cancelled or lost its lease. For code that wants to end in its own way."""
    run = current_run.get()
    return run is not None and run.cancelled()
