"""What ends for a person, for admins: all sessions, or the account."""

from flask import Flask, Response

import wording
from topics.access import sessions, users
from topics.access.users import User
from web import access
from web.access import Role
from web.pages import frame, people_changes


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/people/<name>/sessions/end", "people_end_sessions", end_sessions, methods=["POST"])
    app.add_url_rule("/people/<name>/remove", "people_remove", remove, methods=["POST"])


@access.needs(Role.ADMIN)
def end_sessions(name: str) -> Response:
    """Log a person out everywhere."""
    one = users.find(name)
    count = len(sessions.of_user(one.name))
    if not frame.is_confirmed():
        says = f"{one.name} is logged out everywhere: {wording.pluralize(count, 'session')}, within five seconds."
        action, back = f"/people/{one.name}/sessions/end", f"/people/{one.name}"
        return frame.confirm("End sessions", says, action, button="End them", back=back)
    ended = users.end_sessions(one.name)
    return frame.done(
        "/login" if people_changes.is_self(one) else f"/people/{one.name}", f"{wording.pluralize(ended, 'session')} ended."
    )


@access.needs(Role.ADMIN)
def remove(name: str) -> Response:
    """Remove a person, with sessions and saved views."""
    one = users.find(name)
    if not frame.is_confirmed():
        own = " That is you." if people_changes.is_self(one) else ""
        says = f"{one.name} ({one.role.word}) is removed and logged out everywhere, with the saved views of their own."
        says += f" API keys and share links that they made stay.{own}{_if_last(one)}"
        action, back = f"/people/{one.name}/remove", f"/people/{one.name}"
        return frame.confirm("Remove a person", says, action, button="Remove them", back=back)
    users.remove(one.name)
    return frame.done(
        "/login" if people_changes.is_self(one) else "/people", f"{one.name} is removed, and logged out everywhere."
    )


def _if_last(one: User) -> str:
    """What to know where nobody who logs in is an admin without this person."""
    if one.role is not Role.ADMIN or any(other.role is Role.ADMIN and other.name != one.name for other in users.every()):
        return ""
    return " Nobody else who logs in is an admin: `python manage.py user role NAME admin` makes one."
