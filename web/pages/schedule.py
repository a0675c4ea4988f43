"""The schedule: when each entry runs, and how its last runs went."""

from typing import Any

from flask import Flask, Response

from topics.operations import schedule
from topics.operations.schedule import Run
from web import access
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column

ENTRIES = (
    Column("name", "Entry"),
    Column("words", "Runs", "with the zone whose clock counts"),
    Column("state", "State"),
    Column("off_reason", "Why off", "why it is disabled or paused: who said so, since when, and until when"),
    Column("next_run", "Next"),
    Column("last_outcome", "Last run"),
    Column("late_s", "Last lateness", "how long after its due time the last run was queued", numeric=True),
    Column("late", "Late", "runs that began more than 30 s late, since the entry is known", numeric=True),
    Column("missed", "Missed", "occurrences that no scheduler was there for, since the entry is known", numeric=True),
    Column("skipped", "Skipped", "occurrences left out: an earlier run was not over; since the entry is known", numeric=True),
    Column("runs", "Last 30 runs", "the newest is at the right; each leads to its job"),
)

EMPTY = "No entry yet: `python manage.py scheduler` writes the table when it starts."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/schedule", "schedule_page", schedule_page)


@access.needs(Role.VIEWER)
def schedule_page() -> Response:
    """All entries with their last runs."""
    entries = schedule.every()
    found = schedule.runs_of([one["id"] for one in entries])
    rows = [row(entry, runs) for entry, runs in zip(entries, found, strict=True)]
    read = tables.all_at_once(sorted(rows, key=lambda row: str(row["name"])))
    if file := tables.wanted_file("schedule", ENTRIES, read):
        return file
    return frame.show(
        "schedule.html",
        "Schedule",
        found=tables.make("schedule", "What runs by the clock", ENTRIES, read, EMPTY),
        broken=[row for row in rows if row["broken"]],
        overdue=[row for row in rows if row["overdue_s"] > 60],
    )


def row(entry: dict[str, Any], runs: list[Run]) -> dict[str, Any]:
    """An entry as a row, with its last runs."""
    over = [one for one in runs if one.ended_at]
    last = next((one for one in runs if one.job == entry["last_job"]), None)
    return {
        **entry,
        "off_reason": entry["off_reason"] or (entry["pause"].reason if entry["pause"] else ""),
        "words": entry["words"] or entry["when"] or "–",
        "last_outcome": last.state if last else schedule.state_of(entry["last_job_status"]) if entry["last_job"] else None,
        "late_s": round(last.late_s, 1) if last and not last.by_hand else None,
        "runs": [one.state for one in reversed(runs)],
        "dots": list(reversed(runs)),
        "over": len(over),
        "completed": sum(one.state == "completed" for one in over),
    }
