"""`project`: the tracked domains."""

from collections.abc import Callable
from typing import Any

import rich_click as click

import wording
from commands import competitors, landing_pages, notes, output, shares
from commands.options import PROJECT, yes_option
from commands.root import writes

COLUMNS = ("id", "domain", "active", "keywords", "due", "weight", "country", "language", "device", "depth", "every_h")


def _options(defaults: dict[str, str]) -> Callable[[Any], Any]:
    """The options that say how a project is checked, with what holds where one is not given."""
    made: list[tuple[str, dict[str, Any]]] = [
        ("--name", {"help": "Name for people."}),
        ("--weight", {"type": float, "help": "Share of a batch, relative to other projects."}),
        ("--country", {"metavar": "CC", "help": "Country of the search: a code of Google's gl, e.g. us or gb."}),
        ("--language", {"metavar": "LL", "help": "Language of the search: a code of Google's hl, e.g. en, pt-BR or es-419."}),
        ("--device", {"type": click.Choice(["desktop", "mobile"]), "help": "Device of the search."}),
        ("--depth", {"type": int, "help": "Results to scan: 10, 20 … 100."}),
        ("--every", {"type": float, "metavar": "HOURS", "help": "Hours between checks."}),
        ("--zone", {"metavar": "ZONE", "help": "Time zone of its days, e.g. Europe/Berlin."}),
        ("--hour", {"type": int, "metavar": "0-23", "help": "Hour of the day, in its zone, at which its checks are due."}),
        ("--location", {"metavar": "PLACE", "help": 'Town or region of the search, e.g. "Austin, Texas, United States".'}),
    ]

    def with_options(command: Any) -> Any:
        for flag, words in reversed(made):
            name = flag.removeprefix("--")
            help_text = words["help"] + (f" [default: {defaults[name]}]" if name in defaults else "")
            names = [flag, "every_h"] if name == "every" else [flag]
            command = click.option(*names, **{**words, "help": help_text})(command)
        return command

    return with_options


@click.group("project")
def group() -> None:
    """Tracked domains and how their keywords are checked."""


group.add_command(notes.group)
group.add_command(landing_pages.pages)
for _command in competitors.COMMANDS:
    group.add_command(_command)


@group.command()
@click.argument("domain")
@click.option("--id", help="Short name of the project. [default: made from the name or domain]")
@_options(
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


@group.command("set")
@click.argument("project_id", metavar="ID", type=PROJECT)
@_options({})
@click.option("--no-hour", is_flag=True, help="Check each keyword at its own time again.")
@click.option("--no-location", is_flag=True, help="Search from the whole country again.")
@writes
def set_(project_id: str, no_hour: bool, no_location: bool, **options: Any) -> None:
    """Change how a project is checked. Its history stays, and says what changed when."""
    from state.tracking import keywords
    from topics.tracking import options as settings
    from topics.tracking import projects

    given = _changes(options, {"hour": no_hour, "location": no_location})
    settings.each(given)
    with output.progress("Due times", sum(1 for _ in keywords.ids_of(project_id, archived=None))) as done:
        changes, armed = projects.change(project_id, given, done)
    for change in changes:
        output.line(f"{project_id}: {change}")
    if armed:
        output.line(f"{wording.pluralize(armed, 'keyword')} with another due time.")
    if not changes and not armed:
        output.line(f"Project {project_id} is so already.")


def _changes(options: dict[str, Any], off: dict[str, bool]) -> dict[str, Any]:
    """The settings to change; None = it is taken away. Refuses contradictions, and nothing at all."""
    given = {name: value for name, value in options.items() if value is not None}
    for name in (name for name, is_off in off.items() if is_off):
        if name in given:
            raise click.UsageError(f"--{name} and --no-{name} exclude each other")
        given[name] = None
    if not given:
        raise click.UsageError("Nothing to change: name a setting, e.g. --depth 20")
    return given


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


for command in shares.COMMANDS:
    group.add_command(command)
