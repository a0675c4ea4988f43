"""`user`: people who log in."""

import rich_click as click
from click import confirm

from commands import output, passwords
from commands.options import yes_option
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
    user = users.add(name, wanted, passwords.asked(twice=True))
    output.line(f"{user.name} may log in as {user.role.word}.")


@group.command()
@click.argument("name")
@writes
def passwd(name: str) -> None:
    """Set another password; all sessions of that person end."""
    from topics.access import users

    users.find(name)
    user = users.set_password(name, passwords.asked(twice=True))
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
