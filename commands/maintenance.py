"""`maintenance`: what the schedule does to keep house, done here and now; and the reports that each run left."""

from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import yes_option
from commands.root import writes

COLUMNS = ("at", "kind", "took s", "memory", "by", "says")


@click.group("maintenance")
def group() -> None:
    """Keeping house: what the schedule does each day, hour, half hour and week."""


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
    _show(report, as_json)


@group.command()
@output.json_option
@writes
def statistics(as_json: bool) -> None:
    """Keep the figures of the last whole hour, as every hour, and say when the store is full at its rate of growth."""
    from topics.upkeep import figures

    _show(figures.record(), as_json)


@group.command("health-check")
@output.json_option
@writes
def health_check(as_json: bool) -> None:
    """Check the server, the work and the slow log, as every half hour."""
    from topics.upkeep import checking

    _show(checking.check(), as_json)


@group.command()
@yes_option
@output.json_option
@writes
def optimize(yes: bool, as_json: bool) -> None:
    """Repair what lost its other half, have Redis rewrite its log and give memory back, as every week; tell what is large."""
    from topics.upkeep import optimizing

    if not yes:
        click.confirm("Look through the whole store, repair it, and have Redis rewrite its log?", abort=True, err=True)
    _show(optimizing.optimize(), as_json)


@group.command("reports")
@click.argument("kind", required=False)
@click.option("--most", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
@output.json_option
def list_(kind: str | None, most: int, as_json: bool) -> None:
    """List the last reports of all kinds or of KIND: cleanup, statistics, health-check, optimize. One alone is shown whole."""
    from topics.upkeep import reports

    found = reports.latest(kind, most)
    if as_json:
        output.json_list([reports.as_dict(one) for one in found])
    elif len(found) == 1:
        _show(found[0], False)
    else:
        output.table(COLUMNS, [_row(one) for one in found])


def _row(report: Any) -> list[object]:
    says = report.failed or (report.lines[0] if report.lines else "")
    return [report.at, report.kind, report.took_s, _memory(report), report.job or "hand", says]


def _show(report: Any, as_json: bool) -> None:
    if as_json:
        from topics.upkeep import reports

        output.as_json(reports.as_dict(report))
        return
    output.line(f"{report.kind} at {output.when(report.at)}, {report.took_s:g} s; Redis uses {_memory(report)}")
    for line in report.lines:
        output.line(line)
    for line in report.refused:
        output.warn(f"Redis refuses {line}")


def _memory(report: Any) -> str:
    """Memory before and after, once where nothing changed."""
    sizes = [None if number is None else wording.size(number) for number in (report.memory_before, report.memory_after)]
    known = [size for size in dict.fromkeys(sizes) if size]
    return " → ".join(known) or "an unknown size"
