"""`keyword import`: keywords from the files of this trade."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import rich_click as click

import wording
from commands import output
from commands.parameters import PROJECT
from commands.root import writes

#: Texts that are named as typed now; more are only counted.
RESPELLED = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--project", "project_id", type=PROJECT, metavar="ID", help="The project of all lines.")
@click.option("--column", metavar="NAME", help="The column that holds the keywords. [default: found by its name]")
@click.option("--encoding", metavar="NAME", help="What the file is encoded in, e.g. cp1250. [default: found]")
@click.option("--list", "is_list", is_flag=True, help="Each line is a keyword. [default: for .txt without names of columns]")
@click.option("--tag", "tags", multiple=True, help="A tag of all keywords of the file; give it several times for several.")
@click.option(
    "--ranks",
    "has_ranks",
    is_flag=True,
    help="Its lines hold ranks of past days: columns for the day and the rank, or one a day.",
)
@click.option("--dry-run", "is_trial", is_flag=True, help="Say what would be added; nothing is stored.")
@writes
def import_(file: Path, project_id: str | None, tags: tuple[str, ...], **options: Any) -> int:
    """Add the keywords of FILE: CSV as Keyword Planner, Search Console, Ahrefs, Semrush and others write it, or a plain list.

    Columns are found by name: the keyword; project or domain unless --project says it; volume, tags, target URL, country,
    language, device where they stand. A line for another market goes to that market's project. Lines that are wrong are named by
    their number, the others are added, and the exit code is 1. - reads standard input. Importing again adds nothing twice.
    """
    from topics.tracking import imports

    reading = imports.Reading(tags=tags, **options)
    with output.interruptible(output.IMPORTED), output.progress("Importing", _lines_in(file)) as done:
        result = imports.import_csv(file, project_id, done, reading)
    _warn_of(result)
    output.line(_trial_counts(result) if reading.is_trial else _counts(result))
    if not result.added + result.known + result.bad_count:
        output.warn(f"{file} holds no keyword.")
        return 1
    return 1 if result.bad_count else 0


def _warn_of(result: Any) -> None:
    """What was not read, what is spelled differently now, and which lines are wrong."""
    if result.unused:
        output.warn(f"Not read: {', '.join(result.unused)}.")
    for note in result.notes:
        output.warn(note)
    for former, typed in result.respelled[:RESPELLED]:
        output.warn(f"The text {former!r} is {typed!r} now; its history stays.")
    if len(result.respelled) > RESPELLED:
        output.warn(f"and {len(result.respelled) - RESPELLED:,} more texts as they were typed")
    for number, reason in result.bad:
        output.warn(f"line {number}: {reason}")
    if result.bad_count > len(result.bad):
        output.warn(f"and {result.bad_count - len(result.bad):,} more bad lines")


def _trial_counts(result: Any) -> str:
    new = f"; {wording.pluralize(result.projects_added, 'new project')}" if result.projects_added else ""
    return f"Dry run: {result.added:,} to add, {result.known:,} are there, {result.bad_count:,} bad{new}. Nothing is stored."


def _counts(result: Any) -> str:
    known = f"{result.known:,} were there" + (f" ({result.updated:,} updated)" if result.updated else "")
    new = f"; {wording.pluralize(result.projects_added, 'new project')}" if result.projects_added else ""
    ranks = f"; {wording.pluralize(result.ranks, 'rank')} of past days" if result.ranks or result.ranks_known else ""
    ranks += f", {result.ranks_known:,} were there" if result.ranks_known else ""
    return f"{result.added:,} added, {known}, {result.bad_count:,} bad{new}{ranks}."


def _lines_in(file: Path) -> int | None:
    with suppress(OSError):
        if file.is_file():  # a pipe that is opened and closed again has lost its writer
            with file.open("rb") as lines:
                return sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
    return None
