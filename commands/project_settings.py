"""`project add` and `project set`: how a project is checked."""

from typing import Any

import rich_click as click

import wording
from commands import output, project_options
from commands.parameters import PROJECT
from commands.root import writes


@click.command()
@click.argument("domain")
@click.option("--id", help="Short name of the project. [default: made from the name or domain]")
@project_options.options(
    {
        "name": "the domain",
        "weight": "1",
        "country": "us",
        "language": "en",
        "device": "desktop",
        "depth": "10",
        "every": "FETCH_MIN_INTERVAL_HOURS",
        "zone": "UTC",
        "hour": "each keyword at its own time",
        "location": "the country",
    }
)
@writes
def add(domain: str, **options: Any) -> None:
    """Add a project for DOMAIN: a host, a whole domain, *.host or host/path."""
    from topics.tracking import projects

    given = {name: value for name, value in options.items() if value is not None}
    project = projects.add(domain, projects.Options(**given))
    output.line(f"Added project {project.id} for {project.domain}. Next: python manage.py keyword add {project.id} TEXT")


@click.command("set")
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.option("--domain", help="Where it moved: a host, a whole domain, *.host or host/path.")
@project_options.options({})
@click.option("--no-hour", is_flag=True, help="Check each keyword at its own time again.")
@click.option("--no-location", is_flag=True, help="Search from the whole country again.")
@writes
def set_(project_id: str, no_hour: bool, no_location: bool, **options: Any) -> None:
    """Change how a project is checked. Its history stays, and says what changed when."""
    from state.tracking import keywords
    from topics.tracking import options as settings
    from topics.tracking import projects

    given = project_options.changes(options, {"hour": no_hour, "location": no_location})
    settings.each(given)
    with output.progress("Due times", sum(1 for _ in keywords.ids_of(project_id, archived=None))) as done:
        changes, armed = projects.change(project_id, given, done)
    for change in changes:
        output.line(f"{project_id}: {change}")
    if armed:
        output.line(f"{wording.pluralize(armed, 'keyword')} with another due time.")
    if not changes and not armed:
        output.line(f"Project {project_id} is so already.")


COMMANDS = (add, set_)
