"""What analytics made, as a download: JSON, CSV or one HTML file."""

from contextlib import ExitStack
from typing import Any

from flask import Response

from models import JobStatus
from topics.analytics import files, page_file, reports
from topics.operations.job_records import Job
from web import budget
from web.errors import Problem

#: The kind of jobs whose results are reports.
KIND = "analytics"


def of(job: Job) -> dict[str, Any] | None:
    """What the job made; None where it is no such job, or nothing is kept of it."""
    return reports.kept(job.id) if job.kind == KIND and job.status is JobStatus.COMPLETED else None


def reply(job: Job, told: dict[str, Any], format_: str, send: Any) -> Response:
    """It as a file, sent as it is written. `send` makes blocks of texts."""
    if format_ not in files.TYPES:
        raise Problem(422, f"A report is {', '.join(files.TYPES)}, not {format_!r:.20}.")
    held = ExitStack()
    held.enter_context(budget.stream())
    made = Response(send(files.texts_of(format_, told), held), mimetype=None, content_type=files.TYPES[format_])
    made.call_on_close(held.close)
    made.headers["Content-Disposition"] = f'attachment; filename="{told["what"]}-{job.id}.{format_}"'
    made.headers["Content-Security-Policy"] = f"sandbox; {page_file.POLICY}"
    return made
