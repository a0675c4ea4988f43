"""`keyword competitors`: who ranked for a keyword."""

import rich_click as click

from commands import output
from commands.options import where_option
from commands.text_command import TextCommand

RIVALS = ("domain", "rank", "before", "best", "pinned")


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def competitors(name: str, project_id: str | None, as_json: bool) -> None:
    """Show who ranked for a keyword in the last 30 days, from the result pages that its checks read."""
    from state.tracking import projects as stored
    from topics.tracking import competitors, days, projects

    keyword = projects.find_keyword(name, project_id)
    project = stored.get(keyword.project_id)
    found = competitors.of_keyword(keyword, days.today(project))
    if as_json:
        output.as_json(found)
        return
    rows = [[row["domain"] or f"{project.domain} (this project)", *(row[one] for one in RIVALS[1:])] for row in found["domains"]]
    output.table(RIVALS, rows)
