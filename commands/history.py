"""What became of jobs: `history` of those that ended, `stats` of the hours, `events` as they come."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import rich_click as click

from commands import output
from commands.options import Moment, cursor_option, limit_option

COLUMNS = ("ended", "id", "status", "kind", "took_s", "attempts", "category", "host", "tag", "project")

KINDS = ("completed", "failed", "average_s", "p95_s")

HOURS = ("hour", "processed", "completed", "failed", "cancelled", "retried", "success", "average_s", "p95_s", "errors")


@click.command()
@click.option("--status", metavar="STATE", help="completed, failed or cancelled.")
@click.option("--kind", metavar="KIND", help="Only jobs of this kind.")
@click.option("--host", metavar="HOST", help="Only jobs with this host.")
@click.option("--tag", metavar="TAG", help="Only jobs with this tag.")
@click.option("--project", metavar="ID", help="Only jobs of this project.")
@click.option("--owner", metavar="KEY_ID", help="Only jobs that this API key submitted, as `apikey list` names it.")
@click.option("--category", metavar="WORD", help="Only this category of failures, e.g. network or blocked.")
@click.option("--job", "job_id", metavar="JOB", help="Only this job.")
@click.option("--since", type=Moment(), help="Only jobs that ended then or later: a date, a time, or 2h for two hours ago.")
@click.option("--until", type=Moment(), help="Only jobs that ended before.")
@click.option("--slower-than", type=click.FloatRange(0), metavar="S", help="Only jobs that took so many seconds.")
@limit_option
@cursor_option
@output.json_option
def history(limit: int, cursor: str, as_json: bool, **filters: Any) -> None:
    """List jobs that ended, the newest first, by any of what is known of them."""
    from topics.operations import history as past

    found = past.search(_query(filters), limit, cursor)
    if as_json:
        output.as_json({"jobs": found.jobs, "cursor": found.cursor})
        return
    output.table(COLUMNS, [_row(job) for job in found.jobs])
    output.more(found.cursor)


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


COMMANDS = (history, stats, events)


def _query(filters: dict[str, Any]) -> Any:
    from state.engine.segments import Query
    from topics.operations import history as past

    since, until, slower = filters.pop("since"), filters.pop("until"), filters.pop("slower_than")
    found = Query(past.outcomes_of(filters.pop("status")), least_ms=round((slower or 0) * 1000), **filters)
    found = dataclasses.replace(found, since_ms=past.ms_of(since)) if since else found
    return dataclasses.replace(found, until_ms=past.ms_of(until)) if until else found


def _row(job: Any) -> list[object]:
    labels = (job.host, job.tag, job.project)
    return [job.ended_at, job.id, job.status, job.kind, job.ran_s, job.attempts, job.error_category, *labels]


def _hour(row: dict[str, Any]) -> list[object]:
    rate = row["success_rate"]
    names = ("jobs_processed", "completed", "failed", "cancelled", "retried")
    share = None if rate is None else f"{100 * rate:.1f} %"
    return [row["timestamp"], *(row[name] for name in names), share, row["average_s"], row["p95_s"], _pairs(row["errors"])]


def _pairs(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())


def _show(change: Any, as_json: bool) -> None:
    at = datetime.fromtimestamp(change.at_ms / 1000, UTC)
    if as_json:
        output.json_line({"at": at, **{name: getattr(change, name) for name in change._fields[2:]}})
        return
    words = [f"{at:%H:%M:%S}", change.outcome, change.kind or output.NOTHING, change.job_id]
    words += [f"{change.ran_ms:,} ms"] if change.ran_ms else []
    words += [f"attempt {change.attempts}"] if change.attempts > 1 else []
    output.line("  ".join([*words, *filter(None, (change.category, change.host, change.tag, change.project))]))
