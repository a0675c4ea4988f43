"""What is done with people who log in, for admins: one made, another role or password."""

from flask import Flask, Response, request

from errors import TrawlError
from topics.access import users
from topics.access.roles import WORDS
from topics.access.users import User
from web import access
from web.access import Role
from web.pages import frame, people, refusals


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/people", "people_add", add, methods=["POST"])
    app.add_url_rule("/people/<name>/role", "people_role", set_role, methods=["POST"])
    app.add_url_rule("/people/<name>/password", "people_password", set_password, methods=["POST"])


@access.needs(Role.ADMIN)
def add() -> Response:
    """Make a person, who can log in from now on."""
    form = request.form
    try:
        made = users.add(form.get("name", "").strip(), form.get("role", ""), form.get("password", ""))
    except TrawlError as exc:
        return people.page_of_all(refusals.of(exc))
    return frame.done(f"/people/{made.name}", f"{made.name} may log in as {made.role.word}.")


@access.needs(Role.ADMIN)
def set_role(name: str) -> Response:
    """Give a person another role."""
    one, role = users.find(name), request.form.get("role", "")
    if is_self(one) and role != "admin" and role in WORDS and not frame.is_confirmed():
        says = "You take the role admin from yourself: this page is closed to you then."
        says += f" `python manage.py user role {one.name} admin` gives it back."
        action, back = f"/people/{one.name}/role", f"/people/{one.name}"
        return frame.confirm("Your own role", says, action, button=f"Be {role}", back=back, fields={"role": role})
    try:
        done = users.set_role(one.name, role)
    except TrawlError as exc:
        return people.page_of(one, refusals.of(exc))
    path = "/account" if is_self(one) else f"/people/{one.name}"
    return frame.done(path, f"{done.name} is {done.role.word} now, within five seconds.")


@access.needs(Role.ADMIN)
def set_password(name: str) -> Response:
    """Set another password; all sessions of that person end."""
    one = users.find(name)
    try:
        users.set_password(one.name, request.form.get("password", ""))
    except TrawlError as exc:
        return people.page_of(one, refusals.of(exc))
    if is_self(one):
        return frame.done("/login", "You have another password: log in with it.")
    return frame.done(f"/people/{one.name}", f"{one.name} has another password, and was logged out everywhere.")


def is_self(one: User) -> bool:
    """Whether this is the person who asks."""
    who = access.caller()
    return bool(who.session_id) and who.name == one.name
