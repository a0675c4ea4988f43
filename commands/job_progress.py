"""`jobs progress`: how far a job is."""

import dataclasses
import json
from typing import Any

import rich_click as click

from commands import output

#: Seconds between two looks of `progress --wait`.
LOOK_S = 0.5


@click.command()
@click.argument("job_id", metavar="JOB")
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


def _waited(job_id: str) -> Any:
    """The progress of a job that ended, with a bar while it does not."""
    import clock
    from topics.operations import jobs, states

    with output.progress(job_id, 100) as done:
        while (found := jobs.get_job_progress(job_id)).status not in states.ENDED:
            done(int(found.progress_percentage or 0))
            clock.wait(LOOK_S)
    return found


def words(told: dict[str, Any]) -> str:
    """What a job tells of its progress, on one line."""
    of = f" of {told['total']:,}" if told["total"] is not None else ""
    details = f" ({_worded(told['details'])})" if told["details"] else ""
    return f"{told['step']:,}{of}{': ' if told['message'] else ''}{told['message']}{details}"


def _worded(value: object) -> object:
    """What a job tells beside its steps, on one line."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
