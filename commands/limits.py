"""`limit`: how many jobs of a kind may run at a time."""

import rich_click as click

import wording
from commands import output
from commands.root import writes

COLUMNS = ("kind", "most", "running", "blocked")


@click.group("limit")
def group() -> None:
    """How many jobs of a kind may run at a time, over all workers; changed while they run."""


@group.command("set")
@click.argument("kind")
@click.argument("most", type=click.IntRange(0, 1_000_000), metavar="N")
@writes
def set_(kind: str, most: int) -> None:
    """Let at most N jobs of KIND run at a time; 0 blocks all. Jobs that run are not stopped."""
    from topics.operations import limits

    limits.put(kind, most)
    output.line(f"At most {wording.pluralize(most, 'job')} of the kind {kind} from now on, over all workers.")


@group.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List the limits, how many jobs run under each, and how many each of them blocks."""
    import queues
    from state.engine import limits

    found = limits.every(queues.QUEUES)
    if as_json:
        output.json_list(found)
    else:
        output.table(COLUMNS, [[getattr(one, name) for name in COLUMNS] for one in found])


@group.command()
@click.argument("kind")
@writes
def remove(kind: str) -> None:
    """Take the limit of KIND away; jobs that it blocked start first."""
    from state.engine import limits

    limits.remove(kind)
    output.line(f"No limit for the kind {kind} any more.")
