"""`maintenance`: what the schedule does to keep house, done here and now."""

import rich_click as click

from commands import maintenance_reports, output
from commands.options import yes_option
from commands.root import writes


@click.group("maintenance")
def group() -> None:
    """Keeping house: what the schedule does each day, hour, half hour and week."""


group.add_command(maintenance_reports.list_)


@group.command()
@click.option("--older-than-days", type=click.FloatRange(0, 3660), metavar="N", help="Also jobs that ended so many days ago.")
@yes_option
@output.json_option
@writes
def cleanup(older_than_days: float | None, yes: bool, as_json: bool) -> None:
    """Remove what has expired, as every day; with an age also jobs that ended long ago, with their results and history."""
    from topics.upkeep import cleaning

    if older_than_days is not None and not yes:
        click.confirm(f"Delete all jobs that ended {older_than_days:g} days ago or earlier?", abort=True, err=True)
    with output.progress("Removing", None) as done:
        report = cleaning.clean_up(older_than_days, done)
    maintenance_reports.show(report, as_json)


@group.command()
@output.json_option
@writes
def statistics(as_json: bool) -> None:
    """Keep the figures of the last whole hour, as every hour, and say when the store is full at its rate of growth."""
    from topics.upkeep import figures

    maintenance_reports.show(figures.record(), as_json)


@group.command("health-check")
@output.json_option
@writes
def health_check(as_json: bool) -> None:
    """Check the server, the work and the slow log, as every half hour."""
    from topics.upkeep import checking

    maintenance_reports.show(checking.check(), as_json)


@group.command()
@yes_option
@output.json_option
@writes
def optimize(yes: bool, as_json: bool) -> None:
    """Repair what lost its other half, have Redis rewrite its log and give memory back, as every week; tell what is large."""
    from topics.upkeep import optimizing

    if not yes:
        click.confirm("Look through the whole store, repair it, and have Redis rewrite its log?", abort=True, err=True)
    maintenance_reports.show(optimizing.optimize(), as_json)
