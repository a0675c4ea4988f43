"""`lead import`: companies from the files of other tools."""

from pathlib import Path

import rich_click as click

from commands import output
from commands.lead_submits import tag_option
from commands.root import writes


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@tag_option
@click.option("--encoding", metavar="NAME", help="What the file is encoded in, e.g. cp1252. [default: found]")
@output.json_option
@writes
def import_(file: Path, tags: tuple[str, ...], encoding: str | None, as_json: bool) -> int:
    """Merge the companies of FILE: CSV as HubSpot, Salesforce, Apollo, Clay, Crunchbase and others write it.

    Columns are found by their names. Lines that are wrong are named, the others are taken, and the exit code is 1. - reads
    standard input. Importing again adds nothing twice.
    """
    from topics.leads import imports

    with (
        output.interruptible(output.IMPORTED),
        output.progress("Importing", None) as done,
    ):
        result = imports.import_csv(file, "", tags, encoding, done)
    if as_json:
        output.as_json(result.told())
        return 1 if result.bad_count else 0
    if result.unused:
        output.warn(f"Not read: {', '.join(result.unused)}.")
    for text in (*result.notes, *(f"line {number}: {reason}" for number, reason in result.bad)):
        output.warn(text)
    output.line(f"{result.added:,} added, {result.known:,} were there ({result.changed:,} changed), {result.bad_count:,} bad.")
    return 1 if result.bad_count else 0
