"""The shapes of replies: jobs and submits in both vocabularies (`status` ours, `state` Celery's), lists with their cursor."""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict

import logs
import models
from topics.operations import advice, ledger_jobs, states
from topics.operations.job_records import Job, Progress
from web import remedies, urls


class ProgressModel(BaseModel):
    """How far a job says it is. `total` null: it does not know."""

    step: int
    total: int | None
    percent: float | None
    message: str
    details: dict[str, Any]


class JobModel(BaseModel):
    """A job of one moment. Times are ISO 8601 in UTC. `kept` false: only the history still knows it.

    `error_class`, `advice`: of one that failed, or whose last attempt did, what was raised and what to do about it.
    """

    id: str
    job_id: str
    status: str
    state: str
    task: str
    kind: str
    queue: str
    description: str
    created_at: str | None
    enqueued_at: str | None
    started_at: str | None
    ended_at: str | None
    ran_s: float | None
    progress: ProgressModel | None
    progress_percentage: float | None
    attempts: int
    retries_left: int
    error_category: str | None
    error_class: str | None
    error_message: str | None
    failure: str | None
    advice: str | None
    worker: str | None
    waits_for: str | None
    waits_until: str | None
    cancel_requested: bool
    host: str | None
    tag: str | None
    project: str | None
    retry_of: str | None
    retried_as: str | None
    part_of: str | None
    kept: bool


class JobsModel(BaseModel):
    """Some jobs. `next` leads to further ones, as `cursor`; null = there are none."""

    items: list[JobModel]
    next: str | None


class SubmittedModel(BaseModel):
    """The answer to a submit. `queue_position`: 1 = the first; null where it was there before, or is delayed.

    `duplicate_of`: the job that was there before; it is the same as `job_id`. `warnings`: what keeps it from starting.
    """

    model_config = ConfigDict(extra="allow")

    id: str
    job_id: str
    task_id: str
    status: str
    state: str
    queue: str
    queue_position: int | None
    duplicate_of: str | None
    warnings: list[str]
    links: dict[str, str]


def job(found: Job) -> dict[str, Any]:
    """A job as JobModel says. Secrets in its description and its error are hidden."""
    return {
        "id": found.id,
        "job_id": found.id,
        "status": found.status.value,
        "state": found.state,
        "task": task_of(found),
        "kind": found.kind,
        "queue": found.queue,
        "description": logs.without_secrets(found.description),
        "created_at": when(found.created_at),
        "enqueued_at": when(found.enqueued_at),
        "started_at": when(found.started_at),
        "ended_at": when(found.ended_at),
        "ran_s": found.ran_s,
        "progress": _progress(found, found.progress) if found.progress else None,
        "progress_percentage": _percent_of(found),
        "attempts": found.attempts,
        "retries_left": found.retries_left,
        "error_category": found.error_category,
        "error_class": found.error_class,
        "error_message": logs.without_secrets(found.error_message) if found.error_message else None,
        "failure": found.failure,
        "advice": remedies.for_the_api(told)[0] if (told := advice.of(found)) else None,
        "worker": found.worker,
        "waits_for": found.parked_for,
        "waits_until": when(found.parked_until),
        "cancel_requested": found.cancel_asked,
        "host": found.host,
        "tag": found.tag,
        "project": found.project,
        "retry_of": found.retry_of,
        "retried_as": found.retried_as,
        "part_of": ledger_jobs.part_of(found.id),
        "kept": found.kept,
    }


def jobs(found: Iterable[Job], cursor: str = "") -> dict[str, Any]:
    """Some jobs, and the cursor of the next ones ("" = there are none)."""
    return {"items": [job(one) for one in found], "next": cursor or None}


def submitted(made: models.Submission, status: models.JobStatus, links: Mapping[str, str]) -> dict[str, Any]:
    """The answer to a submit as SubmittedModel says; `links` by their paths."""
    return {
        "id": made.job_id,
        "job_id": made.job_id,
        "task_id": made.job_id,
        "status": status.value,
        "state": states.CELERY[status],
        "queue": made.queue,
        "queue_position": made.place,
        "duplicate_of": made.duplicate_of,
        "warnings": list(made.warnings),
        "links": urls.external_all(links),
    }


def task_of(found: Job) -> str:
    """The name of the function of a job; "" where its record is gone."""
    return found.description.partition("(")[0].rpartition(".")[2]


def percent(told: Progress | None) -> float | None:
    """The share of its steps that a job has done (%); None where it does not know how many there are."""
    return round(min(100.0, max(0.0, 100 * told.step / told.total)), 1) if told and told.total and told.total > 0 else None


def when(moment: datetime | None) -> str | None:
    """A time as ISO 8601 with Z."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def plain(value: Any) -> Any:
    """A value as JSON can hold it: times as text, dataclasses as objects."""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value


def _progress(found: Job, told: Progress) -> dict[str, Any]:
    """What a job told last. One that completed has done all of it, whatever it told."""
    share = 100.0 if found.status is models.JobStatus.COMPLETED else percent(told)
    return {"step": told.step, "total": told.total, "percent": share, "message": told.message, "details": told.details}


def _percent_of(found: Job) -> float | None:
    if found.status is models.JobStatus.COMPLETED:
        return 100.0
    share = percent(found.progress)
    return share if share is None or found.status in states.ENDED else min(99.0, share)
