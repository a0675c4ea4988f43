"""`jobs`: jobs by their ids and by their state; cancelled, run again, cleaned up."""

import dataclasses
import json
from typing import Any

import rich_click as click

import wording
from commands import bulk, output
from commands.options import cursor_option, job_filters, limit_option, yes_option
from commands.root import warn_of_stops, writes

COLUMNS = ("id", "status", "kind", "queue", "since", "attempts", "progress", "waits_for")

JOB = click.argument("job_id", metavar="JOB")

#: Seconds between two looks of `progress --wait`.
LOOK_S = 0.5


@click.group("jobs")
def group() -> None:
    """Jobs: what they are at, cancelled, run again, cleaned up."""


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
@JOB
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
    output.fields([*pairs, *([("progress", _progress_words(told))] if told else [])])
    job_attempts.show(tried, whole_log=whole_log)


@group.command()
@JOB
@click.option("--wait", is_flag=True, help="Wait until it ended; the exit code is 1 where it did not complete.")
@output.json_option
def progress(job_id: str, wait: bool, as_json: bool) -> int:
    """Show how far a job is, and when it will probably end."""
    from topics.operations import jobs, states

    found = _waited(job_id) if wait else jobs.get_job_progress(job_id)
    if as_json:
        output.as_json(found)
    else:
        pairs = dataclasses.asdict(found).items()
        output.fields([(name.replace("_", " "), _worded(value)) for name, value in pairs if value not in (None, "", {})])
    return int(wait and found.status in states.ENDED and found.status != "completed")


@group.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB...")
@output.json_option
@writes
def cancel(job_ids: tuple[str, ...], as_json: bool) -> int:
    """Cancel jobs that wait; ask those that run to stop at their next step."""
    from topics.operations import jobs

    done = {job_id: jobs.cancel_job(job_id) for job_id in job_ids}
    if as_json:
        output.as_json(done)
    else:
        for job_id, was_live in done.items():
            output.line(f"{job_id}: {'cancelled' if was_live else 'had ended'}")
    return 0 if all(done.values()) else 1


@group.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB...")
@click.option("--arguments", metavar="JSON", help="Run one job again, however it ended, with these arguments: a JSON object.")
@output.json_option
@writes
def retry(job_ids: tuple[str, ...], arguments: str | None, as_json: bool) -> None:
    """Run jobs again that failed or were cancelled, each under a new id."""
    from commands import job_attempts
    from topics.operations import jobs

    if arguments is not None:
        done = job_attempts.with_arguments(job_ids, arguments)
    else:
        done = {job_id: jobs.retry_job(job_id) for job_id in job_ids}
    if as_json:
        output.as_json({job_id: {"job": one.job_id, "duplicate": one.duplicate_of is not None} for job_id, one in done.items()})
    else:
        for job_id, one in done.items():
            output.line(f"{job_id}: {'runs again' if one.duplicate_of is None else 'was run again before'} as {one.job_id}")
    warn_of_stops(*{one.queue for one in done.values()})


@group.command()
@click.option("--days", type=click.FloatRange(0, 3660), required=True, metavar="N", help="Those that ended so many days ago.")
@yes_option
@output.json_option
@writes
def cleanup(days: float, yes: bool, as_json: bool) -> None:
    """Delete jobs that ended long ago: their records and results, and their history."""
    from topics.operations import history

    if not yes:
        click.confirm(f"Delete all jobs that ended {days:g} days ago or earlier?", abort=True, err=True)
    with output.progress("Deleting", None) as done:
        removed = history.cleanup_old_jobs(days, done)
    if as_json:
        output.as_json(removed)
        return
    words = ", ".join(f"{number:,} {name}" for name, number in removed.records.items()) or "no records"
    output.line(f"Deleted: {words}; {wording.pluralize(removed.history, 'entry')} of the history.")


group.add_command(bulk.command)


def _listed(statuses: tuple[str, ...], limit: int, cursor: str, filters: dict[str, Any]) -> Any:
    """By states alone, in the order in which jobs are served; by other filters, those that live and then those that ended."""
    from topics.operations import failures, listing, search
    from topics.operations.job_filters import Wanted

    owner = filters.pop("owner")
    if not any(filters.values()):
        return listing.list_jobs(statuses, limit, cursor, owner=owner)
    return search.page(failures.narrowed(Wanted(search.statuses_of(statuses), owner=owner, **filters)), limit, cursor)


def _waited(job_id: str) -> Any:
    """The progress of a job that ended, with a bar while it does not."""
    import clock
    from topics.operations import jobs, states

    with output.progress(job_id, 100) as done:
        while (found := jobs.get_job_progress(job_id)).status not in states.ENDED:
            done(int(found.progress_percentage or 0))
            clock.wait(LOOK_S)
    return found


def _row(job: Any) -> list[object]:
    told = job.progress
    share = f"{100 * told.step / told.total:.0f} %" if told and told.total else None
    since = job.ended_at or job.started_at or job.enqueued_at
    return [job.id, job.status, job.kind, job.queue, since, job.attempts, share, job.parked_for]


def _progress_words(told: dict[str, Any]) -> str:
    of = f" of {told['total']:,}" if told["total"] is not None else ""
    details = f" ({_worded(told['details'])})" if told["details"] else ""
    return f"{told['step']:,}{of}{': ' if told['message'] else ''}{told['message']}{details}"


def _worded(value: object) -> object:
    """What a job tells beside its steps, on one line."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
