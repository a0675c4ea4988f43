"""What `jobs show` tells of attempts and log lines, and a job again with other arguments."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import rich_click as click

import models
from commands import output
from topics.operations import again, attempts, jobs
from topics.operations.attempts import Attempt

COLUMNS = ("attempt", "ended", "began", "ran s", "worker", "error", "message")

#: Log lines that are shown unless all are asked for.
LAST = 10


def show(tried: list[Attempt], *, whole_log: bool) -> None:
    """The attempts of a job as a table, then the last lines that it logged."""
    if tried:
        output.table(COLUMNS, [_row(number, one) for number, one in enumerate(tried, 1)])
    lines = list(attempts.lines_of(tried))
    for number, line in lines if whole_log else lines[-LAST:]:
        at = f"{line.at:%H:%M:%S}" if line.at else "        "
        words = (str(number), at, f"{line.level:<7}", line.logger, line.text)
        output.line("  ".join(word for word in words if word))
    if len(lines) > LAST and not whole_log:
        output.warn(f"{len(lines) - LAST:,} earlier lines: --log shows them.")


def as_dict(one: Attempt) -> dict[str, Any]:
    """An attempt with its lines by name."""
    return {**dataclasses.asdict(one), "lines": [line._asdict() for line in one.lines]}


def with_arguments(job_ids: Sequence[str], text: str) -> dict[str, models.Submission]:
    """Submit one job again with these arguments. Raises UsageError for several jobs, and for what is no JSON."""
    if len(job_ids) != 1:
        raise click.UsageError("--arguments is for one job.")
    try:
        given = json.loads(text)
    except ValueError as exc:
        raise click.UsageError(f"--arguments is no JSON: {exc}.") from None
    job = jobs.get_job_status(job_ids[0])
    return {job.id: again.submit(job, again.call(again.changed(job, given, may_keep_secrets=True)))}


def _row(number: int, one: Attempt) -> list[object]:
    error = f"{one.category}: {one.error_class}" if one.category else one.error_class
    return [number, one.how, one.began, one.ran_s, one.worker, error, one.message]
