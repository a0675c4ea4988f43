"""`schedule`: what runs when, how it went, and an entry run, disabled or enabled by hand."""

import rich_click as click

from commands import output
from commands.root import warn_of_stops, writes

NAME = click.argument("name", metavar="NAME")

COLUMNS = ("name", "when", "queue", "missed_rule", "overlap", "last_run", "next_run", "missed", "skipped", "late", "state")


@click.group("schedule")
def group() -> None:
    """Periodic work: what runs when, and how it went."""


@group.command("list")
@output.json_option
def list_(as_json: bool) -> int:
    """List the entries; the exit code is 1 while one of them is broken."""
    from topics.operations import schedule

    rows = schedule.every()
    broken = [row for row in rows if row["broken"]]
    if as_json:
        output.json_list(rows)
        return 1 if broken else 0
    output.table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
    for row in broken:
        output.warn(f"{row['name']} is broken: {row['broken']}.")
    return 1 if broken else 0


@group.command()
@NAME
@output.json_option
@writes
def run(name: str, as_json: bool) -> int:
    """Queue an entry now, out of turn, also a disabled one; its next run stays as it is."""
    from topics.operations import schedule

    done = schedule.run(name)
    if as_json:
        output.as_json(done)
    elif done.is_queued:
        output.line(f"Queued as {done.job}.")
    else:
        output.warn(f"Nothing was queued: an earlier run is not over{f' ({done.job})' if done.job else ''}.")
    warn_of_stops()
    return 0 if done.is_queued else 1


@group.command()
@NAME
@writes
def enable(name: str) -> None:
    """Let an entry run again; what it missed is made up for as its rule says."""
    from topics.operations import schedule

    changed = schedule.enable(name)
    output.line(f"{name} is enabled." if changed else f"{name} was enabled already.")


@group.command()
@NAME
@writes
def disable(name: str) -> None:
    """Keep an entry from running until it is enabled, also over restarts and new versions."""
    from topics.operations import schedule

    changed = schedule.disable(name)
    output.line(f"{name} is disabled." if changed else f"{name} was disabled already.")
