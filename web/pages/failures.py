"""Failures by fingerprint: what goes wrong, how often and since when; run again or muted."""

from typing import Any

from flask import Flask, Response, request

import logs
from errors import ArgumentError
from topics.operations import failures
from topics.operations.failures import Row, Sought
from web import access, seen
from web.access import Role
from web.errors import Field, Problem
from web.pages import charts, filters, frame, saved, tables
from web.pages.filters import Filter
from web.pages.jobs import CATEGORIES, kind_choices
from web.pages.tables import Column, Part

COLUMNS = (
    Column("message", "Message", "Numbers, ids, addresses and quoted texts are folded"),
    Column("kind", "Kind"),
    Column("category", "Error"),
    Column("host", "Host"),
    Column("last_day", "24 h", "Jobs that failed for good in the last 24 hours", numeric=True),
    Column("last_week", "7 days", "Jobs that failed for good in the last seven days", numeric=True),
    Column("count", "All", "Since the first; kept 30 days after the last", numeric=True),
    Column("first", "First"),
    Column("last", "Last"),
    Column("hours", "By hour, 7 days"),
    Column("job", "Example"),
    Column("fingerprint", "Fingerprint"),
)

MUTED = (*COLUMNS, Column("muted_until", "Muted until"), Column("muted_by", "By"), Column("note", "Note"))

EMPTY = "No job has failed for good in the last 30 days. `python manage.py status` says what else is wrong."

ORDERS = (("", "the latest first"), ("day", "most in 24 h first"), ("count", "most of all first"))

DAYS = (("1", "a day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/failures", "failures_page", failures_page)
    app.add_url_rule("/failures/<fingerprint>/mute", "failures_page_mute", mute, methods=["POST"])
    app.add_url_rule("/failures/<fingerprint>/unmute", "failures_page_unmute", unmute, methods=["POST"])


@access.needs(Role.VIEWER)
def failures_page() -> Response:
    """What failed, and below it what is muted."""
    fields = fields_of()
    asked = {name: value or None for name, value in filters.values(fields).items()}
    order = asked.pop("order") or "last"
    known = failures.all_of(order, seen.owner())
    readers = {is_muted: _reader(Sought(**asked, muted=is_muted), order, known) for is_muted in (False, True)}
    for name, columns, read in (("failures", COLUMNS, readers[False]), ("muted", MUTED, readers[True])):
        if (request.args.get("table") or "failures") == name and (file := tables.wanted_file(name, columns, read)):
            return file
    found = tables.make("failures", "Jobs that failed for good", COLUMNS[:-1], readers[False], EMPTY)
    muted = tables.make("muted", "Muted failures: they are counted, and come back by themselves", MUTED, readers[True])
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


def fields_of() -> list[Filter]:
    """The filters."""
    return [
        Filter("kind", "Kind", kind_choices(request.args.get("kind", "").strip())),
        Filter("category", "Error", [("", "any"), *((one, one) for one in CATEGORIES)]),
        Filter("host", "Host", hint="example.com"),
        Filter("text", "Text", hint="words of the message"),
        Filter("order", "Order", ORDERS),
    ]


def row_of(row: Row) -> dict[str, Any]:
    """A fingerprint as a row: what the page and its files show."""
    one = row.failure
    says = f"{row.last_week:,} in the last 7 days, at most {max(row.hours):,} in an hour"
    return {
        **{name: getattr(one, name) for name in ("kind", "category", "host", "first", "last", "job")},
        "count": one.times,
        "fingerprint": one.id,
        "message": logs.without_secrets(one.shape),
        "example": logs.without_secrets(one.message),
        "last_day": row.last_day,
        "last_week": row.last_week,
        "hours": row.hours,
        "is_new": row.is_new,
        "spark": charts.spark([float(number) for number in row.hours], says),
        "muted_until": one.muted.until if one.muted else None,
        "muted_by": one.muted.actor if one.muted else "",
        "note": one.muted.note if one.muted else "",
    }


def _reader(sought: Sought, order: str, known: list[Row]) -> tables.Read:
    owner = seen.owner()

    def read(limit: int, cursor: str) -> Part:
        try:
            found = failures.page(sought, limit, cursor, order=order, owner=owner, known=known)
        except ArgumentError as exc:
            raise Problem(422, str(exc), fields=[Field("cursor", str(exc))]) from None
        return Part([row_of(row) for row in found.rows], found.cursor)

    return read


def _check_sight() -> None:
    """A key that sees its own jobs only may not hide what others look at. Raises Problem 403."""
    if seen.owner() is not None:
        raise Problem(403, "A key that sees its own jobs only cannot mute failures: it would for everybody.", code="forbidden")
