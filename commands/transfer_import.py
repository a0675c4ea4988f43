"""`import`: a file that `export` wrote, merged with what is there."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

import wording
from commands import output
from commands.root import writes

if TYPE_CHECKING:
    from topics.transfer.import_report import Report

RULES = ("keep", "replace", "newer")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--on-conflict", "rule", type=click.Choice(RULES), default="keep", show_default=True, help="Which of two counts.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each line.")
@click.option("--owner", metavar="KEY_ID", help="Everything becomes this API key's. [default: as the file says]")
@output.json_option
@writes
def import_(file: Path, rule: str, dry_run: bool, owner: str | None, as_json: bool) -> int:
    """Import FILE, which `export` wrote. Lines that are wrong are named by number, the others are imported: the exit code is 1.

    keep: what is here stays, what is missing is added. replace: the file counts. newer: the later change counts. No rank is lost
    in any of them. Importing again changes nothing; so an interrupted import is simply run again. - reads standard input.
    """
    from topics.access import api_keys
    from topics.transfer import files, importing
    from topics.transfer.merging import Merging, Rule

    key = api_keys.find(owner).id if owner else None
    merging = Merging(Rule(rule), dry_run, key, f"key:{key}" if key else None)
    with (
        output.interruptible(output.IMPORTED),
        output.progress("Importing", None) as done,
    ):
        if str(file) == "-":
            report = importing.run(files.unpacked(sys.stdin.buffer), merging, done)
        else:
            with files.opened(file) as opened:
                report = importing.run(opened, merging, done)
    if as_json:
        output.as_json(report.facts())
    else:
        _tell(report, str(file))
    return 1 if report.totals["refused"] or report.is_cut_off else 0


COMMANDS = (import_,)


def _tell(report: "Report", file: str) -> None:
    rows = [(kind, *words.values()) for kind, words in report.counts.items()]
    output.table(("what", *report.totals), [*rows, ("all", *report.totals.values())])
    for named in report.notes:
        output.warn(f"line {named.line}: {named.reason}")
    for named in report.refused:
        output.warn(f"line {named.line} ({named.kind}) is refused: {named.reason}")
    more = report.totals["refused"] - len(report.refused)
    if more > 0:
        output.warn(f"and {wording.pluralize(more, 'more refused line')}")
    if report.is_cut_off:
        output.warn(f"{file} is cut off: its end is missing. What it holds was imported; export it again for the rest.")
    if report.is_changed:
        output.warn(f"{file} was changed since it was exported.")
    if report.is_dry:
        output.line("Nothing was written (--dry-run).")
