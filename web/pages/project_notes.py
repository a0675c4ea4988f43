"""Notes of a project: what happened on a day, written down and removed."""

from datetime import date

from flask import Flask, Response, request

from topics.tracking import days, notes, projects
from web import access
from web.access import Role
from web.errors import Field, Problem
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/projects/<project_id>/notes", "add_note_page", add_note, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/notes/<note_id>/remove", "remove_note_page", remove_note, methods=["POST"])


@access.needs(Role.OPERATOR)
def add_note(project_id: str) -> Response:
    """Note what happened on a day."""
    project, text = projects.named(project_id), request.form.get("day", "").strip()
    try:
        day = date.fromisoformat(text) if text else days.today(project)
    except ValueError:
        raise Problem(422, f"The day {text!r:.40} must be YYYY-MM-DD.", fields=[Field("day", "must be YYYY-MM-DD")]) from None
    made = notes.add(project.id, day, request.form.get("text", ""), access.caller().name)
    return frame.done(f"/projects/{project.id}", f"Noted for {made.day}: {made.text}")


@access.needs(Role.OPERATOR)
def remove_note(project_id: str, note_id: str) -> Response:
    """Remove a note."""
    project = projects.named(project_id)
    notes.remove(project.id, note_id)
    return frame.done(f"/projects/{project.id}", "The note is removed.")
