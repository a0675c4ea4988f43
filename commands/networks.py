"""`network`: sites whose forms are looked for; the commands of its group."""

from typing import Any

import rich_click as click
from click import confirm

from commands import network_logins, network_views, output
from commands.options import yes_option
from commands.root import writes

NUMBER = click.IntRange(min=1)


@click.group("network")
def group() -> None:
    """Networks: sites whose forms are looked for."""


group.add_command(network_logins.rotate)


for command in network_views.COMMANDS:
    group.add_command(command)


@group.command()
@click.argument("url")
@click.option("--name", required=True, help="What you call it.")
@click.option(
    "--user", "username", metavar="NAME", help="Log in by this name; the password is asked for, or read from standard input."
)
@click.option("--login-url", default="", metavar="URL", help="The page of its login form. [default: it is looked for]")
@click.option("--max-pages", type=int, default=100, metavar="N", help="Pages that a discovery reads at most. [default: 100]")
@click.option("--max-depth", type=int, default=5, metavar="N", help="Links from the first page. [default: 5]")
@click.option("--render", is_flag=True, help="Read its pages after their scripts ran: needs requirements-browser.txt.")
@writes
def add(url: str, name: str, username: str | None, **options: Any) -> None:
    """Add a network that begins at URL."""
    from topics.forms import locks, networks

    if username:
        locks.check()
    made = networks.add(url, name, network_logins.asked(username), "", options)
    output.line(f"{made.name} is network {made.id}: `python manage.py forms discover {made.id}` looks for its forms.")


@group.command("set")
@click.argument("network", type=NUMBER)
@click.option("--url", help="Where it begins; another site forgets the login.")
@click.option("--name", help="What you call it.")
@click.option(
    "--user", "username", metavar="NAME", help="Log in by this name; the password is asked for, or read from standard input."
)
@click.option("--no-login", is_flag=True, help="Forget its login.")
@click.option("--login-url", metavar="URL", help="The page of its login form; '' = it is looked for.")
@click.option("--max-pages", type=int, metavar="N", help="Pages that a discovery reads at most.")
@click.option("--max-depth", type=int, metavar="N", help="Links from the first page.")
@click.option("--render/--no-render", default=None, help="Whether its pages are read after their scripts ran.")
@writes
def set_(network: int, username: str | None, no_login: bool, **fields: Any) -> None:
    """Change a network; what was found stays."""
    from topics.forms import networks

    given = {name: value for name, value in fields.items() if value is not None}
    made = networks.change(networks.named(network).id, given, network_logins.asked(username), forget_login=no_login)
    output.line(f"Network {made.id} is changed; it {'has a' if made.credentials else 'has no'} login.")


@group.command()
@click.argument("network", type=NUMBER)
@yes_option
@writes
def remove(network: int, yes: bool) -> None:
    """Remove a network with its login and the forms that were found."""
    from topics.forms import networks

    if not yes:
        confirm(f"Remove {networks.named(network).name} with its forms?", abort=True, err=True)
    output.line(f"{networks.remove(network).name} is removed.")
