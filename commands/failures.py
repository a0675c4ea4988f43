"""`failures`: what goes wrong, by what failures have in common; run again, or muted for a time."""

from typing import Any

import rich_click as click

from commands import bulk, output
from commands.options import cursor_option, limit_option, user_name, yes_option
from commands.parameters import Duration
from commands.root import writes

COLUMNS = ("fingerprint", "24 h", "7 days", "all", "first", "last", "kind", "category", "host", "message")

FINGERPRINT = click.argument("fingerprint", metavar="ID")


@click.group("failures")
def group() -> None:
    """Failures: jobs that failed for good, by kind, error, host and the shape of the message."""


@group.command("list")
@click.option("--kind", metavar="KIND", help="Only jobs of this kind.")
@click.option("--category", metavar="WORD", help="Only this category, e.g. network or blocked.")
@click.option("--host", metavar="HOST", help="Only jobs with this host.")
@click.option("--text", metavar="TEXT", help="Only messages that hold it.")
@click.option("--order", type=click.Choice(["last", "day", "count"]), default="last", help="By the last one, 24 hours, or all.")
@click.option("--muted", is_flag=True, help="Those that are muted, instead of the others.")
@limit_option
@cursor_option
@output.json_option
def list_(limit: int, cursor: str, order: str, as_json: bool, **sought: Any) -> None:
    """List what failed in the last 30 days."""
    from topics.operations import failures

    found = failures.page(failures.Sought(**sought), limit, cursor, order=order)
    if as_json:
        output.as_json({"failures": [_told(row) for row in found.rows], "cursor": found.cursor})
        return
    output.table(COLUMNS, [_row(row) for row in found.rows])
    output.more(found.cursor)


@group.command()
@FINGERPRINT
@yes_option
@output.json_option
@writes
def retry(fingerprint: str, yes: bool, as_json: bool) -> int:
    """Run all jobs again that failed so, as far as their records are kept: a week."""
    from topics.operations import bulk_asks, failures

    return bulk.begin(bulk_asks.make("retry", failures.wanted(fingerprint)), yes=yes, as_json=as_json)


@group.command()
@FINGERPRINT
@click.option("--for", "length_s", type=Duration(), default="7d", show_default=True, help="How long.")
@click.option("--note", default="", help="Why.")
@writes
def mute(fingerprint: str, length_s: float, note: str) -> None:
    """List these failures apart for a time; they are counted all the same."""
    from topics.operations import failures

    found = failures.mute(fingerprint, length_s / 86400, note, user_name())
    output.line(f"Muted until {output.when(found.muted.until if found.muted else None)}: {found.shape}")


@group.command()
@FINGERPRINT
@writes
def unmute(fingerprint: str) -> None:
    """List these failures with the others again."""
    from topics.operations import failures

    output.line(f"Listed again: {failures.unmute(fingerprint).shape}")


def _row(row: Any) -> list[object]:
    one = row.failure
    return [one.id, row.last_day, row.last_week, one.times, one.first, one.last, one.kind, one.category, one.host, one.shape]


def _told(row: Any) -> dict[str, Any]:
    muted = row.failure.muted._asdict() if row.failure.muted else None
    one = row.failure._asdict() | {"muted": muted}
    return {**one, **{name: getattr(row, name) for name in ("last_day", "last_week", "hours")}}
