"""Jobs, queues and workers as the views of rq-dashboard ask for them. They stand in for RQ's classes of the same names.

The parameters `connection` and `serializer` of RQ's are taken and not used: what is read is read by `state/`, as JSON.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rq_dashboard.web

import queues
from state.engine import records, rq_records
from state.engine.rq_records import Outcome, Record
from topics.operations.job_records import moment
from web.dashboard import text


class Gone(rq_dashboard.web.NoSuchJobError):  # type: ignore[misc]
    """There is no record of a job of that id."""


class LatestResult:
    """What `Job.latest_result()` gives."""

    def __init__(self, stored: Outcome, most: int = text.MOST) -> None:
        self.exc_string = text.error(stored.error, most)


class Job:
    """A job, as far as it can be read: what is broken is shown as it is or left out."""

    def __init__(self, job_id: str, fields: Mapping[str, str], outcome: Outcome, most: int = text.MOST) -> None:
        self.id, self._fields, self._outcome, self._most = job_id, fields, outcome, most
        self.origin = fields.get("origin", "")
        self.description = text.shown(fields.get("description", ""), most)
        self.created_at, self.enqueued_at = moment(fields.get("created_at")), moment(fields.get("enqueued_at"))
        self.started_at, self.ended_at = moment(fields.get("started_at")), moment(fields.get("ended_at"))
        self.dependency_ids: list[bytes] = []

    @classmethod
    def fetch(cls, job_id: str, connection: Any = None, serializer: Any = None) -> "Job":
        """The job with all that a page shows of it. Raises Gone."""
        found: Record | None = rq_records.job(job_id) if "\0" not in job_id else None
        if found is None:
            raise Gone(job_id)
        job = cls(job_id, found.fields, found.outcome)
        job.dependency_ids = [one.encode() for one in found.depends_on]
        return job

    def get_status(self) -> str:
        """RQ's word for its state, with the reason where it is parked."""
        status, parked = self._fields.get("status", "unknown"), self._fields.get("parked")
        return f"{status} (parked: {text.shown(parked, 500)})" if parked and status == "scheduled" else status

    def return_value(self) -> Any:
        """Its result."""
        return text.result(self._outcome.value)

    def latest_result(self) -> LatestResult | None:
        """Its latest traceback."""
        return LatestResult(self._outcome, self._most) if self._outcome.error else None

    def get_meta(self) -> Any:
        """What its caller keeps with it."""
        meta = self._fields.get("meta")
        return text.parsed(meta) if meta else {}

    def get_call_string(self) -> str:
        """The call, as its description has it."""
        return self.description


class Queue:
    """One of the three queues."""

    def __init__(self, name: str = queues.DEFAULT, connection: Any = None, serializer: Any = None) -> None:
        self.name = name

    @classmethod
    def all(cls, connection: Any = None) -> list["Queue"]:
        """The queues that exist: names that others wrote into RQ's set are none of ours."""
        return [cls(name) for name in queues.QUEUES]

    def __lt__(self, other: "Queue") -> bool:
        return queues.QUEUES.index(self.name) < queues.QUEUES.index(other.name)


class Worker:
    """A worker by its record. Of the jobs it runs RQ's record names the oldest."""

    def __init__(self, name: str, fields: Mapping[str, str], job: Mapping[str, str]) -> None:
        self.name, self._fields, self._job = name, fields, job
        self.queues = [Queue(one) for one in fields.get("queues", "").split(",")]
        self.pid = _number(fields.get("pid"))
        self.last_heartbeat: datetime | None = moment(fields.get("last_heartbeat"))
        self.birth_date: datetime | None = moment(fields.get("birth"))
        self.successful_job_count = _number(fields.get("successful_job_count"))
        self.failed_job_count = _number(fields.get("failed_job_count"))
        self.total_working_time = _number(fields.get("total_working_time"))
        self.version, self.python_version = fields.get("version", ""), fields.get("python_version", "")

    @classmethod
    def all(cls, connection: Any = None) -> list["Worker"]:
        """Workers that live."""
        found = rq_records.workers()
        jobs = records.read([fields.get("current_job", "") for fields in found.values()])
        return [cls(name, fields, job) for (name, fields), job in zip(found.items(), jobs, strict=True)]

    def get_state(self) -> str:
        """Busy, idle or suspended."""
        return self._fields.get("state", "?")

    def get_current_job(self) -> Job | None:
        """The job that runs longest; None where its record is gone."""
        return Job(self._fields["current_job"], self._job, Outcome()) if self._job else None


def _number(raw: str | None) -> float:
    try:
        found = float(raw or 0)
    except ValueError:
        return 0
    return round(found, 3) if abs(found) < 1e15 else 0
