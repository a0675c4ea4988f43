"""`maintenance list`: the reports that each run of upkeep left, and how one is shown."""

from typing import Any

import rich_click as click

import wording
from commands import output

COLUMNS = ("at", "kind", "took s", "memory", "by", "says")


@click.command("reports")
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
        show(found[0], False)
    else:
        output.table(COLUMNS, [_row(one) for one in found])


def _row(report: Any) -> list[object]:
    says = report.failed or (report.lines[0] if report.lines else "")
    return [report.at, report.kind, report.took_s, _memory(report), report.job or "hand", says]


def show(report: Any, as_json: bool) -> None:
    """Print a report."""
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
