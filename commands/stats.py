"""`stats`: how many jobs wait and run, and what the last hours were like."""

from typing import Any

import rich_click as click

from commands import output

KINDS = ("completed", "failed", "average_s", "p95_s")

HOURS = ("hour", "processed", "completed", "failed", "cancelled", "retried", "success", "average_s", "p95_s", "errors")


@click.command()
@click.option("--hours", type=click.IntRange(1, 90 * 24), default=24, show_default=True, metavar="N", help="The last N hours.")
@output.json_option
def stats(hours: int, as_json: bool) -> None:
    """Show how many jobs wait and run, and what the last hours were like."""
    from topics.operations import metrics

    figures, rows = metrics.get_queue_stats(), metrics.get_performance_history(hours)
    if as_json:
        output.as_json({**figures, "history": rows})
        return
    counts = ", ".join(f"{number:,} {state}" for state, number in figures["status_counts"].items() if number)
    output.fields([("jobs", counts or "none"), ("queues", _pairs(figures["queue_lengths"]))])
    if kinds := figures["kinds"]:
        output.table(("kind, last 24 h", *KINDS), [[kind, *(one[name] for name in KINDS)] for kind, one in kinds.items()])
    output.table(HOURS, [_hour(row) for row in rows if row["jobs_processed"] or row["errors"] or row["cancelled"]])


COMMANDS = (stats,)


def _hour(row: dict[str, Any]) -> list[object]:
    rate = row["success_rate"]
    names = ("jobs_processed", "completed", "failed", "cancelled", "retried")
    share = None if rate is None else f"{100 * rate:.1f} %"
    return [row["timestamp"], *(row[name] for name in names), share, row["average_s"], row["p95_s"], _pairs(row["errors"])]


def _pairs(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())
