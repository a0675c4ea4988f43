"""`analytics report`: a report that a job makes."""

from typing import Any

import rich_click as click

from commands import output
from commands.root import warn_of_stops, writes

TYPES = ("comprehensive", "summary", "comparison")


@click.command()
@click.option("--type", "report_type", type=click.Choice(TYPES), default=TYPES[0], show_default=True, help="Which report.")
@click.option("--company", "companies", multiple=True, metavar="ID", help="Only this company; may be repeated. [default: all]")
@click.option("--since", metavar="DAY", help="From when on scores changed. [default: 30 days ago]")
@click.option("--stale-days", type=click.IntRange(1, 3660), default=180, show_default=True, help="What is older is old.")
@click.option(
    "--compare",
    nargs=3,
    metavar="BY A B",
    help="Of a comparison: tag, source, day or where, and both sides. [default: by --since]",
)
@click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: default]")
@output.json_option
@writes
def report(companies: tuple[str, ...], priority: str | None, as_json: bool, **options: Any) -> None:
    """Have a report made by a job. `analytics show JOB` shows it."""
    import queues
    from jobs import analytics
    from topics.analytics import reports
    from topics.scraping import config

    sides = options["compare"] and dict(zip(("by", "a", "b"), options["compare"], strict=True))
    told = {"since": options["since"], "stale_days": options["stale_days"], "compare": sides}
    queue = config.queue_of(priority)
    call = reports.call(
        analytics.make_report,
        options["report_type"],
        companies or None,
        {name: value for name, value in told.items() if value},
        queue,
    )
    made = queues.submit_many([call])[0]
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue})
        return
    output.line(f"{made.job_id} is in the queue {made.queue}. When it is done, `analytics show {made.job_id}` shows the report.")
    warn_of_stops(made.queue)
