"""Pauses: what is held by hand, why, by whom and until when; what each holds now; adding one, and resuming."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

import clock
import wording
from errors import ArgumentError, TrawlError
from state.engine.pauses import Pause
from topics.operations import held, pauses
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, refusals, tables
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

#: The classes of what can be paused, and what each is called.
CLASSES = {
    "queue": "Queues",
    "kind": "Kinds of jobs",
    "provider": "Providers",
    "project": "Projects",
    "schedule": "Entries of the schedule",
    "host": "Hosts",
}

#: How long a pause may be made for here (s); "" = until somebody resumes it.
CHOSEN_S = (1800, 3600, 7200, 28_800, 86_400, 604_800)
LENGTHS = (("", "until somebody resumes it"), *((str(length_s), wording.duration(length_s)) for length_s in CHOSEN_S))

#: Pages about what is paused.
PAGES = {"queue": "/jobs?queue=", "kind": "/jobs?kind=", "project": "/projects/", "host": "/hosts/"}

EMPTY = "Nothing is paused. The form below holds work back, as `python manage.py pause queue:low --reason WHY` does."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/pauses", "pauses_page", pauses_page)
    app.add_url_rule("/pauses", "pauses_add", add, methods=["POST"])
    app.add_url_rule("/pauses/resume", "pauses_resume", resume, methods=["POST"])


@access.needs(Role.VIEWER)
def pauses_page() -> Response:
    """All pauses in force."""
    return _page()


@access.needs(Role.OPERATOR)
def add() -> Response:
    """Pause what the form names."""
    try:
        made = _put()
    except TrawlError as exc:
        return _page(refusals.of(exc))
    return frame.done("/pauses", f"The {made.what} is paused. What runs goes on; what waits is held, and keeps its place.")


def _put() -> Pause:
    form = request.form
    scope, other = form.get("scope", ""), form.get("name", "").strip()
    if scope.endswith(":"):  # the class alone: its name is typed
        scope += other
    elif other:
        raise ArgumentError("a name is typed only for a host, or for another project: leave it empty.")
    length, until = form.get("for_s", ""), form.get("until", "").strip()
    if length not in dict(LENGTHS):
        raise ArgumentError(f"--for {length!r:.20} is none of the lengths to choose from")
    ends = pauses.moment(until) if until else None
    return pauses.put(scope, form.get("reason", ""), access.caller().name, for_s=float(length) if length else None, until=ends)


@access.needs(Role.OPERATOR)
def resume() -> Response:
    """End a pause."""
    done = pauses.resume(request.form.get("scope", ""))
    let_go = f" {wording.pluralize(done.released, 'parked job')} let go." if done.released else ""
    return frame.done("/pauses", f"{done.scope} goes on.{let_go}")


def _page(problem: Problem | None = None) -> Response:
    filters = (Filter("class", "Class", [("", "all"), *CLASSES.items()]), Filter("text", "Holds the text"))
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
        choices=_choices() if frame.may(Role.OPERATOR) else [],
        lengths=LENGTHS,
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


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of what can be paused: its class in words, and pairs of scope and name."""
    groups = [(CLASSES[kind], [(f"{kind}:{name}", name) for name in names]) for kind, names in pauses.choices().items()]
    typed = [("host:", "a host, named beside"), ("project:", "another project, named beside")]
    return [*((label, pairs) for label, pairs in groups if pairs), ("By name", typed)]
