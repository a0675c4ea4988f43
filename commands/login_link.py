"""`web_login`: a link that logs a person in once."""

import rich_click as click

from commands import output
from commands.options import address
from commands.root import writes


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
