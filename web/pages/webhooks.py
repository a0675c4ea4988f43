"""Webhooks: who is told what becomes of jobs, and how that goes."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, request

from state.webhooks.endpoints import Endpoint
from topics.operations import limits
from topics.webhooks import endpoints, views
from web import access, seen
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, tables
from web.pages.filters import Filter, shown, values
from web.pages.tables import Column

COLUMNS = (
    Column("name", "Name"),
    Column("url", "Address", "without what may be secret in it"),
    Column("state", "State"),
    Column("events", "Told of"),
    Column("kinds", "Of kinds"),
    Column("waiting", "Waiting now", "deliveries that were not made yet", numeric=True),
    Column("last", "Last outcome"),
    Column("delivered", "Delivered", "since it was added", numeric=True),
    Column("given_up", "Given up", "since it was added", numeric=True),
)

EMPTY = "There is no webhook: add one below, or by `python manage.py webhook add URL --name NAME`."

FILTERS = (
    Filter("state", "State", [("", "all"), ("on", "on"), ("failing", "failing"), ("off", "off")]),
    Filter("job", "Came with the job", hint="id of a job, batch or crawl"),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/webhooks", "webhooks_page", webhooks_page)


@access.needs(Role.VIEWER)
def webhooks_page() -> Response:
    """The standing webhooks, or those that came with a job."""
    return page_of_all()


def page_of_all(problem: Problem | None = None) -> Response:
    """The page of all webhooks; `problem`: what is wrong with its form."""
    wanted = values(FILTERS)
    found = [one for one in seen.webhooks(wanted["job"]) if wanted["state"] in ("", state_of(one))]
    read = lists.part_of(found, lambda one: one.id, _rows)
    if file := tables.wanted_file("webhooks", COLUMNS, read):
        return file
    empty = "No webhook fits these filters." if any(wanted.values()) else EMPTY
    return frame.show(
        "webhooks.html",
        "Webhooks",
        status=problem.status if problem else 200,
        found=tables.make("webhooks", "Who is told what becomes of jobs", COLUMNS, read, empty),
        filters=shown(FILTERS),
        events=endpoints.EVENTS,
        chosen=request.form.getlist("events") or endpoints.ENDS,
        kinds=limits.kinds(),
        problem=problem,
        typed=request.form,
    )


def state_of(one: Endpoint) -> str:
    """on, failing or off."""
    return "off" if one.off else "failing" if one.number("failures") else "on"


def _rows(found: Sequence[Endpoint]) -> list[dict[str, Any]]:
    return [{**one, "last": last_of(one)} for one in views.endpoints(found)]


def last_of(told: dict[str, Any]) -> str:
    """What came of the last delivery, in a word."""
    if told["failures_in_a_row"]:
        return f"failed, {told['failures_in_a_row']} in a row"
    return "delivered" if told["last_delivered_at"] else "none yet"
