"""`network`: sites whose forms are looked for. A password is asked for, or read from standard input; it is never an argument."""

import sys
from typing import Any

import rich_click as click
from click import confirm, prompt

from commands import output
from commands.options import yes_option
from commands.root import writes

COLUMNS = ("id", "name", "url", "has_login", "max_pages", "max_depth", "pages")
NUMBER = click.IntRange(min=1)


@click.group("network")
def group() -> None:
    """Networks: sites whose forms are looked for."""


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
    made = networks.add(url, name, _login(username), "", options)
    output.line(f"{made.name} is network {made.id}: `python manage.py forms discover {made.id}` looks for its forms.")


@group.command("list")
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


@group.command()
@click.argument("network", type=NUMBER)
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
    made = networks.change(networks.named(network).id, given, _login(username), forget_login=no_login)
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


@group.command()
@writes
def rotate() -> None:
    """Encrypt all logins anew with the first key of NETWORK_KEY."""
    from topics.forms import networks

    output.line(f"{networks.rotate():,} logins are encrypted with the first key of NETWORK_KEY: an old one after it can go.")


def _login(username: str | None) -> Any:
    """The login of that name; its password is typed unseen, or is the first line of standard input. None without a name."""
    from topics.forms.locks import Login

    if not username:
        return None
    if output.is_terminal(sys.stdin):
        return Login(username, str(prompt("Password", hide_input=True, err=True)))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("Send the password as the first line of standard input, or run this in a terminal.")
    return Login(username, line)
