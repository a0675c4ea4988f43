"""The logins of networks, and `network rotate`, which encrypts them anew."""

from typing import Any

import rich_click as click

from commands import output, passwords
from commands.root import writes


@click.command()
@writes
def rotate() -> None:
    """Encrypt all logins anew with the first key of NETWORK_KEY."""
    from topics.forms import networks

    output.line(f"{networks.rotate():,} logins are encrypted with the first key of NETWORK_KEY: an old one after it can go.")


def asked(username: str | None) -> Any:
    """The login of that name; its password is typed unseen, or is the first line of standard input. None without a name."""
    from topics.forms.locks import Login

    return Login(username, passwords.asked(twice=False)) if username else None
