"""Who ranks beside a keyword, from the result pages that its checks read."""

from datetime import UTC, date, datetime, time
from typing import Any

from flask import Flask, Response

import models
from state.tracking import projects as stored
from topics.tracking import competitors, courses, days, notes, projects
from web import access
from web.access import Role
from web.pages import charts, frame, tables
from web.pages.tables import Column

COLUMNS = (
    Column("domain", "Domain"),
    Column("rank", "Rank", "On the last result page; – = not among the results that are kept", numeric=True),
    Column("before", "Before", "On the result page before", numeric=True),
    Column("best", "Best", "In 30 days", numeric=True),
    Column("course", "30 days"),
    Column("pinned", "Pinned"),
)

#: Domains that are drawn beside the project itself.
DRAWN = 5


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/keywords/<keyword_id>/competitors", "keyword_competitors_page", keyword_competitors_page)


@access.needs(Role.VIEWER)
def keyword_competitors_page(keyword_id: str) -> Response:
    """Domains by their rank, and their courses."""
    keyword = projects.find_keyword(keyword_id)
    project = stored.get(keyword.project_id)
    found = competitors.of_keyword(keyword, days.today(project))
    rows = [_row(row, project) for row in found["domains"]] if found["days"] else []
    read = tables.all_at_once(rows)
    if file := tables.wanted_file("rivals", (*COLUMNS[:4], COLUMNS[5]), read):
        return file
    empty = f"No result page was read in the last 30 days: `python manage.py serp check {keyword.id}` reads one."
    return frame.show(
        "keyword_competitors.html",
        f"Who ranks for {keyword.text}",
        keyword=keyword,
        project=project,
        scanned=found["scanned"],
        last=found["days"][-1] if found["days"] else None,
        chart=_chart(found, project),
        found=tables.make("rivals", "Domains by their rank on the last result page", COLUMNS, read, empty),
        spark=charts.spark,
    )


def _row(row: dict[str, Any], project: models.Project) -> dict[str, Any]:
    return {**row, "is_ours": not row["domain"], "domain": row["domain"] or project.domain}


def _chart(found: dict[str, Any], project: models.Project) -> charts.Chart:
    told = [date.fromisoformat(day) for day in found["days"]]
    points = list(courses.with_gaps(told, project.every_h))
    ours = [row for row in found["domains"] if not row["domain"]]
    others = [row for row in found["domains"] if row["domain"] and (row["rank"] or row["pinned"])][:DRAWN]
    series = [
        charts.Series(row["domain"] or project.domain, [None if at is None else row["ranks"][at] for _, at in points])
        for row in (*ours, *others)
    ]
    noted = notes.of(project.id, told[0], told[-1]) if told else []
    says = f"Ranks from {told[0]} to {told[-1]} on {len(told)} result pages." if told else "No result page was read in 30 days."
    marks = [charts.Note(_seconds(note.day), note.text) for note in noted]
    return charts.Chart("rivals-course", says, [_seconds(day) for day, _ in points], series, inverted=True, notes=marks)


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
