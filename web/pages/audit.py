"""Audit: who changed what, when, from where, and what came of it; for admins."""

from dataclasses import asdict

from flask import Flask, Response

import config
from topics.access import audit
from web import access
from web.access import Role
from web.pages import frame, tables
from web.pages.filters import Filter, shown, values
from web.pages.tables import Column, Part

COLUMNS = (
    Column("at", "When"),
    Column("who", "Who"),
    Column("how", "By", "a key, a session, a command, or this machine without a key"),
    Column("what", "What"),
    Column("details", "With"),
    Column("outcome", "Outcome", "status of the reply, or how the command ended"),
    Column("origin", "From"),
)

FILTERS = (
    Filter("who", "Who holds", hint="a name"),
    Filter("what", "What holds", hint="DELETE, /keys, pause"),
)


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/audit", "audit_page", audit_page)


@access.needs(Role.ADMIN)
def audit_page() -> Response:
    """Changes, the newest first."""
    wanted = values(FILTERS)

    def read(limit: int, cursor: str) -> Part:
        found, further = audit.page(limit, cursor, **wanted)
        return Part([asdict(one) for one in found], further)

    if file := tables.wanted_file("audit", COLUMNS, read):
        return file
    days = config.settings().audit_days
    empty = (
        "Nothing was changed yet."
        if not any(wanted.values())
        else "No change fits among those read: go on, or change the filters."
    )
    caption = f"Changes by pages, routes and commands of the last {days:g} days, the newest first"
    return frame.show("audit.html", "Audit", found=tables.make("audit", caption, COLUMNS, read, empty), filters=shown(FILTERS))
