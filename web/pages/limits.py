"""Limits: how many jobs of each kind may run at a time, how many do, and how many wait for a place."""

from dataclasses import asdict
from urllib.parse import quote

from flask import Flask, Response, request

import wording
from errors import ArgumentError, TrawlError
from state.engine import limits as stored
from topics.operations import limits
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, refusals, tables
from web.pages.tables import Column

COLUMNS = (
    Column("kind", "Kind"),
    Column("running", "Running now", "counted for kinds that something limits", numeric=True),
    Column("most", "At most", "set by hand; it holds over all workers", numeric=True),
    Column("by_setting", "By setting", "the lower of the two counts", numeric=True),
    Column("blocked", "Blocked now", "jobs that wait for a place of their kind", numeric=True),
)

#: Greatest limit.
MOST = 1_000_000


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/limits", "limits_page", limits_page)
    app.add_url_rule("/limits/<kind>", "limits_page_of", limits_page)  # as a refused form shows it
    app.add_url_rule("/limits/<kind>", "limits_set", set_limit, methods=["POST"])
    app.add_url_rule("/limits/<kind>/remove", "limits_remove", remove, methods=["POST"])


@access.needs(Role.VIEWER)
def limits_page(kind: str = "") -> Response:
    """All kinds."""
    return _page()


@access.needs(Role.ADMIN)
def set_limit(kind: str) -> Response:
    """Let at most so many jobs of a kind run."""
    try:
        most = _number(request.form.get("most", ""))
        if most == 0 and kind in limits.kinds() and not frame.is_confirmed():
            return _ask(kind)
        limits.put(kind, most)
    except TrawlError as exc:
        return _page(refusals.of(exc))
    return frame.done("/limits", f"At most {wording.pluralize(most, 'job')} of the kind {kind} from now on, over all workers.")


def _ask(kind: str) -> Response:
    says = f"With the limit 0 no job of the kind {kind} starts any more, until the limit is changed. Jobs that run go on."
    fields = {"most": "0"}
    return frame.confirm("Block a kind", says, f"/limits/{quote(kind)}", button="Block all", back="/limits", fields=fields)


@access.needs(Role.ADMIN)
def remove(kind: str) -> Response:
    """Take a limit away."""
    stored.remove(kind)
    return frame.done("/limits", f"No limit for the kind {kind} any more; jobs that it blocked start first.")


def _page(problem: Problem | None = None) -> Response:
    read = tables.all_at_once([asdict(one) for one in limits.every()])
    if file := tables.wanted_file("limits", COLUMNS, read):
        return file
    found = tables.make("limits", "Kinds of jobs and their limits, now", COLUMNS, read, "No job is declared.")
    status = problem.status if problem else 200
    return frame.show("limits.html", "Limits", status=status, found=found, problem=problem, typed=request.form, most=MOST)


def _number(text: str) -> int:
    """The limit that was typed. Raises ArgumentError."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= MOST):
        raise ArgumentError(f"at most {text!r:.20} is no limit: give a number from 0 to {MOST:,}.")
    return int(text)
