"""One job: what happened to it, why it waits, its attempts with errors and log lines, its result, what can be done with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Flask, Response, request
from markupsafe import Markup

import queues
import wording
from errors import ArgumentError, NotFound, WrongState
from models import JobStatus
from topics.access import api_keys
from topics.operations import advice, attempts, job_details, jobs, priority, states, timeline
from topics.operations.attempts import Attempt
from topics.operations.job_records import Job
from topics.webhooks import endpoints, past
from topics.webhooks import views as webhook_views
from web import access, again, cancelling, seen, shapes
from web.access import Role
from web.pages import frame, job_again, tables, words
from web.pages.tables import Column

TIMELINE = (
    Column("what", "What"),
    Column("since", "From"),
    Column("took_s", "Took", numeric=True),
    Column("says", "Details"),
)

ATTEMPTS = (
    Column("number", "Attempt", numeric=True),
    Column("how", "Ended"),
    Column("worker", "Worker"),
    Column("began", "Began"),
    Column("ran_s", "Ran", numeric=True),
    Column("error_class", "Error"),
    Column("category", "Category"),
    Column("message", "Message"),
    Column("lines", "Log lines", numeric=True),
)

LINES = (
    Column("attempt", "Attempt", numeric=True),
    Column("at", "When"),
    Column("level", "Level"),
    Column("logger", "Logger"),
    Column("text", "Line"),
)

DELIVERIES = (
    Column("type", "Told"),
    Column("status", "Status"),
    Column("url", "Whom"),
    Column("tries", "Tries", numeric=True),
    Column("answer", "Last answer"),
    Column("created_at", "Since"),
)

#: States in which a job may be moved to another queue.
WAITING = (JobStatus.PENDING, JobStatus.SCHEDULED, JobStatus.RETRY)

#: Deliveries of one webhook that are shown.
MOST_DELIVERIES = 20


class Action(NamedTuple):
    """Something that can be done with a job."""

    label: str
    path: str
    fields: Mapping[str, str] = MappingProxyType({})


def register(app: Flask) -> None:
    """The addresses of these pages, and what their templates call."""
    app.jinja_env.filters |= {"log_line": log_line, "exact_moment": exact_moment}
    app.add_url_rule("/jobs/<job_id>", "job_page", job_page)
    app.add_url_rule("/jobs/<job_id>/cancel", "job_cancel", cancel, methods=["POST"])
    app.add_url_rule("/jobs/<job_id>/retry", "job_retry", retry, methods=["POST"])
    app.add_url_rule("/jobs/<job_id>/move", "job_move", move, methods=["POST"])


@access.needs(Role.VIEWER)
def job_page(job_id: str) -> Response:
    """A job of this moment, or as it ended."""
    found = seen.job(job_id)
    if file := _file(found):
        return file
    known = job_details.of(found)
    rows = [_row(*pair) for pair in enumerate(known.attempts, 1)]
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
            "timeline", "Timeline, the oldest first; times are UTC", TIMELINE, tables.all_at_once(_spans(known.spans))
        ),
        attempts=tables.make("attempts", _caption(known.whole), ATTEMPTS, tables.all_at_once(rows), _no_attempts(found)),
        deliveries=_deliveries(found),
        owner=_owner(found),
        advice=advice.of(found),
        needs_provider=advice.needs_provider(found),
        actions=_actions(found, known.whole),
        may_change=again.may(found),
    )


@access.needs(Role.OPERATOR)
def cancel(job_id: str) -> Response:
    """Cancel it, or have it stop at its next step."""
    told, _ = cancelling.cancel(job_id)
    return frame.done(f"/jobs/{job_id}", told["message"])


@access.needs(Role.OPERATOR)
def retry(job_id: str) -> Response:
    """Run it again, or at once."""
    found = seen.job(job_id)
    try:
        made = jobs.run_again(found)
    except (WrongState, NotFound) as exc:
        return frame.done(f"/jobs/{job_id}", str(exc))
    if made.job_id == job_id:
        return frame.done(
            f"/jobs/{job_id}", "It goes on." if found.status in states.ENDED else "It runs as soon as a worker is free."
        )
    says = "This job runs it again." if made.duplicate_of is None else "It was run again before: as this job."
    return frame.done(f"/jobs/{made.job_id}", says)


@access.needs(Role.OPERATOR)
def move(job_id: str) -> Response:
    """Move it to the queue of the form."""
    try:
        queue = priority.move(seen.job(job_id), request.form.get("queue", ""))
    except (WrongState, ArgumentError) as exc:
        return frame.done(f"/jobs/{job_id}", str(exc))
    return frame.done(f"/jobs/{job_id}", f"It waits in {queue} now.")


def _file(found: Job) -> Response | None:
    if "format" not in request.args:
        return None
    known = attempts.of(found)
    rows = [_row(*pair) for pair in enumerate(known, 1)]
    lines = [{"attempt": number, **line._asdict()} for number, line in attempts.lines_of(known)]
    spans = _spans(timeline.of(found, known))
    parts = (
        ("timeline", TIMELINE, spans),
        ("attempts", ATTEMPTS, rows),
        ("lines", LINES, lines),
        ("deliveries", DELIVERIES, _deliveries_of(found)),
    )
    for name, columns, read in parts:
        if file := tables.wanted_file(name, columns, tables.all_at_once(read)):
            return file
    return None


def _spans(found: list[timeline.Span]) -> list[dict[str, Any]]:
    return [{**span._asdict(), "took_s": span.length_s} for span in found]


def _row(number: int, attempt: Attempt) -> dict[str, Any]:
    names = ("how", "worker", "began", "ran_s", "error_class", "category", "message")
    return {"number": number, **{name: getattr(attempt, name) for name in names}, "lines": len(attempt.lines)}


def _caption(whole: str) -> str:
    return f"Attempts of the job that began this {whole}, the oldest first" if whole else "Attempts, the oldest first"


def _no_attempts(found: Job) -> str:
    if not found.kept:
        return f"They went with its record; the history says: {wording.pluralize(found.attempts, 'attempt')}."
    return "No attempt has begun." if found.status not in states.ENDED else "No attempt was noted."


def _actions(found: Job, whole: str) -> list[Action]:
    """What can be done with it now."""
    allowed = [state.value for state in states.BY_HAND[found.status]]
    here, can = f"/jobs/{found.id}", []
    if "cancelled" in allowed and not found.cancel_asked:
        can.append(Action(f"Cancel this {whole or 'job'}", f"{here}/cancel"))
    if "pending" in allowed and (found.kept or whole):
        label = "Run it now" if found.status not in states.ENDED else "Go on with it" if whole else "Run it again"
        can.append(Action(label, f"{here}/retry"))
    if found.kept and not whole and found.status in WAITING and (higher := priority.higher(found)):
        can.append(Action(f"Move it to {higher}", f"{here}/move", {"queue": higher}))
    return can


def _owner(found: Job) -> str:
    """The name of the key that submitted it, for those who may know."""
    if not found.owner or not access.may_see(found.owner):
        return ""
    try:
        return api_keys.get(found.owner).name
    except NotFound:
        return found.owner


def _deliveries(found: Job) -> tables.Table | None:
    """What the webhooks that came with it were told; None where none came."""
    rows = _deliveries_of(found)
    if rows is None:
        return None
    return tables.make("deliveries", "What its webhooks were told", DELIVERIES, tables.all_at_once(rows), "Nothing was told yet.")


def _deliveries_of(found: Job) -> Any:
    told = endpoints.of_job(found.id) if queues.JOB_ID.fullmatch(found.id) else []
    if not told and "format" not in request.args:
        return None
    return [
        _delivery(webhook_views.shown_url(one.url), webhook_views.delivery(sent))
        for one in told
        for sent in past.latest(MOST_DELIVERIES, endpoint_id=one.id)
        if sent.target == found.id
    ]


def _delivery(url: str, sent: dict[str, Any]) -> dict[str, Any]:
    last = sent["attempts"][-1] if sent["attempts"] else {}
    answer = last.get("status") or last.get("message") or ""
    return {**{name: sent[name] for name in ("type", "status", "tries", "created_at")}, "url": url, "answer": answer}


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
