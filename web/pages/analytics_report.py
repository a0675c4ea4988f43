"""A report or an answer about companies, as sections with their charts."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response
from markupsafe import Markup

from topics.analytics import drawings, page_file, texts
from topics.operations import states
from web import access, report_files, seen
from web.access import Role
from web.errors import Problem
from web.pages import analytics, frame, tables
from web.pages.tables import Column, Table


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/analytics/<job_id>", "analytics_report_page", report_page)


@access.needs(Role.VIEWER)
def report_page(job_id: str) -> Response:
    """A report or an answer; of one that is being made how far it is."""
    job = seen.job(job_id)
    if job.kind != report_files.KIND:
        raise Problem(404, f"{job_id!r:.80} is no job of analytics: /analytics lists those that are.")
    told = report_files.of(job)
    if told is None:
        return frame.show(
            "analytics_report.html", "Report", job=job, told=None, is_over=job.status in states.ENDED, row=analytics.row(job)
        )
    sections = [_section(one) for one in page_file.sections_of(told)]
    for table, _, _ in sections:
        if file := tables.wanted_file(table.name, _with_queries(table.columns), tables.all_at_once(table.rows)):
            return file
    title = texts.plain(str(told["title"]))
    titles, about = [one["title"] for one in page_file.sections_of(told)], page_file.about(told)
    return frame.show("analytics_report.html", title, job=job, told=told, about=about, sections=sections, titles=titles)


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
