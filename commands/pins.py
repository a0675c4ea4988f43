"""`project pin` and `project unpin`: domains whose course beside a project is always counted."""

import rich_click as click

from commands import output
from commands.parameters import PROJECT
from commands.root import writes


@click.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.argument("domain")
@writes
def pin(project_id: str, domain: str) -> None:
    """Pin DOMAIN as a competitor, so that its course is always counted; ten at most."""
    from topics.tracking import competitors

    output.line(f"{competitors.pin(project_id, domain)} is pinned to {project_id}.")


@click.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.argument("domain")
@writes
def unpin(project_id: str, domain: str) -> None:
    """Take the pin of DOMAIN away."""
    from topics.tracking import competitors

    output.line(f"{competitors.unpin(project_id, domain)} is not pinned to {project_id} any more.")
