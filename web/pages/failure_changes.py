"""What is done with failures of a fingerprint: they are muted for some days, or shown again."""

from flask import Flask, Response, request

from topics.operations import failures
from web import access, seen
from web.access import Role
from web.errors import Field, Problem
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/failures/<fingerprint>/mute", "failures_page_mute", mute, methods=["POST"])
    app.add_url_rule("/failures/<fingerprint>/unmute", "failures_page_unmute", unmute, methods=["POST"])


@access.needs(Role.OPERATOR)
def mute(fingerprint: str) -> Response:
    """Mute a fingerprint for some days."""
    _check_sight()
    days = request.form.get("days", "")
    try:
        wanted = float(days)
    except ValueError:
        raise Problem(422, f"days is a number, not {days!r:.40}.", fields=[Field("days", "is a number")]) from None
    found = failures.mute(fingerprint, wanted, request.form.get("note", ""), access.caller().name)
    until = f" until {found.muted.until:%Y-%m-%d %H:%M} UTC" if found.muted else ""
    return frame.done("/failures", f"Muted{until}: {found.shape}")


@access.needs(Role.OPERATOR)
def unmute(fingerprint: str) -> Response:
    """Show it again."""
    _check_sight()
    return frame.done("/failures", f"Shown again: {failures.unmute(fingerprint).shape}")


def _check_sight() -> None:
    """A key that sees its own jobs only may not hide what others look at. Raises Problem 403."""
    if seen.owner() is not None:
        raise Problem(403, "A key that sees its own jobs only cannot mute failures: it would for everybody.", code="forbidden")
