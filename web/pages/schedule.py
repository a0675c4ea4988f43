"""The schedule: when each entry runs, how its last runs went, and an entry run now, disabled or enabled."""

from typing import Any

from flask import Flask, Response, request

from topics.operations import schedule
from topics.operations.schedule import Run
from web import access
from web.access import Role
from web.errors import Field, Problem
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

EMPTY = "No entry yet: `python manage.py scheduler` writes the table when it starts."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/schedule", "schedule_page", schedule_page)
    app.add_url_rule("/schedule/<name>", "schedule_entry_page", entry_page)
    app.add_url_rule("/schedule/<name>/run", "schedule_run_page", run, methods=["POST"])
    app.add_url_rule("/schedule/<name>/disable", "schedule_disable_page", disable, methods=["POST"])
    app.add_url_rule("/schedule/<name>/enable", "schedule_enable_page", enable, methods=["POST"])


@access.needs(Role.VIEWER)
def schedule_page() -> Response:
    """All entries with their last runs."""
    entries = schedule.every()
    found = schedule.runs_of([one["id"] for one in entries])
    rows = [_row(entry, runs) for entry, runs in zip(entries, found, strict=True)]
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
        entry=_row(entry, runs),
        lengths=LENGTHS,
        found=tables.make("runs", "Its last 30 runs, the newest first", RUNS, read, "It has not run yet, or not lately."),
    )


@access.needs(Role.OPERATOR)
def run(name: str) -> Response:
    """Queue an entry now, out of turn."""
    done = schedule.run(name)
    if done.is_queued:
        return frame.done(_back(), f"{name} was queued now, as the job {done.job}; its next run stays as it is.")
    return frame.done(_back(), f"Nothing was queued: an earlier run of {name} is not over{f' ({done.job})' if done.job else ''}.")


@access.needs(Role.ADMIN)
def disable(name: str) -> Response:
    """Disable an entry, with a reason, for ever or for a time."""
    reason, length = request.form.get("reason", "").strip(), request.form.get("for_s", "")
    if not reason:
        says = "says nothing: give a few words, everybody who looks reads them"
        raise Problem(422, f"The reason {says}.", fields=[Field("reason", says)])
    if length not in dict(LENGTHS):
        raise Problem(422, f"for_s is one of {', '.join(filter(None, dict(LENGTHS)))}, not {length!r:.40}.")
    _, end = schedule.disable(name, reason, access.caller().name, for_s=float(length) if length else None)
    until = f" until {end:%Y-%m-%d %H:%M} UTC; then it is enabled by itself" if end else " until somebody enables it"
    return frame.done(f"/schedule/{name}", f"{name} is disabled{until}.")


@access.needs(Role.ADMIN)
def enable(name: str) -> Response:
    """Enable an entry again."""
    changed = schedule.enable(name)
    return frame.done(f"/schedule/{name}", f"{name} is enabled." if changed else f"{name} was enabled already.")


def runs_rows(runs: list[Run]) -> list[dict[str, Any]]:
    """Runs as rows of a table."""
    return [{column.key: getattr(one, column.key) for column in RUNS} for one in runs]


def _row(entry: dict[str, Any], runs: list[Run]) -> dict[str, Any]:
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


def _back() -> str:
    """The page that the form was on."""
    return "/schedule" if request.form.get("on") == "list" else f"/schedule/{(request.view_args or {}).get('name', '')}"
