"""A password for a command: typed unseen in a terminal, else the first line of standard input; it is never an argument."""

import sys

import rich_click as click
from click import prompt

from commands import output


def asked(*, twice: bool) -> str:
    """What is typed; `twice`: once more, so that a slip is seen."""
    if output.is_terminal(sys.stdin):
        return str(prompt("Password", hide_input=True, confirmation_prompt=twice, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("Send the password as the first line of standard input, or run this in a terminal.")
    return line
