"""Projects: how visible each is, what is late, what went wrong; and forms that add, activate and remove them."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, request

import queues
import wording
from errors import TrawlError
from jobs import tracking
from state.tracking import keywords
from state.tracking import projects as stored
from topics.operations import project_lists
from topics.tracking import counting, projects
from web import access, errors
from web.access import Role
from web.api import projects as routes
from web.pages import filters, frame, project_forms, rank_drawings, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

FILTERS = (
    Filter("text", "Name, domain or id"),
    Filter("active", "Checked", (("", "all"), ("true", "active"), ("false", "inactive"))),
)

COLUMNS = (
    Column("name", "Project"),
    Column("domain", "Domain"),
    Column("market", "Market"),
    Column("keywords", "Keywords", "Keywords that are tracked now", True),
    Column("ranked", "Ranked", "Keywords that rank, when counted last", True),
    Column("not_found", "Not found", "Not found as deep as was looked, when counted last", True),
    Column("unknown", "Unknown", "Nothing is known: the last check failed, or there was none lately", True),
    Column("visibility", "Visibility", "Share of all searches for the keywords that see the domain", True),
    Column("change_7", "7 days", "Change of visibility in per cent points", True),
    Column("change_30", "30 days", "Change of visibility in per cent points", True),
    Column("distribution", "Distribution"),
    Column("due", "Due", "Checks that are due now", True),
    Column("late", "Late", "Checks that are due for more than an hour", True),
    Column("problem", "Last problem", "The most frequent reason of unknown ranks, when counted last"),
    Column("counted_at", "Counted"),
)

EMPTY = "No project yet: add one below, or `python manage.py project add example.com`."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects", "projects_page", projects_page)
    app.add_url_rule("/projects", "add_project_page", add_project, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/activate", "activate_project_page", activate, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/deactivate", "deactivate_project_page", deactivate, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/count", "count_project_page", count, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/remove", "remove_project_page", remove, methods=["POST"])


@access.needs(Role.VIEWER)
def projects_page() -> Response:
    """All projects at a glance, by id."""
    if file := tables.wanted_file("projects", COLUMNS, _read()):
        return file
    return _shown({})


@access.needs(Role.OPERATOR)
def add_project() -> Response:
    """Add a project; what is wrong with the form is said on it."""
    try:
        given = project_forms.given(request.form)
        options = {name: value for name, value in given.items() if value is not None and name != "domain"}
        made = projects.add(str(given.get("domain") or ""), projects.Options(**options))
    except TrawlError as exc:
        return _shown(request.form, says=errors.of(exc).detail, status=errors.status_of(exc))
    return frame.done(f"/projects/{made.id}", f"Added {made.id}. Next: give it keywords.")


@access.needs(Role.OPERATOR)
def activate(project_id: str) -> Response:
    """Let a project take part in batches again."""
    return _activated(project_id, True, "is active: its keywords are checked when they are due.")


@access.needs(Role.OPERATOR)
def deactivate(project_id: str) -> Response:
    """Keep a project out of batches."""
    return _activated(project_id, False, "is inactive: its keywords are not checked. Nothing is lost.")


@access.needs(Role.OPERATOR)
def count(project_id: str) -> Response:
    """Count the overview of a project anew."""
    project = projects.named(project_id)
    found = counting.current(project.id, tracking.make_overview, fresh=True)
    says = f"Job {found.job.job_id} counts it anew: load this page again in a moment." if found.job else "Counted anew."
    return frame.done(f"/projects/{project.id}", says)


@access.needs(Role.ADMIN)
def remove(project_id: str) -> Response:
    """Remove a project with its keywords and their history, after asking."""
    project = projects.named(project_id)
    number = keywords.count_of(project.id)
    if not frame.is_confirmed():
        says = (
            f"Remove {project.name} ({project.domain}) with {wording.pluralize(number, 'keyword')} and all of their history? "
            f"This cannot be taken back. Stored pages below {project.folder}/ stay."
        )
        here = f"/projects/{project.id}"
        return frame.confirm(f"Remove {project.id}", says, f"{here}/remove", button="Remove it", back=f"{here}/settings")
    if number <= routes.AT_ONCE:
        projects.remove(project.id)
        return frame.done("/projects", f"Removed {project.id} with {wording.pluralize(number, 'keyword')}.")
    stored.set_active(project.id, False)
    job = queues.submit(tracking.remove_project, project.id, labels={"project": project.id})
    return frame.done(f"/jobs/{job.job_id}", f"{project.id} is being removed by this job.")


def _activated(project_id: str, active: bool, says: str) -> Response:
    project = projects.named(project_id)
    stored.set_active(project.id, active)
    return frame.done(f"/projects/{project.id}/settings", f"{project.id} {says}")


def _shown(given: Any, *, says: str = "", status: int = 200) -> Response:
    found = tables.make("projects", "Projects, by id", COLUMNS, _read(), EMPTY)
    asked = _count_missing(found.rows)
    return frame.show(
        "projects.html",
        "Projects",
        status=status,
        found=found,
        filters=filters.shown(FILTERS),
        fields=project_forms.new(given),
        wrong=says,
        asked=asked,
        bar=rank_drawings.bar,
    )


def _count_missing(rows: Sequence[tables.Row]) -> int:
    """Have those counted that were not, or long ago; returns how many."""
    old = [row["id"] for row in rows if not row["standing"] or row["standing"]["age_s"] > counting.FRESH_IN_LISTS_S]
    return len(counting.submit(old, tracking.make_overview)) if old else 0


def _read() -> tables.Read:
    values = filters.values(FILTERS)
    active = {"true": True, "false": False}.get(values["active"])

    def read(limit: int, cursor: str) -> Part:
        found = project_lists.glance(limit, cursor, active, values["text"])
        return Part([_row(row) for row in found.rows], found.cursor)

    return read


def _row(row: dict[str, Any]) -> dict[str, Any]:
    standing = row["standing"] or {}
    spread = standing.get("distribution", {})
    ranked = sum(spread[name] for name in ("top_3", "top_10", "top_20", "top_100")) if spread else None
    reason, number = next(iter(standing.get("unknown_reasons", {}).items()), ("", 0))
    changes = standing.get("visibility_changes", {})
    return {
        **row,
        "market": f"{row['country']} {row['language']} {row['device']}" + (f", {row['location']}" if row["location"] else ""),
        "ranked": ranked,
        "not_found": spread.get("not_found"),
        "unknown": spread["unknown"] + spread["unchecked"] if spread else None,
        "visibility": standing.get("visibility"),
        "change_7": changes.get("days_7"),
        "change_30": changes.get("days_30"),
        "distribution": spread,
        "problem": f"{reason}: {wording.pluralize(number, 'keyword')}" if reason else "",
        "reason": reason,
        "counted_at": standing.get("at"),
    }
