"""`serp reparse`: the ranks of a day anew from its stored pages."""

from datetime import date, datetime
from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import project_option
from commands.parameters import DAY
from commands.root import writes


@click.command()
@click.option("--day", type=DAY, metavar="YYYY-MM-DD", help="The day to read again. [default: today]")
@project_option
@output.json_option
@writes
def reparse(day: datetime | None, project_id: str | None, as_json: bool) -> int:
    """Compute the ranks of a day anew from its stored pages; nothing is fetched."""
    import config
    from clients import storage
    from topics.tracking import days
    from topics.tracking import reparse as again

    on = day.date() if day else days.today_of(project_id)
    with output.progress(f"Reading {on}", None) as done:
        result = again.day(storage.make(config.settings()), on, project_id, done)
    if as_json:
        output.as_json(again.facts(on, result))
    else:
        _print_reparse(on, result)
    return 1 if result.problems else 0


def _print_reparse(on: date, result: Any) -> None:
    if result.changes:
        output.table(("keyword", "before", "after"), result.changes)
    for text, problem in result.problems:
        output.warn(f"{text}: {problem}")
    read, changed = wording.pluralize(result.read, "stored check"), wording.pluralize(len(result.changes), "rank")
    output.line(f"{on}: {read} read, {changed} changed, {wording.pluralize(result.missing, 'keyword')} without one.")
