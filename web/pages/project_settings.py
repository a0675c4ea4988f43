"""The settings of a project: what each means, what a change does, what was changed before; activate, deactivate, remove."""

from typing import Any

from flask import Flask, Response, request

import queues
import wording
from errors import TrawlError
from jobs import tracking
from state.tracking import keywords
from state.tracking import projects as stored
from topics.operations import views
from topics.tracking import days, projects
from web import access, errors
from web.access import Role
from web.api import projects as routes
from web.pages import frame, project_forms, tables
from web.pages.tables import Column

CHANGES = (Column("at", "When"), Column("setting", "Setting"), Column("before", "Before"), Column("after", "After"))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects/<project_id>/settings", "project_settings_page", settings_page)
    app.add_url_rule("/projects/<project_id>/settings", "change_project_page", change, methods=["POST"])


@access.needs(Role.VIEWER)
def settings_page(project_id: str) -> Response:
    """The settings of a project, and what was changed of them."""
    found = views.project(projects.named(project_id).id)
    if file := tables.wanted_file("changes", CHANGES, tables.all_at_once(found["changes"])):
        return file
    return _shown(project_id, found, {})


@access.needs(Role.OPERATOR)
def change(project_id: str) -> Response:
    """Change settings; keywords keep their history. What is wrong with the form is said on it."""
    project = projects.named(project_id)
    try:
        values = project_forms.changes(project, request.form)
        done = projects.change_settings(project.id, values) if values else []
    except TrawlError as exc:
        found = views.project(project.id)
        return _shown(project.id, found, request.form, says=errors.of(exc).detail, status=errors.status_of(exc))
    says = "; ".join(map(str, done)) or "Nothing changed: it is so already"
    return frame.done(f"/projects/{project.id}/settings", f"{says}.{_rearmed(project.id)}")


def _rearmed(project_id: str) -> str:
    """New due times, where the hours changed; what is said of them."""
    if not days.is_pending(project_id):
        return ""
    if keywords.count_of(project_id) > routes.AT_ONCE:
        job = queues.submit(tracking.rearm_project, project_id, labels={"project": project_id})
        return f" Job {job.job_id} gives its keywords new due times."
    return f" {wording.pluralize(days.rearm(stored.get(project_id)), 'keyword')} with another due time."


def _shown(project_id: str, found: dict[str, Any], form: Any, *, says: str = "", status: int = 200) -> Response:
    project = projects.named(project_id)
    return frame.show(
        "project_settings.html",
        f"Settings of {project.name}",
        status=status,
        project=project,
        found=found,
        fields=project_forms.of(project, form),
        wrong=says,
        changes=tables.Table("changes", "What was changed, the newest first", CHANGES, found["changes"], empty="Nothing yet."),
    )
