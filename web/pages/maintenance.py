"""Keeping house: when each kind of upkeep ran last and what it did, how the store grows, and a button to do it now."""

from collections.abc import Sequence

from flask import Flask, Response, request

import clock
import queues
from jobs import maintenance
from state.store import measures
from topics.upkeep import growth, reports
from topics.upkeep.reports import Report
from web import access
from web.access import Role
from web.pages import charts, frame, tables
from web.pages.filters import Filter, shown, values
from web.pages.tables import Column, Part

COLUMNS = (
    Column("at", "When"),
    Column("kind", "What"),
    Column("took_s", "Took", numeric=True),
    Column("memory_before", "Memory before", numeric=True),
    Column("memory_after", "After", numeric=True),
    Column("job", "By"),
    Column("lines", "What it did"),
    Column("refused", "Redis refuses", "commands that the server does not allow; nothing else suffered"),
)

#: What runs when, in words, and the job that does it.
KINDS = {
    reports.CLEANUP: ("Clean up", "every day", maintenance.clean_up),
    reports.STATISTICS: ("Keep the figures", "every hour", maintenance.record_statistics),
    reports.HEALTH: ("Check the health", "every half hour", maintenance.check_health),
    reports.OPTIMIZE: ("Optimize the store", "every week", maintenance.compact_store),
}

#: Reports that are read: all that are kept. What a row holds.
MOST, SHOWN = 800, (*(column.key for column in COLUMNS), "failed")

EMPTY = "No report yet: the schedule writes them (`python manage.py scheduler`), as the buttons above do."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/maintenance", "maintenance_page", maintenance_page)
    app.add_url_rule("/maintenance", "maintenance_run", run, methods=["POST"])


@access.needs(Role.OPERATOR)
def maintenance_page() -> Response:
    """The last reports."""
    filters = (Filter("kind", "What", [("", "all"), *((kind, words) for kind, (words, *_) in KINDS.items())]),)
    wanted, every = values(filters)["kind"], reports.latest(most=MOST)
    read = _reader([report for report in every if wanted in ("", report.kind)])
    if file := tables.wanted_file("reports", COLUMNS, read):
        return file
    points = growth.points()
    return frame.show(
        "maintenance.html",
        "Upkeep",
        found=tables.make("reports", "What was done, the newest first", COLUMNS, read, EMPTY),
        filters=shown(filters),
        kinds=[(kind, *KINDS[kind][:2], _last(every, kind)) for kind in KINDS],
        growth=growth.of(points, measures.memory(), clock.now()).says,
        chart=_chart(points),
    )


@access.needs(Role.ADMIN)
def run() -> Response:
    """Have a job do what the form names."""
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        return frame.done("/maintenance", "Nothing was done: choose one of the buttons.")
    words, _, job = KINDS[kind]
    made = queues.submit(job)
    return frame.done("/maintenance", f"{words}: the job {made.job_id} does it. Its report stands here when it is done.")


def _last(found: Sequence[Report], kind: str) -> Report | None:
    return next((report for report in found if report.kind == kind), None)


def _reader(found: Sequence[Report]) -> tables.Read:
    """Reads the rows; the cursor is how many came before."""

    def read(limit: int, cursor: str) -> Part:
        at = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 6 else 0
        rows = [{name: getattr(report, name) for name in SHOWN} for report in found[at : at + limit]]
        return Part(rows, str(at + limit) if at + limit < len(found) else "")

    return read


def _chart(found: Sequence[growth.Point]) -> charts.Chart:
    """The memory of the last days, as far as figures were kept."""
    sizes = [round(size / (1 << 20), 1) for _, size in found]
    return charts.Chart("memory", "Memory of Redis (MiB)", [at for at, _ in found], [charts.Series("MiB", sizes, "area")])
