"""Share links of a project: who made which, until when, and when each was opened last; making one, and revoking it."""

from typing import Any

from flask import Flask, Response, request

from errors import ArgumentError, TrawlError
from topics.access.share_links import DAYS, LONGEST_TITLE, MOST_DAYS, SCOPES, Share
from topics.operations import shares
from web import access, urls
from web.access import Role
from web.errors import Problem
from web.pages import frame, refusals, secrets, tables
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
    app.add_url_rule("/projects/<project_id>/shares", "shares_add", add, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/shares/<share_id>/revoke", "shares_revoke", revoke, methods=["POST"])


@access.needs(Role.VIEWER)
def shares_page(project_id: str) -> Response:
    """The links that are not over."""
    return _page(project_id)


def _page(project_id: str, problem: Problem | None = None) -> Response:
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


@access.needs(Role.OPERATOR)
def add(project_id: str) -> Response:
    """Make a link; the reply shows it, this once."""
    form = request.form
    try:
        days = _days(form.get("days", ""))
        named: dict[str, Any] = {"scope": form.get("scope", ""), "title": form.get("title", ""), "days": days}
        made, token = shares.add(project_id, access.caller().name, **named)
    except TrawlError as exc:
        return _page(project_id, refusals.of(exc))
    says = f"Whoever has the link sees {SHOWS[made.scope]} of {project_id} until {made.ends_at:%Y-%m-%d %H:%M} UTC."
    return secrets.show("The share link", says, urls.external(f"/share/{token}"), f"/projects/{project_id}/shares", "All links")


@access.needs(Role.OPERATOR)
def revoke(project_id: str, share_id: str) -> Response:
    """End a link."""
    back = f"/projects/{project_id}/shares"
    if not frame.is_confirmed():
        one = next((one for one in shares.of(project_id) if one.id == share_id), None)
        named = f" {one.title!r}" if one and one.title else ""
        says = f"The link{named} opens nothing from then on, for everybody who has it. It cannot be brought back."
        return frame.confirm("Revoke a share link", says, f"{back}/{share_id}/revoke", button="Revoke it", back=back)
    shares.revoke(project_id, share_id)
    return frame.done(back, "The link is revoked: it opens nothing any more.")


def _days(text: str) -> float:
    """How long the link lives. Raises ArgumentError."""
    try:
        return float(text.strip() or DAYS)
    except ValueError:
        raise ArgumentError(f"--days {text!r:.20} is no number of days.") from None
