"""`export` and `import` of all that a user owns; `backup` and `restore` of the whole store."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

import wording
from commands import output
from commands.options import PROJECT
from commands.root import traced, writes

if TYPE_CHECKING:
    from topics.transfer.importing import Report

RULES = ("keep", "replace", "newer")
FILE = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))


@click.command()
@FILE
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


@click.command("import")
@FILE
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


@click.command()
@click.argument("place")
@output.json_option
@traced
def backup(place: str, as_json: bool) -> None:
    """Back up the whole store to PLACE: a file (packed with .gz), r2:KEY, s3://BUCKET/KEY or - for standard output.

    Secrets are in it: keep it safe.

    Work under way is not in it: a restored store has no job that waits or runs, and what is due comes again.
    """
    import config
    from clients import storage
    from topics.operations import workers
    from topics.transfer import backups, destinations

    with output.progress("Backing up", None) as done, destinations.written(place) as file:
        count = backups.write(file, done)
    jobs = sum(int(queue["jobs"]) for queue in workers.look().queues)
    if as_json and place != destinations.STANDARD:
        output.as_json({"place": place, "lines": count, "jobs_left_out": jobs})
        return
    if place != destinations.STANDARD:
        output.line(f"{place} holds {wording.pluralize(count, 'line')}, checked by a digest.")
        output.line(f"Stored pages and large results are not in it: they lie in {storage.make(config.settings()).describe()}.")
    if jobs:
        output.warn(f"Jobs in the queues ({jobs:,}) are not in it: submit them again in a restored store.")


@click.command()
@click.argument("place")
@click.option("--merge", is_flag=True, help="Into a store that is not empty: what is there stays, what is missing is added.")
@click.option("--dry-run", is_flag=True, help="Only check the backup, and say how much of it is there already.")
@output.json_option
@writes
def restore(place: str, merge: bool, dry_run: bool, as_json: bool) -> None:
    """Restore a backup from PLACE (- reads standard input), after all of it was checked. Stop workers and scheduler first.

    If it is interrupted, run it again with --merge.
    """
    from topics.transfer import destinations, restoring

    with output.interruptible("a part is restored: run it again with --merge"), output.progress("Restoring", None) as done:
        found = restoring.run(destinations.source(place), merge=merge, is_dry=dry_run, progress=done)
    if as_json:
        output.as_json({"place": place, "made_at": found.made_at, "keys": found.keys, "there": found.there, "dry_run": dry_run})
        return
    verb = "would be restored" if dry_run else "are restored"
    there = f"; {found.there:,} were there{' and stay' if merge else ''}" if found.there else ""
    output.line(f"{wording.pluralize(found.keys, 'key')} {verb} from the backup of {found.made_at}{there}.")


COMMANDS = (export, import_, backup, restore)
