"""`serp`: ticks and halts of checks on result pages; the commands of its group."""

from typing import Any

import rich_click as click

import wording
from commands import output, serp_check, serp_export, serp_reparse
from commands.root import warn_of_stops, writes


@click.group("serp")
def group() -> None:
    """Check ranks now, export them, read stored pages again."""


group.add_command(serp_reparse.reparse)
group.add_command(serp_export.export)
group.add_command(serp_check.check)


@group.command()
@output.json_option
@writes
def batch(as_json: bool) -> int:
    """Put the due keywords into the queues now: one tick of the scheduler."""
    from jobs import serp

    done = serp.enqueue_batch()
    if as_json:
        output.as_json(done)
    else:
        output.line(_batch_words(done))
    warn_of_stops()
    return 1 if done["outcome"] in ("halted", "paused") else 0


@group.command()
@writes
def resume() -> None:
    """Fetch again after a halt, e.g. once the token is corrected or credits were bought."""

    from state.tracking import halts

    output.line("Fetching goes on." if halts.resume() else "Nothing was halted.")


def _batch_words(done: dict[str, Any]) -> str:
    freed = f" Freed {wording.pluralize(done['freed'], 'claim')} whose job is gone." if done["freed"] else ""
    if done["outcome"] == "halted":
        return f"Nothing enqueued: {done['reason']} `python manage.py serp resume` ends the halt.{freed}"
    if done["outcome"] == "paused":
        return f"Nothing enqueued: the provider is {done['reason']}.{freed}"
    held = " Held back: the queues are full (SERP_MAX_QUEUE_DEPTH)." if done["outcome"] == "held_back" else ""
    of = wording.pluralize(done["projects"], "project")
    counts = f"{done['total']:,} of {of}: {done['high']:,} high, {done['default']:,} default"
    return f"Enqueued batch of {counts}, in {done['ms']} ms.{held}{freed}"
