"""Competitors of a project: share of voice and its course, what gained and lost, features of result pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, Response

from topics.tracking import notes, projects
from web import access
from web.access import Role
from web.api.competitors import counted
from web.pages import charts, competitor_tables, filters, frame, tables


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/projects/<project_id>/competitors", "competitors_page", competitors_page)


@access.needs(Role.VIEWER)
def competitors_page(project_id: str) -> Response:
    """Who ranks beside a project."""
    project = projects.named(project_id)
    since = filters.values([competitor_tables.SINCE])["since"] or "days_7"
    facts, job = counted(project.id)
    wanted = competitor_tables.of(project.id, facts, since)
    for name, (_, columns, read) in wanted.items():
        if file := tables.wanted_file(name, columns, read):
            return file
    return frame.show(
        "competitors.html",
        f"Competitors of {project.name}",
        project=project,
        facts=facts,
        job=job,
        counted_at=datetime.fromisoformat(facts["at"]) if facts else None,
        shown=filters.shown([competitor_tables.SINCE]),
        chart=chart_of(facts, facts["charted"], "voice") if facts else None,
        compared=competitor_tables.rivals(facts),
        found={
            name: tables.make(
                name,
                caption,
                columns,
                read,
                competitor_tables.UNMOVED if columns is competitor_tables.MOVERS else competitor_tables.EMPTY,
            )
            for name, (caption, columns, read) in wanted.items()
        },
    )


def chart_of(facts: Mapping[str, Any], shown: Sequence[str], name: str) -> charts.Chart:
    """Shares of voice by day, in per cent; a gap where nothing is known."""
    course = facts["course"]
    first, last = (date.fromisoformat(course[end]["day"]) for end in (0, -1))
    lines = {facts["domain"]: [day["ours"] for day in course]}
    lines |= {domain: [day["shares"].get(domain) for day in course] for domain in shown}
    series = [
        charts.Series(label, [None if one is None else round(one * 100, 2) for one in line]) for label, line in lines.items()
    ]
    known = {label: [one for one in line.values if one is not None] for label, line in zip(lines, series, strict=True)}
    words = [f"{label} from {told[0]:g} % to {told[-1]:g} %" for label, told in known.items() if told]
    gaps = sum(1 for day in course if day["ours"] is None)
    text = f"Share of voice in the last {len(course)} days: {'; '.join(words) or 'nothing is known yet'}."
    text += f" {gaps} days are not known." if gaps else ""
    marks = [charts.Note(_at(one.day), one.text) for one in notes.of(facts["project"], first, last)]
    times = [_at(date.fromisoformat(day["day"])) for day in course]
    return charts.Chart(name, text, times, series, unit="%", notes=marks)


def _at(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
