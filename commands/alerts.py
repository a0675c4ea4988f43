"""`alerts`: what is wrong now, or was; the commands of its group."""

import rich_click as click

from commands import alert_rules, alert_targets, output, quiet

COLUMNS = ("id", "state", "grade", "since", "what", "fix")


@click.group("alerts")
def group() -> None:
    """Alerts: what is wrong, who is told of it, by which rules, and when it is quiet."""


group.add_command(alert_targets.test)
group.add_command(quiet.quiet)
group.add_command(alert_rules.rules)


@group.command("list")
@click.option("--state", type=click.Choice(["open", "closed", "all"]), default="open", show_default=True, help="what is listed")
@click.option("--project", default="", metavar="ID", help="only those of a project")
@output.json_option
def list_(state: str, project: str, as_json: bool) -> None:
    """List what is wrong now, or was; below, who is told and whether that works."""
    from topics.alerts import views

    found = views.listed(state, project=project)
    if as_json:
        output.json_list([views.facts(one) for one in found])
        return
    shown = map(views.facts, found)
    rows = [[one["id"] or one["key"], *(one[name] for name in ("state", "grade", "since", "title", "fix"))] for one in shown]
    if rows:
        output.table(COLUMNS, rows)
    else:
        output.line("Nothing is wrong." if state == "open" else "Nothing was.")
    alert_targets.say(views.standing())


@group.command()
@click.argument("alert")
@output.json_option
def show(alert: str, as_json: bool) -> None:
    """Show one alert by its id: what is wrong, since when, and what mends it."""
    from topics.alerts import views

    facts = views.facts(views.find(alert))
    if as_json:
        output.as_json(facts)
        return
    lines = facts.pop("lines")
    output.fields((name, value) for name, value in facts.items() if value not in (None, ""))
    for line in lines:
        output.line(f"- {line}")
