"""`project note`: what happened on a day, to be seen beside the ranks."""

from datetime import datetime

import rich_click as click

from commands import options, output
from commands.parameters import DAY, PROJECT
from commands.root import writes


@click.group("note")
def group() -> None:
    """Notes of a project: a deploy, an update of the search engine."""


@group.command()
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.argument("text")
@click.option("--day", type=DAY, metavar="YYYY-MM-DD", help="When. [default: today, in its zone]")
@writes
def add(project_id: str, text: str, day: datetime | None) -> None:
    """Note what happened on a day. Charts show it as a line."""
    from topics.tracking import notes

    made = notes.add(project_id, day.date() if day else None, text, options.user_name())
    output.line(f"Noted for {made.day}: {made.text} ({made.id})")


@group.command("list")
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@output.json_option
def list_(project_id: str, as_json: bool) -> None:
    """List the notes of a project, oldest first."""
    from topics.tracking import notes, projects

    found = [{**one._asdict(), "day": one.day.isoformat()} for one in notes.of(projects.named(project_id).id)]
    if as_json:
        output.json_list(found)
    else:
        output.table(("id", "day", "text", "actor"), [list(one.values()) for one in found])


@group.command()
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.argument("note_id", metavar="ID")
@writes
def remove(project_id: str, note_id: str) -> None:
    """Remove a note of a project."""
    from topics.tracking import notes, projects

    notes.remove(projects.named(project_id).id, note_id)
    output.line(f"Removed the note {note_id} of {project_id}.")
