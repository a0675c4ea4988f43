"""Projects: how visible each is, what is late, what went wrong."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response

from jobs import tracking
from topics.tracking import counting
from web import access
from web.access import Role
from web.pages import filters, frame, project_forms, project_rows, rank_drawings, tables

EMPTY = "No project yet: add one below, or `python manage.py project add example.com`."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects", "projects_page", projects_page)


@access.needs(Role.VIEWER)
def projects_page() -> Response:
    """All projects at a glance, by id."""
    if file := tables.wanted_file("projects", project_rows.COLUMNS, project_rows.read()):
        return file
    return listed({})


def listed(given: Any, *, says: str = "", status: int = 200) -> Response:
    """The page of all projects; `says`: what is wrong with its form."""
    found = tables.make("projects", "Projects, by id", project_rows.COLUMNS, project_rows.read(), EMPTY)
    asked = _count_missing(found.rows)
    return frame.show(
        "projects.html",
        "Projects",
        status=status,
        found=found,
        filters=filters.shown(project_rows.FILTERS),
        fields=project_forms.new(given),
        wrong=says,
        asked=asked,
        bar=rank_drawings.bar,
    )


def _count_missing(rows: Sequence[tables.Row]) -> int:
    """Have those counted that were not, or long ago; returns how many."""
    old = [row["id"] for row in rows if not row["standing"] or row["standing"]["age_s"] > counting.FRESH_IN_LISTS_S]
    return len(counting.submit(old, tracking.make_overview)) if old else 0
