"""What commands of `lead` share that submit a job: the tags of companies, a priority, and what is said of the job."""

from typing import Any

import rich_click as click

from commands import output

tag_option = click.option("--tag", "tags", multiple=True, help="For the companies; may be repeated.")
priority_option = click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: high]")


def queue_of(priority: str | None) -> str | None:
    """The queue of a priority; None where none is given."""
    from topics.scraping import config

    return config.queue_of(priority) if priority else None


def submit(call: Any, then: str, as_json: bool) -> None:
    """Submit a call, and say where its job is."""
    import queues

    say(queues.submit_many([call])[0], then, as_json)


def say(made: Any, then: str, as_json: bool) -> None:
    """Say where a job is; `then`: what there is when it is done."""
    for warning in made.warnings:
        output.warn(f"Warning: {warning}")
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue})
    else:
        output.line(f"{made.job_id} is in the queue {made.queue}. When it is done, {then}.")
