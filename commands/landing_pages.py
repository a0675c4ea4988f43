"""`project pages`: which pages of a project rank, and which compete for a keyword."""

from typing import Any

import rich_click as click

from commands import output
from commands.options import cursor_option, limit_option
from commands.parameters import PROJECT

PAGES = ("url", "keywords", "best", "share", "wrong", "rivals")
CANNIBALISED = ("id", "keyword", "rank", "volume", "of", "together", "pages")


@click.command("pages")
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.option("--cannibalised", is_flag=True, help="Keywords for which two own pages ranked in 14 days.")
@limit_option
@cursor_option
@output.json_option
def pages(project_id: str, cannibalised: bool, limit: int, cursor: str, as_json: bool) -> None:
    """Count which pages rank, for how many keywords and how well. With --cursor the count of before is read on."""
    from state.tracking import keywords
    from state.tracking import landing_pages as kept
    from topics.tracking import landing_pages, projects

    project = projects.named(project_id)
    head = kept.read(project.id) if cursor else None
    if head is None:
        with output.progress("Counting", keywords.count_of(project.id)) as done:
            landing_pages.make(project.id, done)
        head = kept.read(project.id) or {}
    name = landing_pages.CANNIBALISED if cannibalised else landing_pages.PAGES
    found = landing_pages.part(project.id, head, name, limit, cursor)
    if as_json:
        output.as_json({**head, "items": found.rows, "next": found.cursor or None})
        return
    columns = CANNIBALISED if cannibalised else PAGES
    output.table(columns, [[_cell(row[column]) for column in columns] for row in found.rows])
    output.more(found.cursor)


def _cell(value: Any) -> object:
    return ", ".join(f"{one['url']} ({one['days']} d)" for one in value) if isinstance(value, list) else value
