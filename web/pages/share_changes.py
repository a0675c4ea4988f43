"""What is done with share links: one made, which is shown this once, and one revoked."""

from typing import Any

from flask import Flask, Response, request

from errors import ArgumentError, TrawlError
from topics.access.share_links import DAYS
from topics.operations import shares
from web import access, urls
from web.access import Role
from web.pages import frame, refusals, secrets
from web.pages import shares as shares_page


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/projects/<project_id>/shares", "shares_add", add, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/shares/<share_id>/revoke", "shares_revoke", revoke, methods=["POST"])


@access.needs(Role.OPERATOR)
def add(project_id: str) -> Response:
    """Make a link; the reply shows it, this once."""
    form = request.form
    try:
        days = _days(form.get("days", ""))
        named: dict[str, Any] = {"scope": form.get("scope", ""), "title": form.get("title", ""), "days": days}
        made, token = shares.add(project_id, access.caller().name, **named)
    except TrawlError as exc:
        return shares_page.page_of(project_id, refusals.of(exc))
    says = f"Whoever has the link sees {shares_page.SHOWS[made.scope]} of {project_id} until {made.ends_at:%Y-%m-%d %H:%M} UTC."
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
