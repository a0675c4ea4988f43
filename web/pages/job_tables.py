"""The tables of a job: its timeline, its attempts, what they logged, and their files."""

from typing import Any

from flask import Response, request

import wording
from topics.operations import attempts, states, timeline
from topics.operations.attempts import Attempt
from topics.operations.job_records import Job
from web.pages import job_deliveries, tables
from web.pages.tables import Column

TIMELINE = (
    Column("what", "What"),
    Column("since", "From"),
    Column("took_s", "Took", numeric=True),
    Column("says", "Details"),
)

ATTEMPTS = (
    Column("number", "Attempt", numeric=True),
    Column("how", "Ended"),
    Column("worker", "Worker"),
    Column("began", "Began"),
    Column("ran_s", "Ran", numeric=True),
    Column("error_class", "Error"),
    Column("category", "Category"),
    Column("message", "Message"),
    Column("lines", "Log lines", numeric=True),
)

LINES = (
    Column("attempt", "Attempt", numeric=True),
    Column("at", "When"),
    Column("level", "Level"),
    Column("logger", "Logger"),
    Column("text", "Line"),
)


def file_of(found: Job) -> Response | None:
    """The table as the file that the address asks for; None where it asks for none."""
    if "format" not in request.args:
        return None
    known = attempts.of(found)
    rows = [attempt_row(*pair) for pair in enumerate(known, 1)]
    lines = [{"attempt": number, **line._asdict()} for number, line in attempts.lines_of(known)]
    spans = spans_of(timeline.of(found, known))
    parts = (
        ("timeline", TIMELINE, spans),
        ("attempts", ATTEMPTS, rows),
        ("lines", LINES, lines),
        ("deliveries", job_deliveries.COLUMNS, job_deliveries.rows_of(found)),
    )
    for name, columns, read in parts:
        if file := tables.wanted_file(name, columns, tables.all_at_once(read)):
            return file
    return None


def spans_of(found: list[timeline.Span]) -> list[dict[str, Any]]:
    """A row for each part of the life of a job."""
    return [{**span._asdict(), "took_s": span.length_s} for span in found]


def attempt_row(number: int, attempt: Attempt) -> dict[str, Any]:
    """An attempt as a row."""
    names = ("how", "worker", "began", "ran_s", "error_class", "category", "message")
    return {"number": number, **{name: getattr(attempt, name) for name in names}, "lines": len(attempt.lines)}


def caption(whole: str) -> str:
    """What stands above the attempts."""
    return f"Attempts of the job that began this {whole}, the oldest first" if whole else "Attempts, the oldest first"


def no_attempts(found: Job) -> str:
    """What stands in place of no attempts."""
    if not found.kept:
        return f"They went with its record; the history says: {wording.pluralize(found.attempts, 'attempt')}."
    return "No attempt has begun." if found.status not in states.ENDED else "No attempt was noted."
