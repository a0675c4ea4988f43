"""What is done with projects: one added, activated, deactivated, counted, removed."""

from flask import Flask, Response, request

import queues
import wording
from errors import TrawlError
from jobs import tracking
from state.tracking import keywords
from state.tracking import projects as stored
from topics.tracking import counting, projects
from web import access, errors
from web.access import Role
from web.api import projects as routes
from web.pages import frame, project_forms
from web.pages import projects as projects_page


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/projects", "add_project_page", add_project, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/activate", "activate_project_page", activate, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/deactivate", "deactivate_project_page", deactivate, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/count", "count_project_page", count, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/remove", "remove_project_page", remove, methods=["POST"])


@access.needs(Role.OPERATOR)
def add_project() -> Response:
    """Add a project; what is wrong with the form is said on it."""
    try:
        given = project_forms.given(request.form)
        options = {name: value for name, value in given.items() if value is not None and name != "domain"}
        made = projects.add(str(given.get("domain") or ""), projects.Options(**options))
    except TrawlError as exc:
        return projects_page.listed(request.form, says=errors.of(exc).detail, status=errors.status_of(exc))
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
