"""`project`: the tracked domains; the commands of its group."""

import rich_click as click

import wording
from commands import competitors, landing_pages, notes, output, project_settings, shares
from commands.options import yes_option
from commands.parameters import PROJECT
from commands.root import writes

COLUMNS = ("id", "domain", "active", "keywords", "due", "weight", "country", "language", "device", "depth", "every_h")


@click.group("project")
def group() -> None:
    """Tracked domains and how their keywords are checked."""


OTHERS = (notes.group, landing_pages.pages, *project_settings.COMMANDS, *competitors.COMMANDS, *shares.COMMANDS)

for command in OTHERS:
    group.add_command(command)


@group.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List all projects."""
    from topics.operations import views

    found = views.every_project()
    if as_json:
        output.json_list(found)
    else:
        output.table(COLUMNS, [[row[name] for name in COLUMNS] for row in found])


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@output.json_option
def show(project_id: str, as_json: bool) -> None:
    """Show one project."""
    from topics.operations import views

    found = views.project(project_id)
    if as_json:
        output.as_json(found)
    else:
        reasons, changes, suspects = found.pop("waits_for"), found.pop("changes"), found.pop("suspects")
        changed = [("changed", f"{one['says']} ({one['at']:%Y-%m-%d %H:%M} UTC)") for one in changes]
        held = [("mass drop", one["says"]) for one in suspects]
        output.fields([*found.items(), *held, *changed, *(("waits", reason) for reason in reasons)])


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@writes
def activate(project_id: str) -> None:
    """Let a project take part in batches again."""
    from state.tracking import projects

    projects.set_active(project_id, True)
    output.line(f"Project {project_id} is active.")


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@writes
def deactivate(project_id: str) -> None:
    """Keep a project out of batches; nothing is lost."""
    from state.tracking import projects

    projects.set_active(project_id, False)
    output.line(f"Project {project_id} is inactive: its keywords are not checked until `project activate {project_id}`.")


@group.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@yes_option
@writes
def remove(project_id: str, yes: bool) -> None:
    """Remove a project with its keywords and their history; stored pages stay."""
    from state.tracking import keywords
    from state.tracking import projects as stored
    from topics.tracking import projects

    project = stored.get(project_id)
    count = sum(1 for _ in keywords.ids_of(project_id, archived=None))
    holds = wording.pluralize(count, "keyword")
    if not yes:
        click.confirm(f"Remove project {project_id} ({project.domain}) with {holds} and all history?", abort=True, err=True)
    with output.progress(f"Removing {project_id}", count) as done:
        removed = projects.remove(project_id, done)
    removed_words = wording.pluralize(removed, "keyword")
    output.line(f"Removed {project_id} with {removed_words}. What is stored below {project.folder}/ stays.")
