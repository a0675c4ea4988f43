"""`user`: people who log in. A password is asked for, or read from standard input; it is never an argument."""

import sys

import rich_click as click
from click import confirm, prompt

from commands import output
from commands.options import address, yes_option
from commands.root import writes

COLUMNS = ("name", "role", "made_at", "changed_at")


@click.group("user")
def group() -> None:
    """People: made, listed, removed, another password."""


@group.command()
@click.argument("name")
@click.option("--role", default="viewer", metavar="ROLE", help="viewer, operator or admin. [default: viewer]")
@writes
def add(name: str, role: str) -> None:
    """Make a person. The password is asked for; in a script, send it as the first line of standard input."""
    from topics.access import roles, users

    wanted = roles.named(role)
    user = users.add(name, wanted, _password())
    output.line(f"{user.name} may log in as {user.role.word}.")


@group.command()
@click.argument("name")
@writes
def passwd(name: str) -> None:
    """Set another password; all sessions of that person end."""
    from topics.access import users

    users.find(name)
    user = users.set_password(name, _password())
    output.line(f"{user.name} has another password, and was logged out everywhere.")


@group.command()
@click.argument("name")
@click.argument("role")
@writes
def role(name: str, role: str) -> None:
    """Give a person another role: viewer, operator or admin."""
    from topics.access import users

    user = users.set_role(name, role)
    output.line(f"{user.name} is {user.role.word} now, within 5 s.")


@group.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List people with their roles."""
    from topics.access import users

    found = users.every()
    if as_json:
        output.as_json([{"name": one.name, "role": one.role.word, "made_at": one.made_at} for one in found])
    elif found:
        output.table(COLUMNS, [(one.name, one.role.word, one.made_at, one.changed_at) for one in found])
    else:
        output.line("There is nobody: `python manage.py user add NAME` makes a person.")


@group.command()
@click.argument("name")
@yes_option
@writes
def remove(name: str, yes: bool) -> None:
    """Remove a person, and log them out everywhere."""
    from topics.access import users

    if not yes:
        confirm(f"Remove {users.find(name).name}?", abort=True, err=True)
    user = users.remove(name)
    output.line(f"{user.name} is removed, and logged out everywhere.")


@click.command("web_login")
@click.argument("name")
@writes
def web_login(name: str) -> None:
    """Print a link that logs a person in once, without a password. It is good for some minutes."""
    from topics.access import login_links

    user, token, until = login_links.make(name)
    output.line(address(f"/login/link/{token}"))
    output.warn(f"It logs in {user.name} ({user.role.word}) once, until {until:%H:%M} UTC. Whoever has it can use it.")


COMMANDS = (web_login,)


def _password() -> str:
    """What is typed, twice and unseen; without a terminal, the first line of standard input."""
    if output.is_terminal(sys.stdin):
        return str(prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("Send the password as the first line of standard input, or run this in a terminal.")
    return line
