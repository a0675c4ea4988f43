"""One job: what happened to it, why it waits, its attempts with errors and log lines, and its result."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response
from markupsafe import Markup

from errors import NotFound
from topics.access import api_keys
from topics.operations import advice, attempts, job_details, jobs, states
from topics.operations.job_records import Job
from web import access, again, seen, shapes
from web.access import Role
from web.pages import frame, job_actions, job_again, job_deliveries, job_tables, tables, words


def register(app: Flask) -> None:
    """The addresses of these pages, and what their templates call."""
    app.jinja_env.filters |= {"log_line": log_line, "exact_moment": exact_moment}
    app.add_url_rule("/jobs/<job_id>", "job_page", job_page)


@access.needs(Role.VIEWER)
def job_page(job_id: str) -> Response:
    """A job of this moment, or as it ended."""
    found = seen.job(job_id)
    if file := job_tables.file_of(found):
        return file
    known = job_details.of(found)
    rows = [job_tables.attempt_row(*pair) for pair in enumerate(known.attempts, 1)]
    return frame.show(
        "job.html",
        f"Job {found.id}",
        known=known,
        job=found,
        told=shapes.job(found),
        task=shapes.task_of(found) or known.whole or found.kind,
        is_over=found.status in states.ENDED,
        progress_words=_progress_words(known.progress),
        details=job_again.as_text(found.progress.details) if found.progress and found.progress.details else "",
        arguments=job_again.as_text(known.arguments),
        url=_url(known.arguments),
        timeline=tables.make(
            "timeline",
            "Timeline, the oldest first; times are UTC",
            job_tables.TIMELINE,
            tables.all_at_once(job_tables.spans_of(known.spans)),
        ),
        attempts=tables.make(
            "attempts",
            job_tables.caption(known.whole),
            job_tables.ATTEMPTS,
            tables.all_at_once(rows),
            job_tables.no_attempts(found),
        ),
        deliveries=job_deliveries.table(found),
        owner=_owner(found),
        advice=advice.of(found),
        needs_provider=advice.needs_provider(found),
        actions=job_actions.of(found, known.whole),
        may_change=again.may(found),
    )


def _owner(found: Job) -> str:
    """The name of the key that submitted it, for those who may know."""
    if not found.owner or not access.may_see(found.owner):
        return ""
    try:
        return api_keys.get(found.owner).name
    except NotFound:
        return found.owner


def exact_moment(at: datetime | None) -> Markup | str:
    """A time to the second, with how long ago it was beside it for whoever looks closer."""
    if at is None:
        return words.NOTHING
    told = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        told.isoformat(timespec="milliseconds"), words.distance(at), told.strftime("%Y-%m-%d %H:%M:%S")
    )


def log_line(line: attempts.Line) -> str:
    """A line that a job logged, as a terminal shows it; times are UTC."""
    at = f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03}" if line.at else "…"
    return "  ".join(part for part in (at, line.level, line.logger, line.text) if part)


def _progress_words(far: jobs.JobProgress) -> str:
    share = f"{far.progress_percentage:g} %" if far.progress_percentage is not None else ""
    step = f"step {far.step:,}" + (f" of {far.total:,}" if far.total else "") if far.step is not None else ""
    return ", ".join(part for part in (share, step, far.message) if part) or "it tells no progress"


def _url(given: dict[str, Any] | None) -> str:
    """The page that a job is about, where an argument names one; "" = none, or no address that may be followed."""
    url = given.get("url") if given else None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else ""
