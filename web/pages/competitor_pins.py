"""Competitors pinned by hand: their course is always counted."""

from urllib.parse import quote

from flask import Flask, Response, request

from topics.tracking import competitors, projects
from web import access
from web.access import Role
from web.api.competitors import counted
from web.pages import frame


def register(app: Flask) -> None:
    """The address of this action."""
    app.add_url_rule("/projects/<project_id>/competitors/pins", "pins_page", pins_page, methods=["POST"])


@access.needs(Role.OPERATOR)
def pins_page(project_id: str) -> Response:
    """Pin a domain, or take its pin away."""
    project, domain = projects.named(project_id), request.form.get("domain", "")
    if request.form.get("wanted") == "0":
        says = f"{competitors.unpin(project.id, domain)} is not pinned any more."
    else:
        says = f"{competitors.pin(project.id, domain)} is pinned: its course is always counted."
    counted(project.id, fresh=True)
    return frame.done(f"/projects/{quote(project.id)}/competitors", says)
