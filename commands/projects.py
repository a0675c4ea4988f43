"""`project`: the tracked domains."""

from typing import Any

import rich_click as click

from commands import output
from commands.arguments import PROJECT, yes_option
from commands.program import writes

COLUMNS = ("id", "domain", "active", "keywords", "due", "weight", "country", "language", "device", "depth", "every_h")


@click.group("project")
def group() -> None:
    """Tracked domains and how their keywords are checked."""


@group.command()
@click.argument("domain")
@click.option("--id", help="Short name of the project. [default: made from the name or domain]")
@click.option("--name", help="Name for people. [default: the domain]")
@click.option("--weight", type=float, help="Share of a batch, relative to other projects. [default: 1]")
@click.option("--country", metavar="CC", help="Country of the search, two letters. [default: us]")
@click.option("--language", metavar="LL", help="Language of the search. [default: en]")
@click.option("--device", type=click.Choice(["desktop", "mobile"]), help="Device of the search. [default: desktop]")
@click.option("--depth", type=int, help="Results to scan: 10, 20 … 100. [default: 10]")
@click.option("--every", "every_h", type=float, metavar="HOURS", help="Hours between checks. [default: FETCH_MIN_INTERVAL_HOURS]")
@writes
def add(domain: str, **options: Any) -> None:
    """Add a project for DOMAIN: a host, a whole domain, *.host or host/path."""
    from tracking import projects

    given = {name: value for name, value in options.items() if value is not None}
    project = projects.add(domain, projects.Options(**given))
    output.line(f"Added project {project.id} for {project.domain}. Next: python manage.py keyword add {project.id} TEXT")


@group.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List all projects."""
    from commands import facts

    found = facts.every_project()
    if as_json:
        output.json_list(found)
    else:
        output.table(COLUMNS, [[row[name] for name in COLUMNS] for row in found])


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@output.json_option
def show(project_id: str, as_json: bool) -> None:
    """Show one project."""
    from commands import facts

    found = facts.project(project_id)
    if as_json:
        output.as_json(found)
    else:
        reasons = found.pop("waits_for")
        output.card([*found.items(), *(("waits", reason) for reason in reasons)])


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@writes
def activate(project_id: str) -> None:
    """Let a project take part in batches again."""
    from state import projects

    projects.set_active(project_id, True)
    output.line(f"Project {project_id} is active.")


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@writes
def deactivate(project_id: str) -> None:
    """Keep a project out of batches; nothing is lost."""
    from state import projects

    projects.set_active(project_id, False)
    output.line(f"Project {project_id} rests: its keywords are not checked until `project activate {project_id}`.")


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@yes_option
@writes
def remove(project_id: str, yes: bool) -> None:
    """Remove a project with its keywords and their history; stored pages stay."""
    from state import keywords
    from state import projects as stored
    from tracking import projects

    project = stored.get(project_id)
    count = sum(1 for _ in keywords.ids_of(project_id, archived=None))
    holds = output.many(count, "keyword")
    if not yes:
        click.confirm(f"Remove project {project_id} ({project.domain}) with {holds} and all history?", abort=True, err=True)
    with output.progress(f"Removing {project_id}", count) as done:
        removed = projects.remove(project_id, done)
    output.line(f"Removed {project_id} with {output.many(removed, 'keyword')}. What is stored below {project.folder}/ stays.")
