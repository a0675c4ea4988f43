"""People who log in, for admins: their roles and sessions."""

from typing import Any

from flask import Flask, Response, request

from topics.access import sessions, users
from topics.access.passwords import LONGEST, SHORTEST
from topics.access.roles import WORDS
from topics.access.users import User
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, tables
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
    for number, path in enumerate(
        ("/people/<name>", "/people/<name>/role", "/people/<name>/password")
    ):  # as refused forms show it
        app.add_url_rule(path, f"person_page_{number}" if number else "person_page", person_page)


@access.needs(Role.ADMIN)
def people_page() -> Response:
    """All people."""
    return page_of_all()


def page_of_all(problem: Problem | None = None) -> Response:
    """The page of all people; `problem`: what is wrong with its form."""
    read = lists.part_of(users.every(), lambda one: one.name, lambda part: [_facts(one) for one in part])
    if file := tables.wanted_file("people", COLUMNS, read):
        return file
    found = tables.make("people", "Who may log in, by name", COLUMNS, read, EMPTY)
    status = problem.status if problem else 200
    return frame.show("people.html", "People", status=status, found=found, problem=problem, typed=request.form, **_bounds())


def _facts(one: User) -> dict[str, Any]:
    return {"name": one.name, "role": one.role.word, "made_at": one.made_at, "changed_at": one.changed_at}


@access.needs(Role.ADMIN)
def person_page(name: str) -> Response:
    """One person with the sessions that are not over."""
    return page_of(users.find(name))


def page_of(one: User, problem: Problem | None = None) -> Response:
    """The page of one person; `problem`: what is wrong with its form."""
    rows = [{column.key: getattr(each, column.key) for column in SESSIONS} for each in sessions.of_user(one.name)]
    read = tables.all_at_once(rows)
    if file := tables.wanted_file("sessions", SESSIONS, read):
        return file
    found = tables.make("sessions", "Sessions that are not over, the newest first", SESSIONS, read, "Not logged in anywhere.")
    status = problem.status if problem else 200
    shown = {"one": _facts(one), "found": found, "problem": problem, "typed": request.form}
    return frame.show("person.html", one.name, status=status, **shown, **_bounds())


def _bounds() -> dict[str, Any]:
    return {"roles": [(one, one) for one in WORDS], "shortest": SHORTEST, "longest": LONGEST}
