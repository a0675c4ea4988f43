"""Everything as a file, and back: a file is written and read by jobs; what became of each line is told."""

from typing import Any

from flask import Flask, Response, request

import queues
from errors import TrawlError
from jobs import transfer
from models import JobStatus
from topics.operations import results
from topics.transfer import work
from topics.transfer.merging import Rule, Word
from web import access, audit, errors, seen, uploads
from web.access import Role
from web.api.transfer import TYPES, rights
from web.errors import Problem
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/transfer", "transfer_page", transfer_page)
    app.add_url_rule("/transfer/export", "transfer_export", export, methods=["POST"])
    app.add_url_rule("/transfer/import", "transfer_import", import_, methods=["POST"])


@access.needs(Role.OPERATOR)
def transfer_page() -> Response:
    """The forms; with `job` what a job that exports or imports has done."""
    if not request.args.get("job"):
        return _shown()
    job = seen.job(request.args["job"])
    found = results.summary(job) if job.status is JobStatus.COMPLETED and job.kind == "transfer" else None
    is_over = job.status in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)
    return _shown(job=job, is_over=is_over, done=found if isinstance(found, dict) else None)


@access.needs(Role.OPERATOR)
def export() -> Response:
    """Export what the caller sees."""
    format_ = request.form.get("format", work.JSONL)
    if format_ not in TYPES:
        return _shown(says=f"The format is jsonl or csv, not {format_!r:.40}.", status=422)
    job = queues.submit(transfer.export, format=format_)
    return frame.done(f"/transfer?job={job.job_id}", "The export is written by a job.")


@access.needs(Role.OPERATOR)
def import_() -> Response:
    """Import a file. What is wrong with all of it is said on the form."""
    rule, is_dry = request.form.get("on_conflict", Rule.KEEP.value), bool(request.form.get("dry_run"))
    try:
        if rule not in list(Rule):
            raise Problem(422, f"A conflict is solved by keep, replace or newer, not {rule!r:.40}.")
        audit.note(f"on_conflict={rule}{' dry_run' if is_dry else ''}")
        with uploads.stream() as stream:
            key = work.keep(stream, rights())
        job = queues.submit(transfer.import_file, key, rule, is_dry)
    except TrawlError as exc:
        return _shown(says=errors.of(exc).detail, status=errors.status_of(exc))
    except Problem as exc:
        return _shown(says=exc.detail, status=exc.status)
    return frame.done(f"/transfer?job={job.job_id}", "The file is read by a job." if is_dry else "The file is imported by a job.")


def _shown(*, says: str = "", status: int = 200, **found: Any) -> Response:
    words = [word.value for word in Word]
    return frame.show("transfer.html", "Export and import", status=status, wrong=says, rules=list(Rule), words=words, **found)
