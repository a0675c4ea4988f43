"""`serp export`: ranks with their history, as a file."""

from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import project_option
from commands.parameters import DAY, SEPARATOR


@click.command()
@project_option
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="What to write.")
@click.option("--output", "path", type=click.Path(path_type=Path), help="A file to write, whole or not at all. [default: stdout]")
@click.option("--separator", type=SEPARATOR, default=",", show_default=True, help="Between the cells of CSV; also `tab`.")
@click.option("--last", is_flag=True, help="Only the last day of each keyword.")
@click.option("--since", type=DAY, metavar="DAY", help="From this day on, e.g. 2026-03-02.")
@click.option("--until", type=DAY, metavar="DAY", help="Up to this day.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON lines: the same as --format jsonl.")
def export(project_id: str | None, path: Path | None, separator: str, **options: Any) -> None:
    """Write ranks with their history as CSV or JSON lines.

    A CSV file that --output names opens rightly in Excel; where Excel wants another separator, e.g. in German, give
    --separator ";". `keyword import` reads the file back.
    """
    from commands import exports
    from topics.tracking import ranks

    rows = ranks.rows(project_id, with_history=not options["last"], days=_days(options["since"], options["until"]))
    format_ = "jsonl" if options["as_json"] else options["format_"]
    with exports.opened(path, marked=format_ == "csv") as file:
        count = ranks.write(file, format_, rows, separator)
    if path and str(path) != "-":
        output.line(f"Wrote {wording.pluralize(count, 'row')} to {path}.")


def _days(since: datetime | None, until: datetime | None) -> Any:
    """The days of an export; None = all."""
    from topics.tracking import ranks

    if since and until and since > until:
        raise click.UsageError(f"--since {since.date()} is after --until {until.date()}")
    return ranks.Days((since or datetime.min).date(), (until or datetime.max).date()) if since or until else None
