"""Companies: the list by filters."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response

from lead_models import Company
from topics.leads import exports, views
from web import access, seen
from web.access import Role
from web.errors import Problem
from web.pages import filters, frame, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

COMPANIES = (
    Column("name", "Company"),
    Column("domain", "Site"),
    Column("city", "Town"),
    Column("country", "Country"),
    Column("industry", "Industry"),
    Column("employees", "People", "How many work there", numeric=True),
    Column("facts", "Facts", "Fields of which something is known", numeric=True),
    Column("score", "Score", "0 to 100, by the points model", numeric=True),
    Column("tags", "Tags"),
    Column("updated", "Changed"),
)

SHOWN = {*(one.key for one in COMPANIES), "updated_at"}

#: The columns of a file: all that is known, in the order of the page.
WHOLE = (*COMPANIES, *(Column(name, name) for name in exports.COLUMNS if name not in SHOWN))

FILTERS = (
    Filter("tag", "Tag"),
    Filter("text", "Text", hint="name, site, town, industry"),
    Filter("score", "Score at least", kind="number"),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/leads", "leads_page", leads_page)


@access.needs(Role.VIEWER)
def leads_page() -> Response:
    """All companies that fit the filters."""
    wanted = _wanted()

    def read(limit: int, cursor: str) -> Part:
        found, after = views.page(owner, wanted, cursor, limit)
        return Part([_row(one) for one in found], after)

    def read_whole(limit: int, cursor: str) -> Part:
        found, after = views.page(owner, wanted, cursor, limit)
        return Part([{**_row(one), **exports.row(one)} for one in found], after)

    owner = seen.owner()
    if file := tables.wanted_file("leads", WHOLE, read_whole):
        return file
    empty = "No company: write the address of one above, or `python manage.py lead import FILE`."
    if wanted != views.Filters():
        empty = "No company fits these filters, as far as was looked."
    return frame.show(
        "leads.html",
        "Companies",
        found=tables.make("leads", "Companies", COMPANIES, read, empty),
        shown=filters.shown(FILTERS),
    )


def _wanted() -> views.Filters:
    given = filters.values(FILTERS)
    try:
        least = float(given["score"]) if given["score"] else None
    except ValueError:
        raise Problem(422, f"A score is a number from 0 to 100, not {given['score']!r:.40}.") from None
    return views.Filters(given["tag"], given["text"], least)


def _row(company: Company) -> dict[str, Any]:
    return {**views.row(company), "updated": at(company.updated_ms)}


def at(at_ms: int) -> datetime:
    """A time in ms since 1970 as one with its zone."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
