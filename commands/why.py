"""`why`: every reason why a job, a scrape or a keyword waits."""

from typing import Any

import rich_click as click

from commands import output
from commands.options import where_option
from commands.text_command import TextCommand


@click.command(cls=TextCommand)
@click.argument("name", metavar="JOB|SCRAPE|KEYWORD|PROJECT")
@where_option
@output.json_option
def why(name: str, project_id: str | None, as_json: bool) -> None:
    """Say why a job, a batch, a crawl, a keyword or a project waits: every reason, with what ends it; this changes nothing."""
    from topics.operations import why as reasons

    found = reasons.of(name, project_id)
    if as_json:
        output.as_json(found)
        return
    output.line(f"{found.what} {found.id} is {found.state}{f': {found.name}' if found.name else ''}")
    _print(found, "  ")


COMMANDS = (why,)


def _print(found: Any, indent: str) -> None:
    for reason in found.reasons:
        output.line(f"{indent}{reason.says}")
        if reason.fix:
            output.line(f"{indent}  fix: {reason.fix}")
    if found.job:
        output.line(f"{indent}job {found.job.id} is {found.job.state}")
        _print(found.job, indent + "  ")
