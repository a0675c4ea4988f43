"""`keyword archive` and `keyword unarchive`: keywords that are not checked any more, and checked again."""

import rich_click as click

from commands import output
from commands.options import where_option
from commands.root import writes
from commands.text_command import TextCommand


@click.command(cls=TextCommand)
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@writes
def archive(names: tuple[str, ...], project_id: str | None) -> None:
    """Archive keywords: they are not checked any more, and their history stays."""
    changed = _set_archived(names, project_id, True)
    output.line(f"{changed} archived, {len(names) - changed} were archived already.")


@click.command(cls=TextCommand)
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@writes
def unarchive(names: tuple[str, ...], project_id: str | None) -> None:
    """Unarchive keywords: they are checked again."""
    changed = _set_archived(names, project_id, False)
    output.line(f"{changed} unarchived, {len(names) - changed} were not archived.")


COMMANDS = (archive, unarchive)


def _set_archived(names: tuple[str, ...], project_id: str | None, archived: bool) -> int:
    from state.tracking import keywords
    from topics.tracking import projects

    found = projects.find_keywords(names, project_id)  # an unknown one stops it before anything changed
    return keywords.archive_many(found, archived)
