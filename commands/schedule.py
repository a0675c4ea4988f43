"""`schedule`: what runs when, and an entry run, disabled or enabled by hand."""

import rich_click as click

from commands import output, schedule_runs
from commands.options import user_name
from commands.parameters import Duration
from commands.root import warn_of_stops, writes

NAME = click.argument("name", metavar="NAME")

COLUMNS = ("name", "when", "queue", "missed_rule", "overlap", "last_run", "next_run", "missed", "skipped", "late", "state")


@click.group("schedule")
def group() -> None:
    """Periodic work: what runs when, and how it went."""


group.add_command(schedule_runs.runs)


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
@click.option("--reason", default="", help="Why, in a few words; everybody who looks reads it.")
@click.option("--for", "for_s", type=Duration(), metavar="TIME", help="How long, e.g. 30m, 2h or 3d. [default: until `enable`]")
@click.option("--until", metavar="TIME", help="Until when, e.g. 2026-12-01T08:00+01:00.")
@click.option("--by", "actor", metavar="NAME", help="Who says so. [default: the user of this machine]")
@writes
def disable(name: str, reason: str, for_s: float | None, until: str | None, actor: str | None) -> None:
    """Keep an entry from running until it is enabled, or for a time; also over restarts and new versions."""
    from topics.operations import schedule, terms

    ends = terms.moment(until) if until else None
    changed, end = schedule.disable(name, reason, actor or user_name(), for_s=for_s, until=ends)
    says = f"{name} is disabled" if changed else f"{name} was disabled already"
    output.line(f"{says}; it is enabled again by itself at {end:%Y-%m-%d %H:%M} UTC." if end else f"{says}.")
