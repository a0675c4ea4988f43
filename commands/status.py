"""`status`: how the system is doing, now or by the hour."""

from typing import Any

import rich_click as click

from commands import output, status_lines

WATCH_S = 2


@click.command()
@click.option("--watch", is_flag=True, help=f"Show it again every {WATCH_S} s until Ctrl-C.")
@click.option("--hours", type=click.IntRange(1, 90 * 24), metavar="N", help="Show the last N hours instead, a line each.")
@output.json_option
def status(watch: bool, hours: int | None, as_json: bool) -> None:
    """Show how the system is doing; this changes nothing."""
    import clock

    if hours:
        _show_hours(hours, as_json)
        return
    while watch:
        click.clear()
        _show_now(as_json)
        clock.wait(WATCH_S)
    _show_now(as_json)


COMMANDS = (status,)


def _show_now(as_json: bool) -> None:
    from state.store import connection
    from topics.operations import status as figures

    now = figures.now()
    if as_json:
        output.as_json({**_fields(now), "sandbox": now.provider == "sandbox", "redis": connection.where()})
    else:
        output.fields([*status_lines.of(now), ("redis", connection.where())])


def _show_hours(number: int, as_json: bool) -> None:
    from state.engine import statistics

    rows = [{"hour": began, **kept} for began, kept in statistics.latest(number)]
    if as_json:
        output.json_list(rows)
        return
    columns = ("hour", "keywords", "eligible", "scraped_last_hour", "failed", "workers")
    output.table(columns, [[row.get(name) for name in columns] for row in rows])


def _fields(now: Any) -> dict[str, Any]:
    import dataclasses

    return dataclasses.asdict(now)
