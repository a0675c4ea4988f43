"""Keywords imported: pasted lines or a file. What became of the lines is told, with each line that was left out and why."""

from typing import Any

from flask import Flask, Response, request

import queues
from errors import TrawlError
from jobs import tracking
from models import JobStatus
from parsing import cells
from topics.operations import results
from topics.tracking import imports, projects, uploads
from web import access, errors, seen
from web.access import Role
from web.api.keyword_import import AT_ONCE_BYTES
from web.errors import Problem
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/keywords/import", "keyword_import_page", import_page)
    app.add_url_rule("/keywords/import", "import_keywords_page", import_keywords, methods=["POST"])


@access.needs(Role.OPERATOR)
def import_page() -> Response:
    """The form; with `job` what a job that imports has done."""
    if not request.args.get("job"):
        return _shown(request.args)
    job = seen.job(request.args["job"])
    if job.status is JobStatus.COMPLETED:
        return _shown({}, done=results.summary(job))
    return _shown({}, job=job, is_over=job.status in (JobStatus.FAILED, JobStatus.CANCELLED))


@access.needs(Role.OPERATOR)
def import_keywords() -> Response:
    """Import; a large file by a job. What is wrong with all of it is said on the form."""
    try:
        project_id = projects.named(request.form["project"].strip()).id if request.form.get("project", "").strip() else None
        body, name = _upload()
        tags, has_ranks = cells.tags(_text("tags") or ""), bool(request.form.get("ranks"))
        reading = imports.Reading(_text("column"), _text("encoding"), name.endswith(".txt"), tags, has_ranks=has_ranks)
        if len(body) <= AT_ONCE_BYTES:
            return _shown(request.form, done=uploads.import_body(body, name, project_id, reading))
        job = queues.submit(
            tracking.import_keywords,
            *(uploads.keep(body), uploads.shown(name), project_id, reading.column, reading.encoding, reading.is_list),
            tags=list(tags),
            has_ranks=has_ranks,
            labels={"project": project_id} if project_id else {},
        )
    except TrawlError as exc:
        return _shown(request.form, says=errors.of(exc).detail, status=errors.status_of(exc))
    except Problem as exc:
        return _shown(request.form, says=exc.detail, status=exc.status)
    return frame.done(f"/keywords/import?job={job.job_id}", "The file is imported by a job.")


def _upload() -> tuple[bytes, str]:
    """What was sent, and its name: a file, or else the text that was pasted."""
    file = request.files.get("file")
    if file and file.filename:
        body, name = file.read(), file.filename
    else:
        body, name = request.form.get("text", "").encode(), "pasted.csv" if request.form.get("table") else "pasted.txt"
    if not body.strip():
        raise Problem(422, "There is nothing to import: paste some lines, or choose a file.")
    return body, name


def _text(name: str) -> str | None:
    return request.form.get(name, "").strip() or None


def _shown(given: Any, *, says: str = "", status: int = 200, **found: Any) -> Response:
    given = {name: given.get(name, "") for name in ("project", "text", "column", "encoding", "table", "tags", "ranks")}
    return frame.show("keyword_import.html", "Import keywords", status=status, given=given, wrong=says, **found)
