"""Jobs by what is known of them: filters, the newest first, and what can be done with all that the filters let through."""

from datetime import datetime
from typing import Any

from flask import Flask, Response, request

import clock
import logs
import queues
from errors import ArgumentError
from models import JobStatus
from state.engine.changes import KIND
from topics.operations import failures, job_names, search, states
from topics.operations.job_filters import MOST_TEXT, Wanted
from topics.operations.job_records import Job
from topics.operations.listing import Jobs
from web import access, inputs, seen, shapes
from web.access import Role
from web.errors import Field, Problem
from web.pages import filters, frame, saved, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

COLUMNS = (
    Column("id", "Job"),
    Column("state", "State"),
    Column("kind", "Kind"),
    Column("what", "What"),
    Column("queue", "Queue"),
    Column("attempts", "Attempts", "Executions that failed; of a job that ended, all executions", numeric=True),
    Column("waited_s", "Waited", "From its queue to its start, or until now", numeric=True),
    Column("ran_s", "Ran", numeric=True),
    Column("at", "When", "When it ended; of one that has not, when it was made"),
    Column("message", "Message"),
)

CATEGORIES = ("network", "blocked", "data", "budget", "config", "system")

#: Words that name several states, as `search.statuses_of` reads them.
GROUPS = (("active", "running or waiting"), ("ended", "ended"))

EMPTY = "No job is like that. `python manage.py jobs list` lists those that live; `python manage.py scrape url URL` makes one."


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/jobs", "jobs_page", jobs_page)


@access.needs(Role.VIEWER)
def jobs_page() -> Response:
    """The jobs that the filters let through."""
    fields = fields_of(*(request.args.get(name, "").strip() for name in ("status", "kind")))
    asked = filters.values(fields)
    wanted, looks = wanted_of(asked), list[Jobs]()

    def read(limit: int, cursor: str) -> Part:
        found = page_of(wanted, limit, cursor)
        looks.append(found)
        return Part(rows_of(found.jobs), found.cursor)

    if file := tables.wanted_file("jobs", COLUMNS, read):
        return file
    table = tables.make("jobs", "Jobs that live, then those that ended; each the newest first", COLUMNS, read, EMPTY)
    set_ = {name: value for name, value in asked.items() if value}
    return frame.show(
        "jobs.html",
        "Jobs",
        saved=saved.shown(),
        fields=filters.shown(fields),
        asked=set_,
        found=table,
        looked=looks[-1],
        is_first=not tables.cursor("jobs"),
        actions=bool(table.rows) and frame.may(Role.OPERATOR),
        queues=queues.QUEUES,
    )


def fields_of(status: str = "", kind: str = "") -> list[Filter]:
    """The filters. A state in another system's words is a choice, too, and so is a kind that no job of this version has."""
    known = [("", "any"), *GROUPS, *((one.value, one.value) for one in JobStatus)]
    if status not in (value for value, _ in known) and _are_states(status):
        known.append((status, status))
    return [
        Filter("status", "State", known),
        Filter("kind", "Kind", kind_choices(kind)),
        Filter("queue", "Queue", _choices(queues.QUEUES)),
        Filter("category", "Error", _choices(CATEGORIES)),
        Filter("host", "Host", hint="example.com"),
        Filter("project", "Project"),
        Filter("tag", "Tag"),
        Filter("text", "Text", hint="an id, a URL, a keyword"),
        Filter("since", "Since", hint="2h, 7d, 2026-03-01"),
        Filter("until", "Until", hint="1h, 2026-03-02"),
        Filter("fingerprint", "Failure", hint="as /failures names it"),
    ]


def kind_choices(asked: str = "") -> list[tuple[str, str]]:
    """The kinds of jobs, and the one that is asked for."""
    kinds = {*queues.kinds().values(), *([asked] if KIND.fullmatch(asked) else [])}
    return _choices(sorted(kinds))


def wanted_of(asked: dict[str, str]) -> Wanted:
    """The filters as the list takes them. Raises Problem for what is none."""
    words = [word for word in asked.get("status", "").split(",") if word]
    named = {name: asked.get(name) or None for name in ("kind", "queue", "category", "host", "project", "tag", "fingerprint")}
    text = asked.get("text") or None
    if text and len(text) > MOST_TEXT:
        raise _wrong("text", f"has at most {MOST_TEXT} characters")
    if words and not _are_states(",".join(words)):
        raise _wrong("status", f"there are {', '.join(JobStatus)}")
    owner, times = seen.owner(), {name: _moment(name, asked.get(name, "")) for name in ("since", "until")}
    return Wanted(search.statuses_of(words), **named, **times, text=text, owner=owner, parts=False)  # type: ignore[arg-type]


def page_of(wanted: Wanted, limit: int, cursor: str) -> Jobs:
    """A page of jobs. Raises Problem for a cursor of another list."""
    try:
        return search.page(failures.narrowed(wanted), limit, cursor)
    except ArgumentError as exc:
        raise Problem(422, f"{exc} The first page has no cursor.", fields=[Field("cursor", str(exc))]) from None


def rows_of(found: list[Job]) -> list[dict[str, Any]]:
    """Jobs as rows: what the page and its files show."""
    return [row_of(job, name) for job, name in zip(found, job_names.of_many(found), strict=True)]


def row_of(job: Job, what: str) -> dict[str, Any]:
    """One job as a row."""
    return {
        "id": job.id,
        "state": job.status.value,
        "kind": job.kind,
        "what": logs.without_secrets(what),
        "queue": job.queue,
        "attempts": job.attempts,
        "waited_s": _waited_s(job),
        "ran_s": job.ran_s if job.ended_at else _since(job.started_at),
        "at": job.ended_at or job.created_at,
        "message": _message(job),
        "retried_as": job.retried_as,
        "percent": shapes.percent(job.progress),
    }


def _message(job: Job) -> str:
    if job.status is JobStatus.PARKED:
        return logs.without_secrets(job.parked_for or "")
    if job.error_message:
        return logs.without_secrets(f"{job.error_category or 'error'}: {job.error_message}")
    if job.error_category:
        return job.error_category
    return job.progress.message if job.progress and job.status not in states.ENDED else ""


def _waited_s(job: Job) -> float | None:
    """From its queue to its start; of one that has not begun until now."""
    if job.enqueued_at is None or job.status in (JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED):
        return None
    if job.status is JobStatus.PENDING:
        return _since(job.enqueued_at)
    return max(0.0, (job.started_at - job.enqueued_at).total_seconds()) if job.started_at else None


def _since(at: datetime | None) -> float | None:
    return max(0.0, (clock.now() - at).total_seconds()) if at else None


def _choices(values: Any) -> list[tuple[str, str]]:
    return [("", "any"), *((value, value) for value in values)]


def _are_states(text: str) -> bool:
    try:
        return bool(search.statuses_of([word for word in text.split(",") if word]))
    except ArgumentError:
        return False


def _moment(name: str, text: str) -> datetime | None:
    try:
        return inputs.moment(text) if text else None
    except (ValueError, OverflowError):
        raise _wrong(name, "is no time: write 2026-03-01, 2026-03-01T12:00Z, or 2h for two hours ago") from None


def _wrong(name: str, says: str) -> Problem:
    return Problem(422, f"The filter {name}: {says}.", fields=[Field(name, says)])
