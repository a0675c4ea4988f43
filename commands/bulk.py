"""`jobs bulk`: run again, cancel or move all jobs that filters let through. A job does it, or this command itself."""

import secrets
from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import job_filters, yes_option
from commands.root import warn_of_stops, writes


@click.command("bulk")
@click.argument("action", type=click.Choice(["retry", "cancel", "move"]))
@click.option("--to", metavar="QUEUE", default="", help="Where `move` moves them: high, default or low.")
@click.option("--status", "statuses", multiple=True, metavar="STATE", help="Only these. [retry: failed; else all that can be]")
@click.option("--here", is_flag=True, help="Do it now, in this command: also where no worker is free for the job that would.")
@job_filters
@yes_option
@output.json_option
@writes
def command(action: str, to: str, statuses: tuple[str, ...], here: bool, yes: bool, as_json: bool, **filters: Any) -> int:
    """Run again, cancel or move all jobs that the options let through. They are counted first; those that come later are left."""
    from topics.operations import bulk_asks, search
    from topics.operations.job_filters import Wanted

    wanted = Wanted(search.statuses_of(statuses), **filters)
    return begin(bulk_asks.make(action, wanted, to=to), yes=yes, as_json=as_json, here=here)


def begin(ask: Any, *, yes: bool, as_json: bool, here: bool = False) -> int:
    """Count, ask, and submit the job that does it, or do it; returns the exit code."""
    import queues
    from jobs import operations
    from topics.operations import bulk, bulk_asks

    found = bulk.count(ask)
    before, after = bulk_asks.WORDS[ask.action]
    if not found.number and found.is_exact:
        output.warn(f"None of these jobs can be {after}.")
        return 1
    if not yes:
        click.confirm(f"{before} {found.words}?", abort=True, err=True)
    if here:
        _act(ask, as_json=as_json)
        return 0
    made = queues.submit(operations.act_on_jobs, ask.told(), dedup_key=f"bulk:{ask.print}")
    if as_json:
        output.as_json({"job": made.job_id, "number": found.number, "is_exact": found.is_exact})
    else:
        output.line(f"{made.job_id}: `python manage.py jobs progress {made.job_id} --wait` shows how far it is.")
    if warn_of_stops(made.queue):
        output.warn("`--here` does it without a worker.")
    return 0


def _act(ask: Any, *, as_json: bool) -> None:
    """Do it in this process, and print what became of the jobs."""
    from topics.operations import bulk, bulk_asks

    name = f"here-{secrets.token_hex(8)}"  # of its record
    with output.interruptible("what was done stays: run it again for the rest"), output.progress("Jobs", None) as tell:
        told = bulk.run(ask.told(), name, lambda step, _total, _message: tell(step))
    if as_json:
        output.as_json(told)
        return
    output.line(f"{told['done']:,} of {wording.pluralize(told['matched'], 'job')} {bulk_asks.WORDS[ask.action][1]}.")
    for reason in told["reasons"]:
        output.line(f"  {reason['count']:,} not: {reason['says']}, e.g. {reason['example']}")
