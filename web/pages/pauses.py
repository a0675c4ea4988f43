"""Pauses: what is held by hand, why, by whom and until when; what each holds now."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

import clock
from state.engine.pauses import Pause
from topics.operations import held, pauses
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, pause_choices, tables
from web.pages.filters import Filter, shown, values
from web.pages.tables import Column, Row

COLUMNS = (
    Column("scope", "What"),
    Column("reason", "Why"),
    Column("actor", "By"),
    Column("since", "Since"),
    Column("until", "Until"),
    Column("held", "Holds now", "what waits for it at this moment"),
)

#: Pages about what is paused.
PAGES = {"queue": "/jobs?queue=", "kind": "/jobs?kind=", "project": "/projects/", "host": "/hosts/"}

EMPTY = "Nothing is paused. The form below holds work back, as `python manage.py pause queue:low --reason WHY` does."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/pauses", "pauses_page", pauses_page)


@access.needs(Role.VIEWER)
def pauses_page() -> Response:
    """All pauses in force."""
    return page_of_all()


def page_of_all(problem: Problem | None = None) -> Response:
    """The page of all pauses; `problem`: what is wrong with its form."""
    filters = (Filter("class", "Class", [("", "all"), *pause_choices.CLASSES.items()]), Filter("text", "Holds the text"))
    wanted = values(filters)
    found = [
        one
        for one in pauses.every()
        if one.scope.startswith(f"{wanted['class']}:" if wanted["class"] else "")
        and wanted["text"].casefold() in f"{one.scope} {one.reason} {one.actor}".casefold()
    ]
    read = lists.part_of(found, lambda one: one.scope, _rows)
    if file := tables.wanted_file("pauses", COLUMNS, read):
        return file
    empty = EMPTY if not any(wanted.values()) else "No pause fits these filters."
    return frame.show(
        "pauses.html",
        "Pauses",
        status=problem.status if problem else 200,
        found=tables.make("pauses", "What is paused now", COLUMNS, read, empty),
        filters=shown(filters),
        choices=pause_choices.groups() if frame.may(Role.OPERATOR) else [],
        lengths=pause_choices.LENGTHS,
        problem=problem,
        typed=request.form,
        at=clock.now(),
    )


def _rows(found: Sequence[Pause]) -> list[Row]:
    waiting = held.by(found)
    return [{**_facts(one), "held": str(waiting.get(one.scope, "")), "page": _page_of(one.scope)} for one in found]


def _facts(one: Pause) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("scope", "reason", "actor", "since", "until")}


def _page_of(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return PAGES[kind] + quote(name, safe="") if kind in PAGES else "/schedule" if kind == "schedule" else ""
