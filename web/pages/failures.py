"""Failures by fingerprint: what goes wrong, and what is muted."""

from flask import Flask, Response, request

from errors import ArgumentError
from topics.operations import failures
from topics.operations.failures import Row, Sought
from web import access, seen
from web.access import Role
from web.errors import Field, Problem
from web.pages import failure_rows, filters, frame, saved, tables
from web.pages.filters import Filter
from web.pages.job_fields import CATEGORIES, kind_choices
from web.pages.tables import Part

EMPTY = "No job has failed for good in the last 30 days. `python manage.py status` says what else is wrong."

ORDERS = (("", "the latest first"), ("day", "most in 24 h first"), ("count", "most of all first"))

DAYS = (("1", "a day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/failures", "failures_page", failures_page)


@access.needs(Role.VIEWER)
def failures_page() -> Response:
    """What failed, and below it what is muted."""
    fields = fields_of()
    asked = {name: value or None for name, value in filters.values(fields).items()}
    order = asked.pop("order") or "last"
    known = failures.all_of(order, seen.owner())
    readers = {is_muted: _reader(Sought(**asked, muted=is_muted), order, known) for is_muted in (False, True)}
    for name, columns, read in (("failures", failure_rows.COLUMNS, readers[False]), ("muted", failure_rows.MUTED, readers[True])):
        if (request.args.get("table") or "failures") == name and (file := tables.wanted_file(name, columns, read)):
            return file
    found = tables.make("failures", "Jobs that failed for good", failure_rows.COLUMNS[:-1], readers[False], EMPTY)
    muted = tables.make(
        "muted", "Muted failures: they are counted, and come back by themselves", failure_rows.MUTED, readers[True]
    )
    fields_shown = filters.shown(fields)
    may_mute = frame.may(Role.OPERATOR) and seen.owner() is None
    return frame.show(
        "failures.html",
        "Failures",
        saved=saved.shown(),
        fields=fields_shown,
        found=found,
        muted=muted,
        days=DAYS,
        may_mute=may_mute,
    )


def fields_of() -> list[Filter]:
    """The filters."""
    return [
        Filter("kind", "Kind", kind_choices(request.args.get("kind", "").strip())),
        Filter("category", "Error", [("", "any"), *((one, one) for one in CATEGORIES)]),
        Filter("host", "Host", hint="example.com"),
        Filter("text", "Text", hint="words of the message"),
        Filter("order", "Order", ORDERS),
    ]


def _reader(sought: Sought, order: str, known: list[Row]) -> tables.Read:
    owner = seen.owner()

    def read(limit: int, cursor: str) -> Part:
        try:
            found = failures.page(sought, limit, cursor, order=order, owner=owner, known=known)
        except ArgumentError as exc:
            raise Problem(422, str(exc), fields=[Field("cursor", str(exc))]) from None
        return Part([failure_rows.row_of(row) for row in found.rows], found.cursor)

    return read
