"""Analytics: reports and answers about companies, what was made last, and forms to make more."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from markupsafe import Markup

import errors
import models
import queues
from jobs import analytics as jobs
from topics.analytics import analyses, drawings, page_file, plans, reports, texts
from topics.analytics import queries as asked_queries
from topics.analytics.comparison import KINDS
from topics.operations import search, states
from topics.operations.job_filters import Wanted
from topics.operations.job_records import Job
from web import access, report_files, seen
from web.access import Role
from web.errors import Problem
from web.pages import frame, tables
from web.pages import jobs as job_pages
from web.pages.tables import Column, Part, Table

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
    app.add_url_rule("/analytics/<job_id>", "analytics_report_page", report_page)


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


@access.needs(Role.VIEWER)
def report_page(job_id: str) -> Response:
    """A report or an answer; of one that is being made how far it is."""
    job = seen.job(job_id)
    if job.kind != report_files.KIND:
        raise Problem(404, f"{job_id!r:.80} is no job of analytics: /analytics lists those that are.")
    told = report_files.of(job)
    if told is None:
        return frame.show(
            "analytics_report.html", "Report", job=job, told=None, is_over=job.status in states.ENDED, row=_row(job)
        )
    sections = [_section(one) for one in page_file.sections_of(told)]
    for table, _, _ in sections:
        if file := tables.wanted_file(table.name, _with_queries(table.columns), tables.all_at_once(table.rows)):
            return file
    title = texts.plain(str(told["title"]))
    titles, about = [one["title"] for one in page_file.sections_of(told)], page_file.about(told)
    return frame.show("analytics_report.html", title, job=job, told=told, about=about, sections=sections, titles=titles)


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
    return Part([_row(job) for job in found.jobs], found.cursor)


def _row(job: Job) -> dict[str, Any]:
    return job_pages.rows_of([job])[0]


def _section(section: Mapping[str, Any]) -> tuple[Table, Markup, int]:
    """A section as a table, its chart, and how many rows were left out."""
    columns = [Column("label", section["head"]), *(Column(one["key"], one["label"], numeric=True) for one in section["columns"])]
    rows = [_line(section, line) for line in section["lines"]]
    table = Table(section["name"], texts.plain(section["about"]), columns, rows, empty="Nothing.")
    chart = drawings.chart(dict(section))
    return table, Markup(chart), section["more"]  # the drawing escapes what is foreign


def _line(section: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    """A row: its label, and each figure with the text that shows it and its query."""
    row: dict[str, Any] = {"label": texts.plain(line["label"]), "domain": line.get("domain", ""), "show": line.get("show", "")}
    for column in section["columns"]:
        figure = line["figures"].get(column["key"]) or {"value": None, "query": ""}
        row[column["key"]] = figure["value"]
        row[f"{column['key']}_text"] = texts.figure(figure["value"], column["unit"])
        row[f"{column['key']}_query"] = figure["query"]
    return row


def _with_queries(columns: Any) -> list[Column]:
    """The columns of a file: behind each figure its query."""
    return [columns[0], *(each for one in columns[1:] for each in (one, Column(f"{one.key}_query", f"{one.label}: query")))]
