"""Jobs by what is known of them: the newest first, and what can be done with all that the filters let through."""

from flask import Flask, Response, request

import queues
from errors import ArgumentError
from topics.operations import failures, search
from topics.operations.job_filters import Wanted
from topics.operations.listing import Jobs
from web import access
from web.access import Role
from web.errors import Field, Problem
from web.pages import filters, frame, job_fields, job_rows, saved, tables
from web.pages.tables import Part

EMPTY = "No job is like that. `python manage.py jobs list` lists those that live; `python manage.py scrape url URL` makes one."


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/jobs", "jobs_page", jobs_page)


@access.needs(Role.VIEWER)
def jobs_page() -> Response:
    """The jobs that the filters let through."""
    fields = job_fields.fields_of(*(request.args.get(name, "").strip() for name in ("status", "kind")))
    asked = filters.values(fields)
    wanted, looks = job_fields.wanted_of(asked), list[Jobs]()

    def read(limit: int, cursor: str) -> Part:
        found = page_of(wanted, limit, cursor)
        looks.append(found)
        return Part(job_rows.rows_of(found.jobs), found.cursor)

    if file := tables.wanted_file("jobs", job_rows.COLUMNS, read):
        return file
    table = tables.make("jobs", "Jobs that live, then those that ended; each the newest first", job_rows.COLUMNS, read, EMPTY)
    set_ = {name: value for name, value in asked.items() if value}
    return frame.show(
        "jobs.html",
        "Jobs",
        saved=saved.shown(),
        fields=filters.shown(fields),
        asked=set_,
        found=table,
        looked=looks[-1],
        is_first=not tables.cursor("jobs"),
        actions=bool(table.rows) and frame.may(Role.OPERATOR),
        queues=queues.QUEUES,
    )


def page_of(wanted: Wanted, limit: int, cursor: str) -> Jobs:
    """A page of jobs. Raises Problem for a cursor of another list."""
    try:
        return search.page(failures.narrowed(wanted), limit, cursor)
    except ArgumentError as exc:
        raise Problem(422, f"{exc} The first page has no cursor.", fields=[Field("cursor", str(exc))]) from None
