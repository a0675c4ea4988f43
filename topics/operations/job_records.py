"""A job as people see it: its record, or where RQ has forgotten that, what the history kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import queues
from errors import DataError
from models import JobStatus
from state.engine import changes, history, records
from topics.operations import states


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job says it is. `total` None: it does not know."""

    step: int = 0
    total: int | None = None
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A job of one moment. `state` is Celery's word for `status`. `kept`: its record is there; else the history told it."""

    id: str
    status: JobStatus
    state: str
    queue: str = ""
    kind: str = ""
    description: str = ""
    created_at: datetime | None = None
    enqueued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ran_s: float | None = None
    progress: Progress | None = None
    attempts: int = 0  # executions that failed so far; of a job that ended, all executions
    retries_left: int = 0
    error_category: str | None = None
    error_class: str | None = None  # its nearest class of errors.py; of a foreign error its own name
    error_message: str | None = None
    failure: str | None = None  # error, timed_out, crashed or poisoned
    worker: str | None = None
    parked_for: str | None = None
    parked_until: datetime | None = None
    cancel_asked: bool = False
    host: str | None = None
    tag: str | None = None
    project: str | None = None
    retry_of: str | None = None
    retried_as: str | None = None  # the job that runs it again since it ended
    owner: str = ""  # the API key that submitted it; "" = nobody's
    result_place: str | None = None  # of a scrape: where its result lies, and what writes it
    kept: bool = True


def of_history(job_id: str, look: history.Look | None = None) -> Job | None:
    """A job as it ended, by the history; None where that has none of that id. Reads only. `look`: as `history.page` takes it."""
    ended = history.find(job_id, look)
    return of_change(ended) if ended else None


def find_many(job_ids: Sequence[str], at_once: int = records.CHUNK) -> list[Job | None]:
    """Jobs by their records, so many in one round trip."""
    return [of_record(job_id, fields) for job_id, fields in zip(job_ids, records.read(job_ids, at_once), strict=True)]


def of_record(job_id: str, fields: dict[str, str]) -> Job | None:
    """A job by its record; None where that is none."""
    status = states.of_record(fields)
    if status is None:
        return None
    started, ended = moment(fields.get("started_at")), moment(fields.get("ended_at"))
    ended = ended if status in states.ENDED else None
    queue, kind = _home(fields)
    told = fields if status is not JobStatus.COMPLETED else {}  # what is there is of an earlier attempt
    return Job(
        id=job_id,
        status=status,
        state=states.CELERY[status],
        queue=queue,
        kind=kind,
        description=fields.get("description", ""),
        created_at=moment(fields.get("created_at")),
        enqueued_at=moment(fields.get("enqueued_at")),
        started_at=started if status in states.ENDED or status is JobStatus.RUNNING else None,
        ended_at=ended,
        ran_s=max(0.0, (ended - started).total_seconds()) if ended and started else None,
        progress=progress_of(fields.get("progress")),
        attempts=_number(fields.get("attempt")) + (status is JobStatus.COMPLETED),
        retries_left=_number(fields.get("retries_left")),
        worker=fields.get("worker_name") or None,
        parked_for=fields.get("parked"),
        parked_until=moment(fields.get("parked_until")),
        cancel_asked="cancel" in fields,
        error_category=told.get("error_category"),
        error_class=told.get("error_class"),
        error_message=told.get("error_message"),
        failure=told.get("failure"),
        host=fields.get("host"),
        tag=fields.get("tag"),
        project=fields.get("project"),
        retry_of=fields.get("retry_of"),
        retried_as=fields.get("retried_as"),
        owner=fields.get("owner", ""),
    )


def of_change(ended: changes.Change) -> Job:
    """A job as the history kept it."""
    status = states.OF_RQ[ended.outcome]
    at = datetime.fromtimestamp(ended.at_ms / 1000, UTC)
    return Job(
        id=ended.job_id,
        status=status,
        state=states.CELERY[status],
        kind=ended.kind,
        ended_at=at,
        ran_s=ended.ran_ms / 1000,
        attempts=ended.attempts,
        error_category=ended.category or None,
        host=ended.host or None,
        tag=ended.tag or None,
        project=ended.project or None,
        owner=ended.owner,
        kept=False,
    )


def progress_of(text: str | None) -> Progress | None:
    """What a job wrote about its progress; None where it wrote nothing that can be read."""
    try:
        told = json.loads(text or "")
        total = told.get("total")
        details = told.get("details") or {}
        return Progress(int(told["step"]), None if total is None else int(total), str(told.get("message", "")), dict(details))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def moment(text: str | None) -> datetime | None:
    """A time as RQ writes it."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def _home(fields: dict[str, str]) -> tuple[str, str]:
    """The queue of a job, and its kind: the record of a blocked one says `default.serp`."""
    origin, kind = fields.get("origin", ""), fields.get("kind", "")
    return (origin.removesuffix(f".{kind}") if kind else origin), kind or kind_of(fields)


def kind_of(fields: dict[str, str]) -> str:
    """The kind by the function that the description begins with; '' where that names no job of this version."""
    path = fields.get("function") or fields.get("description", "").partition("(")[0]
    try:
        return queues.spec_of(path).kind if path else ""
    except DataError:
        return ""


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0
