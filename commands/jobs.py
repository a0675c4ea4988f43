"""`jobs`: jobs by their ids and by their state."""

import dataclasses
from typing import Any

import rich_click as click

from commands import bulk, job_changes, job_progress, output
from commands.options import cursor_option, job_filters, limit_option

COLUMNS = ("id", "status", "kind", "queue", "since", "attempts", "progress", "waits_for")


@click.group("jobs")
def group() -> None:
    """Jobs: what they are at, cancelled, run again, cleaned up."""


for command in (job_progress.progress, bulk.command, *job_changes.COMMANDS):
    group.add_command(command)


@group.command("list")
@click.option("--status", "statuses", multiple=True, metavar="STATE", help="Only these. [default: running, waiting and delayed]")
@job_filters
@limit_option
@cursor_option
@output.json_option
def list_(statuses: tuple[str, ...], limit: int, cursor: str, as_json: bool, **filters: Any) -> None:
    """List jobs by their state or by other filters; `history` has those that ended long ago."""
    found = _listed(statuses, limit, cursor, filters)
    if as_json:
        output.as_json({"jobs": found.jobs, "cursor": found.cursor})
        return
    output.table(COLUMNS, [_row(job) for job in found.jobs])
    output.more(found.cursor)


@group.command()
@click.argument("job_id", metavar="JOB")
@click.option("--log", "whole_log", is_flag=True, help="Show all log lines that are kept.  [default: the last 10]")
@output.json_option
def show(job_id: str, whole_log: bool, as_json: bool) -> None:
    """Show one job, also one that ended long ago: its attempts, and what it logged."""
    from commands import job_attempts
    from topics.operations import advice, attempts, jobs

    job = jobs.get_job_status(job_id)
    found, tried = {**dataclasses.asdict(job), "advice": advice.of(job), "see": advice.commands(job)}, attempts.of(job)
    if as_json:
        output.as_json({**found, "attempted": [job_attempts.as_dict(one) for one in tried]})
        return
    told = found.pop("progress")
    found["see"] = "; ".join(found["see"])
    pairs = [(name.replace("_", " "), value) for name, value in found.items() if value not in (None, "")]
    output.fields([*pairs, *([("progress", job_progress.words(told))] if told else [])])
    job_attempts.show(tried, whole_log=whole_log)


def _listed(statuses: tuple[str, ...], limit: int, cursor: str, filters: dict[str, Any]) -> Any:
    """By states alone, in the order in which jobs are served; by other filters, those that live and then those that ended."""
    from topics.operations import failures, listing, search
    from topics.operations.job_filters import Wanted

    owner = filters.pop("owner")
    if not any(filters.values()):
        return listing.list_jobs(statuses, limit, cursor, owner=owner)
    return search.page(failures.narrowed(Wanted(search.statuses_of(statuses), owner=owner, **filters)), limit, cursor)


def _row(job: Any) -> list[object]:
    told = job.progress
    share = f"{100 * told.step / told.total:.0f} %" if told and told.total else None
    since = job.ended_at or job.started_at or job.enqueued_at
    return [job.id, job.status, job.kind, job.queue, since, job.attempts, share, job.parked_for]
