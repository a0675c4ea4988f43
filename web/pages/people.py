"""People who log in, for admins: their roles and sessions; making one, another role or password, and removing one."""

from typing import Any

from flask import Flask, Response, request

import wording
from errors import TrawlError
from topics.access import sessions, users
from topics.access.passwords import LONGEST, SHORTEST
from topics.access.roles import WORDS
from topics.access.users import User
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, refusals, tables
from web.pages.tables import Column

COLUMNS = (Column("name", "Name"), Column("role", "Role"), Column("made_at", "Made"), Column("changed_at", "Password set"))

SESSIONS = (
    Column("id", "Session"),
    Column("made_at", "Begun"),
    Column("seen_at", "Last seen", "to a minute"),
    Column("ends_at", "Ends"),
    Column("address", "From"),
    Column("agent", "Browser"),
)

EMPTY = "There is nobody: make a person below, or by `python manage.py user add NAME`."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/people", "people_page", people_page)
    app.add_url_rule("/people", "people_add", add, methods=["POST"])
    for number, path in enumerate(
        ("/people/<name>", "/people/<name>/role", "/people/<name>/password")
    ):  # as refused forms show it
        app.add_url_rule(path, f"person_page_{number}" if number else "person_page", person_page)
    app.add_url_rule("/people/<name>/role", "people_role", set_role, methods=["POST"])
    app.add_url_rule("/people/<name>/password", "people_password", set_password, methods=["POST"])
    app.add_url_rule("/people/<name>/sessions/end", "people_end_sessions", end_sessions, methods=["POST"])
    app.add_url_rule("/people/<name>/remove", "people_remove", remove, methods=["POST"])


@access.needs(Role.ADMIN)
def people_page() -> Response:
    """All people."""
    return _page()


def _page(problem: Problem | None = None) -> Response:
    read = lists.part_of(users.every(), lambda one: one.name, lambda part: [_facts(one) for one in part])
    if file := tables.wanted_file("people", COLUMNS, read):
        return file
    found = tables.make("people", "Who may log in, by name", COLUMNS, read, EMPTY)
    status = problem.status if problem else 200
    return frame.show("people.html", "People", status=status, found=found, problem=problem, typed=request.form, **_bounds())


def _facts(one: User) -> dict[str, Any]:
    return {"name": one.name, "role": one.role.word, "made_at": one.made_at, "changed_at": one.changed_at}


@access.needs(Role.ADMIN)
def add() -> Response:
    """Make a person, who can log in from now on."""
    form = request.form
    try:
        made = users.add(form.get("name", "").strip(), form.get("role", ""), form.get("password", ""))
    except TrawlError as exc:
        return _page(refusals.of(exc))
    return frame.done(f"/people/{made.name}", f"{made.name} may log in as {made.role.word}.")


@access.needs(Role.ADMIN)
def person_page(name: str) -> Response:
    """One person with the sessions that are not over."""
    return _person_page(users.find(name))


def _person_page(one: User, problem: Problem | None = None) -> Response:
    rows = [{column.key: getattr(each, column.key) for column in SESSIONS} for each in sessions.of_user(one.name)]
    read = tables.all_at_once(rows)
    if file := tables.wanted_file("sessions", SESSIONS, read):
        return file
    found = tables.make("sessions", "Sessions that are not over, the newest first", SESSIONS, read, "Not logged in anywhere.")
    status = problem.status if problem else 200
    shown = {"one": _facts(one), "found": found, "problem": problem, "typed": request.form}
    return frame.show("person.html", one.name, status=status, **shown, **_bounds())


@access.needs(Role.ADMIN)
def set_role(name: str) -> Response:
    """Give a person another role."""
    one, role = users.find(name), request.form.get("role", "")
    if _is_self(one) and role != "admin" and role in WORDS and not frame.is_confirmed():
        says = "You take the role admin from yourself: this page is closed to you then."
        says += f" `python manage.py user role {one.name} admin` gives it back."
        action, back = f"/people/{one.name}/role", f"/people/{one.name}"
        return frame.confirm("Your own role", says, action, button=f"Be {role}", back=back, fields={"role": role})
    try:
        done = users.set_role(one.name, role)
    except TrawlError as exc:
        return _person_page(one, refusals.of(exc))
    path = "/account" if _is_self(one) else f"/people/{one.name}"
    return frame.done(path, f"{done.name} is {done.role.word} now, within five seconds.")


@access.needs(Role.ADMIN)
def set_password(name: str) -> Response:
    """Set another password; all sessions of that person end."""
    one = users.find(name)
    try:
        users.set_password(one.name, request.form.get("password", ""))
    except TrawlError as exc:
        return _person_page(one, refusals.of(exc))
    if _is_self(one):
        return frame.done("/login", "You have another password: log in with it.")
    return frame.done(f"/people/{one.name}", f"{one.name} has another password, and was logged out everywhere.")


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
    return frame.done("/login" if _is_self(one) else f"/people/{one.name}", f"{wording.pluralize(ended, 'session')} ended.")


@access.needs(Role.ADMIN)
def remove(name: str) -> Response:
    """Remove a person, with sessions and saved views."""
    one = users.find(name)
    if not frame.is_confirmed():
        own = " That is you." if _is_self(one) else ""
        says = f"{one.name} ({one.role.word}) is removed and logged out everywhere, with the saved views of their own."
        says += f" API keys and share links that they made stay.{own}{_if_last(one)}"
        action, back = f"/people/{one.name}/remove", f"/people/{one.name}"
        return frame.confirm("Remove a person", says, action, button="Remove them", back=back)
    users.remove(one.name)
    return frame.done("/login" if _is_self(one) else "/people", f"{one.name} is removed, and logged out everywhere.")


def _if_last(one: User) -> str:
    """What to know where nobody who logs in is an admin without this person."""
    if one.role is not Role.ADMIN or any(other.role is Role.ADMIN and other.name != one.name for other in users.every()):
        return ""
    return " Nobody else who logs in is an admin: `python manage.py user role NAME admin` makes one."


def _is_self(one: User) -> bool:
    who = access.caller()
    return bool(who.session_id) and who.name == one.name


def _bounds() -> dict[str, Any]:
    return {"roles": [(one, one) for one in WORDS], "shortest": SHORTEST, "longest": LONGEST}
