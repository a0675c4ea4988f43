"""Share links of a project: who made which, until when, and when each was opened last."""

from typing import Any

from flask import Flask, Response, request

from topics.access.share_links import DAYS, LONGEST_TITLE, MOST_DAYS, SCOPES, Share
from topics.operations import shares
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, tables
from web.pages.tables import Column

COLUMNS = (
    Column("title", "Title"),
    Column("scope", "Shows"),
    Column("actor", "Made by"),
    Column("made_at", "Made"),
    Column("ends_at", "Ends"),
    Column("used_at", "Last opened", "to a minute"),
    Column("id", "Link"),
)

#: What a link shows, in words.
SHOWS = {"overview": "the overview", "keywords": "the overview and the keywords"}


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects/<project_id>/shares", "shares_page", shares_page)


@access.needs(Role.VIEWER)
def shares_page(project_id: str) -> Response:
    """The links that are not over."""
    return page_of(project_id)


def page_of(project_id: str, problem: Problem | None = None) -> Response:
    """The page of a project; `problem`: what is wrong with its form."""
    read = tables.all_at_once([_facts(one) for one in shares.of(project_id)])
    if file := tables.wanted_file("shares", COLUMNS, read):
        return file
    empty = f"Nobody outside sees this project: make a link below, or by `python manage.py project share {project_id}`."
    return frame.show(
        "shares.html",
        f"Share links of {project_id}",
        status=problem.status if problem else 200,
        project_id=project_id,
        found=tables.make("shares", "Links that are not over, the newest first", COLUMNS, read, empty),
        scopes=[(scope, SHOWS[scope]) for scope in SCOPES],
        shows=SHOWS,
        days=DAYS,
        most_days=MOST_DAYS,
        longest=LONGEST_TITLE,
        problem=problem,
        typed=request.form,
    )


def _facts(one: Share) -> dict[str, Any]:
    return {column.key: getattr(one, column.key) for column in COLUMNS}
