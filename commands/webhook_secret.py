"""`webhook secret`: what signs the webhooks that come with submissions."""

import rich_click as click

from commands import output
from commands.root import writes


@click.command()
@click.option("--owner", default="", metavar="KEY_ID", help="Of what this API key submits. [default: of all without a key]")
@writes
def secret(owner: str) -> None:
    """Make a new secret that signs webhooks which come with submissions; it is shown this once."""
    from topics.webhooks import endpoints

    output.line(endpoints.new_secret_of(owner))
    output.warn("Keep it now: it is not shown again. What was submitted before keeps the secret of before.")
