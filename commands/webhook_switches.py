"""`webhook on` and `webhook off`: whether a webhook is told anything."""

import rich_click as click

from commands import output
from commands.root import writes


@click.command()
@click.argument("webhook", metavar="ID")
@writes
def on(webhook: str) -> None:
    """Switch a webhook on again, and have sent what waits for it."""
    from topics.webhooks import endpoints

    endpoints.switch(webhook, on=True)
    output.line(f"The webhook {webhook} is told again.")


@click.command()
@click.argument("webhook", metavar="ID")
@writes
def off(webhook: str) -> None:
    """Switch a webhook off: it is told nothing until it is switched on."""
    from topics.webhooks import endpoints

    endpoints.switch(webhook, on=False)
    output.line(f"The webhook {webhook} is told nothing any more: `webhook on {webhook}` ends that.")


COMMANDS = (on, off)
