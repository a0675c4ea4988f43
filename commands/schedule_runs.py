"""`schedule runs`: how the last runs of an entry went."""

import rich_click as click

from commands import output

COLUMNS = ("job", "state", "due_at", "queued_at", "late_s", "ended_at", "ran_s", "category")


@click.command()
@click.argument("name", metavar="NAME")
@output.json_option
def runs(name: str, as_json: bool) -> None:
    """Show the last runs of an entry, the newest first: when each was due, how late it was, how it ended."""
    from topics.operations import schedule

    found = schedule.runs(name)
    if as_json:
        output.json_list(found)
    else:
        output.table(COLUMNS, [[getattr(run, column) for column in COLUMNS] for run in found])
