"""Analytics: what was made last, and forms to make more."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

import errors
import models
import queues
from jobs import analytics as jobs
from topics.analytics import analyses, plans, reports
from topics.analytics import queries as asked_queries
from topics.analytics.comparison import KINDS
from topics.operations import search
from topics.operations.job_filters import Wanted
from topics.operations.job_records import Job
from web import access, report_files, seen
from web.access import Role
from web.pages import frame, job_rows, tables
from web.pages import jobs as job_pages
from web.pages.tables import Column, Part

LAST = (
    Column("what", "Report or query"),
    Column("state", "State"),
    Column("at", "When"),
    Column("ran_s", "Ran", numeric=True),
)

EMPTY = "Nothing was made yet: take a report or a query above, or `python manage.py analytics report`."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/analytics", "analytics_page", analytics_page)
    app.add_url_rule("/analytics", "analytics_make", make, methods=["POST"])


@access.needs(Role.VIEWER)
def analytics_page() -> Response:
    """The last reports and answers, and the forms."""
    if file := tables.wanted_file("last", LAST, _last):
        return file
    return frame.show(
        "analytics.html",
        "Analytics",
        found=tables.make("last", "Reports and answers, the newest first", LAST, _last, EMPTY),
        types=plans.TYPES,
        kinds=KINDS,
        query=request.args.get("query", ""),
        since_days=plans.SINCE_DAYS,
    )


@access.needs(Role.OPERATOR)
def make() -> Response:
    """Have a report made, or a query answered; it is shown as soon as it is there."""
    try:
        made = queues.submit_many([_call(request.form)])[0]
    except (errors.DataError, errors.NotFound) as exc:
        return frame.done("/analytics", f"Nothing was asked: {exc}")
    return frame.done(f"/analytics/{made.job_id}", "A job reads the companies: this page shows what comes out.")


def _call(form: Mapping[str, str]) -> models.Call:
    given = {name: text.strip() for name, text in form.items()}
    if given.get("query"):
        return analyses.call(jobs.analyze, asked_queries.parse(given["query"]), None, seen.owner())
    options: dict[str, Any] = {"since": given["since"]} if given.get("since") else {}
    if given.get("a") or given.get("b"):
        options["compare"] = {name: given.get(name, "") for name in ("by", "a", "b")}
    ids = given.get("company_ids", "").split() or None
    return reports.call(jobs.make_report, given.get("report_type", ""), ids, options)


def _last(limit: int, cursor: str) -> Part:
    found = job_pages.page_of(Wanted(kind=report_files.KIND, owner=seen.owner(), parts=False), min(limit, search.MOST), cursor)
    return Part([row(job) for job in found.jobs], found.cursor)


def row(job: Job) -> dict[str, Any]:
    """A report or an answer as a row."""
    return job_rows.rows_of([job])[0]
