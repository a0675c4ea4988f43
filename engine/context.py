"""The context of a running job: its id, its progress, what it notes for people, and whether it must stop."""

from collections.abc import Mapping
from contextvars import ContextVar
from logging import LogRecord
from typing import Any, Protocol


class Log(Protocol):
    """The lines of a running job that are kept for people."""

    def add_record(self, record: LogRecord) -> None:
        """Keep a line that was logged."""

    def note(self, text: str) -> None:
        """Keep a line that the job writes for people."""


class Run(Protocol):
    """A running job, as its own code sees it. The worker puts it into `current_run`."""

    @property
    def job_id(self) -> str:
        """The id of the job."""

    @property
    def owner(self) -> str:
        """Who owns the job, and what it submits; "" = nobody."""

    def progress(self, step: int, total: int | None, message: str, details: Mapping[str, Any] | None = None) -> None:
        """Record how far the job is. Raises JobCancelled or LeaseLost if the job must stop."""

    def cancelled(self) -> bool:
        """Whether the job should stop."""

    def logged(self) -> Log:
        """What it has logged; lines are added to it."""


current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


def current_job_id() -> str | None:
    """Id of the job this code runs in; None outside a job."""
    run = current_run.get()
    return run.job_id if run else None


def progress(step: int, total: int | None = None, message: str = "", details: Mapping[str, Any] | None = None) -> None:
    """Inside a job: record how far it is. Cheap to call often. A job that was cancelled, or lost its lease, ends here.

    `details`: a JSON object of 4 KiB at most, for people who look; a larger one is replaced by a note of its size. Raises
    ArgumentError for what is no JSON object.
    """
    run = current_run.get()
    if run:
        run.progress(step, total, message, details)


def note(text: str) -> None:
    """Inside a job: keep a line for whoever looks at this attempt, whatever is logged; its secrets are hidden.

    The last JOB_LOG_LINES of what a job notes and logs are kept, 16 KB at most. Outside a job it does nothing.
    """
    run = current_run.get()
    if run:
        run.logged().note(text)


def cancelled() -> bool:
    """Inside a job: whether it was cancelled or lost its lease. For code that wants to end in its own way."""
    run = current_run.get()
    return run is not None and run.cancelled()
