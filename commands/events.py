"""`events`: what becomes of jobs, as it happens."""

from datetime import UTC, datetime
from typing import Any

import rich_click as click

from commands import output


@click.command()
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Begin with so many that were.")
@output.json_option
def events(follow: bool, limit: int, as_json: bool) -> None:
    """Show what becomes of jobs, a line each."""
    from state.engine import events as stream

    since = stream.newest()
    for change in stream.latest(limit) if limit else []:
        _show(change, as_json)
    for changes in stream.follow(since) if follow else ():
        for change in changes:
            _show(change, as_json)


COMMANDS = (events,)


def _show(change: Any, as_json: bool) -> None:
    at = datetime.fromtimestamp(change.at_ms / 1000, UTC)
    if as_json:
        output.json_line({"at": at, **{name: getattr(change, name) for name in change._fields[2:]}})
        return
    words = [f"{at:%H:%M:%S}", change.outcome, change.kind or output.NOTHING, change.job_id]
    words += [f"{change.ran_ms:,} ms"] if change.ran_ms else []
    words += [f"attempt {change.attempts}"] if change.attempts > 1 else []
    output.line("  ".join([*words, *filter(None, (change.category, change.host, change.tag, change.project))]))
