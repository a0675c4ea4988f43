"""One entry of the schedule: its rules, and how its last runs went."""

from typing import Any

from flask import Flask, Response

from topics.operations import schedule
from topics.operations.schedule import Run
from web import access
from web.access import Role
from web.pages import frame, tables
from web.pages import schedule as schedule_page
from web.pages.tables import Column

RUNS = (
    Column("job", "Job"),
    Column("state", "Outcome"),
    Column("due_at", "Due"),
    Column("queued_at", "Queued"),
    Column("late_s", "Late", numeric=True),
    Column("ended_at", "Ended"),
    Column("ran_s", "Ran", numeric=True),
    Column("category", "Error"),
    Column("by_hand", "By hand"),
)

#: For how long an entry may be disabled on its page (s).
LENGTHS = (
    ("", "until somebody enables it"),
    ("3600", "1 hour"),
    ("14400", "4 hours"),
    ("86400", "1 day"),
    ("259200", "3 days"),
    ("604800", "7 days"),
)


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/schedule/<name>", "schedule_entry_page", entry_page)


@access.needs(Role.VIEWER)
def entry_page(name: str) -> Response:
    """One entry: its rules, its last runs, and what may be done with it."""
    [entry] = schedule.every(schedule.find(name).id)
    [runs] = schedule.runs_of([entry["id"]])
    read = tables.all_at_once(runs_rows(runs))
    if file := tables.wanted_file("runs", RUNS, read):
        return file
    return frame.show(
        "schedule_entry.html",
        f"Schedule: {entry['name']}",
        entry=schedule_page.row(entry, runs),
        lengths=LENGTHS,
        found=tables.make("runs", "Its last 30 runs, the newest first", RUNS, read, "It has not run yet, or not lately."),
    )


def runs_rows(runs: list[Run]) -> list[dict[str, Any]]:
    """Runs as rows of a table."""
    return [{column.key: getattr(one, column.key) for column in RUNS} for one in runs]
