"""`jobs cancel`, `retry` and `cleanup`: jobs stopped, run again, deleted."""

import rich_click as click

import models
import wording
from commands import output
from commands.options import yes_option
from commands.root import warn_of_stops, writes


@click.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB...")
@output.json_option
@writes
def cancel(job_ids: tuple[str, ...], as_json: bool) -> int:
    """Cancel jobs that wait; those that run end within seconds."""
    from topics.operations import jobs

    done = {job_id: jobs.cancel_job(job_id) for job_id in job_ids}
    if as_json:
        output.as_json(done)
    else:
        for job_id, was_live in done.items():
            output.line(f"{job_id}: {_became(job_id) if was_live else 'had ended'}")
    return 0 if all(done.values()) else 1


@click.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB...")
@click.option("--arguments", metavar="JSON", help="Run one job again, however it ended, with these arguments: a JSON object.")
@output.json_option
@writes
def retry(job_ids: tuple[str, ...], arguments: str | None, as_json: bool) -> None:
    """Run jobs again that failed or were cancelled, each under a new id; run delayed jobs now."""
    from commands import job_attempts
    from topics.operations import jobs

    if arguments is not None:
        done = job_attempts.with_arguments(job_ids, arguments)
    else:
        done = {job_id: jobs.run_again(jobs.get_job_status(job_id)) for job_id in job_ids}
    if as_json:
        output.as_json({job_id: {"job": one.job_id, "duplicate": one.duplicate_of is not None} for job_id, one in done.items()})
    else:
        for job_id, one in done.items():
            output.line(f"{job_id}: {_runs(job_id, one)}")
    warn_of_stops(*{one.queue for one in done.values()})


@click.command()
@click.option("--days", type=click.FloatRange(0, 3660), required=True, metavar="N", help="Those that ended so many days ago.")
@yes_option
@output.json_option
@writes
def cleanup(days: float, yes: bool, as_json: bool) -> None:
    """Delete jobs that ended long ago: their records and results, and their history."""
    from topics.operations import job_cleaning

    if not yes:
        click.confirm(f"Delete all jobs that ended {days:g} days ago or earlier?", abort=True, err=True)
    with output.progress("Deleting", None) as done:
        removed = job_cleaning.cleanup_old_jobs(days, done)
    if as_json:
        output.as_json(removed)
        return
    words = ", ".join(f"{number:,} {name}" for name, number in removed.records.items()) or "no records"
    output.line(f"Deleted: {words}; {wording.pluralize(removed.history, 'entry')} of the history.")


def _runs(job_id: str, again: models.Submission) -> str:
    if again.job_id == job_id:  # it was delayed, or is a batch or crawl that goes on
        return "runs as soon as a worker is free"
    return f"{'runs again' if again.duplicate_of is None else 'was run again before'} as {again.job_id}"


def _became(job_id: str) -> str:
    """What a job is at that was cancelled."""
    from topics.operations import jobs

    found = jobs.find(job_id)
    return "is asked to stop, and ends within seconds" if found and found.status == "running" else "cancelled"


COMMANDS = (cancel, retry, cleanup)
