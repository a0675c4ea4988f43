"""`history`: the jobs that ended, by any of what is known of them."""

import dataclasses
from typing import Any

import rich_click as click

from commands import output
from commands.options import cursor_option, limit_option
from commands.parameters import Moment

COLUMNS = ("ended", "id", "status", "kind", "took_s", "attempts", "category", "host", "tag", "project")


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


COMMANDS = (history,)


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
