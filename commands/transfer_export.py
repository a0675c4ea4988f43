"""`export`: all that a user owns, as a file."""

import sys
from pathlib import Path

import rich_click as click

from commands import output
from commands.parameters import PROJECT
from commands.root import traced


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--only", "kinds", multiple=True, metavar="KIND", help="Only this, e.g. project, keyword, company; may be repeated."
)
@click.option("--project", "projects", multiple=True, type=PROJECT, metavar="ID", help="Only this project; may be repeated.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV files for spreadsheets in the folder FILE. [default: for FILE.zip]")
@output.json_option
@traced
def export(file: Path, kinds: tuple[str, ...], projects: tuple[str, ...], as_csv: bool, as_json: bool) -> None:
    """Export projects, keywords with their history, companies, budgets, schedules and settings to FILE, without secrets.

    FILE.jsonl or FILE.jsonl.gz can be imported again; FILE.zip holds CSV for spreadsheets. - writes to standard output.
    """
    from topics.transfer import exporting, writing
    from topics.transfer.kinds import Scope

    wanted, scope = exporting.checked(kinds), Scope(projects=projects or None)
    if str(file) == "-":
        writing.to_stream(sys.stdout.buffer, scope, wanted)
        return
    with output.progress("Exporting", None) as done:
        found = writing.to_file(file, scope, wanted, lambda number, _: done(number), as_csv=as_csv)
    if as_json:
        output.as_json({"file": str(file), "counts": found})
    else:
        output.line(f"{file} holds {exporting.shown(found)}.")


COMMANDS = (export,)
