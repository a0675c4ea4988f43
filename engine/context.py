"""The context of a run: which job this code runs in, how far it is, whether it must stop."""

from contextvars import ContextVar
from typing import Protocol


class Run(Protocol):
    """A job that runs, as seen from inside; the worker puts it into `current_run`."""

    @property
    def job_id(self) -> str:
        """Its id."""

    def progress(self, step: int, total: int | None, message: str) -> None:
        """Tell how far it is. Raises JobCancelled or LeaseLost where it must stop."""

    def cancelled(self) -> bool:
        """Whether it should stop."""


current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


def current_job_id() -> str | None:
    """Id of the job this code runs in; None outside a job."""
    run = current_run.get()
    return run.job_id if run else None


def progress(step: int, total: int | None = None, message: str = "") -> None:
    """Inside a job: tell how far it is; cheap to call often. A job that was cancelled, or lost its lease, ends here."""
    run = current_run.get()
    if run:
        run.progress(step, total, message)


def cancelled() -> bool:
    """Inside a job: whether it was cancelled or lost its lease, for code that wants to end in its own way."""
    run = current_run.get()
    return run is not None and run.cancelled()
