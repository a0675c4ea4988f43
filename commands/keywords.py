"""`keyword`: what is tracked; the commands of its group."""

import rich_click as click

from commands import (
    keyword_archive,
    keyword_bulk,
    keyword_compare,
    keyword_competitors,
    keyword_days,
    keyword_details,
    keyword_import,
    keyword_list,
    keyword_texts,
    keyword_views,
    output,
)
from commands.options import where_option, yes_option
from commands.root import writes
from commands.text_command import TextCommand


@click.group("keyword")
def group() -> None:
    """Tracked keywords, their ranks and their history."""


OTHERS = (
    *(*keyword_texts.COMMANDS, *keyword_archive.COMMANDS, *keyword_views.COMMANDS, keyword_days.day, keyword_compare.compare),
    *(keyword_import.import_, keyword_details.set_, keyword_list.list_, keyword_bulk.bulk, keyword_competitors.competitors),
)

for command in OTHERS:
    group.add_command(command)


@group.command(cls=TextCommand)
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@yes_option
@writes
def remove(names: tuple[str, ...], project_id: str | None, yes: bool) -> None:
    """Remove keywords with their history."""
    from state.tracking import keywords
    from topics.tracking import projects

    found = projects.find_keywords(names, project_id)
    if not yes:
        shown = ", ".join(repr(keyword.text) for keyword in found[:5]) + (" …" if len(found) > 5 else "")
        click.confirm(output.escape(f"Remove {shown} with all history?"), abort=True, err=True)
    removed = keywords.remove_many(found)
    output.line(f"{removed} removed.")
