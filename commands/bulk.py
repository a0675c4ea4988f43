"""`jobs bulk`: run again, cancel or move all jobs that filters let through. A job does it."""

from typing import Any

import rich_click as click

from commands import output
from commands.options import job_filters, yes_option
from commands.root import warn_of_stops, writes


@click.command("bulk")
@click.argument("action", type=click.Choice(["retry", "cancel", "move"]))
@click.option("--to", metavar="QUEUE", default="", help="Where `move` moves them: high, default or low.")
@click.option("--status", "statuses", multiple=True, metavar="STATE", help="Only these. [retry: failed; else all that can be]")
@job_filters
@yes_option
@output.json_option
@writes
def command(action: str, to: str, statuses: tuple[str, ...], yes: bool, as_json: bool, **filters: Any) -> int:
    """Run again, cancel or move all jobs that the options let through. They are counted first; those that come later are left."""
    from topics.operations import bulk_asks, search
    from topics.operations.job_filters import Wanted

    wanted = Wanted(search.statuses_of(statuses), **filters)
    return begin(bulk_asks.make(action, wanted, to=to), yes=yes, as_json=as_json)


def begin(ask: Any, *, yes: bool, as_json: bool) -> int:
    """Count, ask, and submit the job that does it; returns the exit code."""
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
    made = queues.submit(operations.act_on_jobs, ask.told(), dedup_key=f"bulk:{ask.print}")
    if as_json:
        output.as_json({"job": made.job_id, "number": found.number, "is_exact": found.is_exact})
    else:
        output.line(f"{made.job_id}: `python manage.py jobs progress {made.job_id} --wait` shows how far it is.")
    warn_of_stops(made.queue)
    return 0
