"""Companies scraped, searched or imported at the press of a button."""

from collections.abc import Mapping

from flask import Flask, Response, request

import errors
import models
import queues
from jobs import leads as jobs
from topics.leads import keeping, many, scrape, searches, uploads
from topics.tracking import uploads as kept
from web import access
from web.access import Role
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/leads", "leads_start", start, methods=["POST"])
    app.add_url_rule("/leads/import", "leads_import", import_file, methods=["POST"])


@access.needs(Role.OPERATOR)
def start() -> Response:
    """Scrape sites, or search for some; the job is named."""
    form = request.form
    tags = tags_in("tags")
    try:
        call = _search(form, tags) if "queries" in form else _scrape(form.get("urls", "").split(), tags)
    except errors.DataError as exc:
        return frame.done("/leads", f"Nothing was submitted: {exc}")
    made = queues.submit_many([call])[0]
    return frame.done(f"/jobs/{made.job_id}", "This job works on it; the companies are on the page Companies as they are read.")


@access.needs(Role.OPERATOR)
def import_file() -> Response:
    """Import a file of companies; a large one by a job."""
    file = request.files.get("file")
    body, name = (file.read(), kept.shown(file.filename or "")) if file else (b"", "")
    if not body.strip():
        return frame.done("/leads", "There is nothing to import: choose a file.")
    try:
        tags = keeping.tags_of(tags_in("tags"))
        if len(body) > uploads.AT_ONCE_BYTES:
            job = queues.submit(jobs.import_companies, kept.keep(body), name, tags)
            return frame.done(
                f"/jobs/{job.job_id}", "The file is imported by this job; its result says what became of the lines."
            )
        told = uploads.import_body(body, name, access.owner(), tags)
    except errors.DataError as exc:
        return frame.done("/leads", f"Nothing was imported: {exc}")
    says = f"{told['added']:,} added, {told['known']:,} were there, {told['bad_count']:,} lines left out."
    more = [*told["notes"], *(f"Line {one['line']}: {one['reason']}" for one in told["bad"][:3])]
    return frame.done("/leads", " ".join([says, *more]))


def tags_in(name: str) -> list[str]:
    """The tags in a field of the form."""
    return [tag.strip() for tag in request.form.get(name, "").split(",") if tag.strip()]


def _scrape(urls: list[str], tags: list[str]) -> models.Call:
    if len(urls) == 1:
        return scrape.call(jobs.scrape_company, urls[0], tags)
    return many.call(jobs.scrape_companies, urls, tags)


def _search(form: Mapping[str, str], tags: list[str]) -> models.Call:
    queries = [line.strip() for line in form["queries"].splitlines() if line.strip()]
    most = form.get("most", "10")
    market = (form.get("country", "us"), form.get("language", "en"))
    return searches.call(jobs.search_companies, queries, int(most) if most.isdecimal() else 0, market, tags=tags)
