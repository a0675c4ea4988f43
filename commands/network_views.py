"""`network list` and `network show`: networks, and what was found at each."""

import rich_click as click

from commands import output

COLUMNS = ("id", "name", "url", "has_login", "max_pages", "max_depth", "pages")


@click.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List the networks and what was found at each."""
    from topics.forms import networks

    found = networks.views(networks.every())
    if as_json:
        output.as_json(found)
    elif found:
        output.table(COLUMNS, [[one[name] for name in COLUMNS] for one in found])
    else:
        output.line("There is no network: `python manage.py network add URL --name NAME` adds one.")


@click.command()
@click.argument("network", type=click.IntRange(min=1))
@output.json_option
def show(network: int, as_json: bool) -> None:
    """Show a network, and what its last discovery found."""
    from topics.forms import networks

    told = networks.views([networks.named(network)])[0]
    if as_json:
        output.as_json(told)
        return
    last = told.pop("last")
    output.fields([*told.items(), *((name, value) for name, value in last.items() if isinstance(value, int))])
    for one in last.get("changed", []):
        output.line(f"{one['what']}: a form of type {one['form_type']} on {one['page']}")
    for one in last.get("unread", []):
        output.line(f"not read: {one['url']}: {one['why']}")


COMMANDS = (list_, show)
