"""`webhook`: who is told what becomes of jobs, batches and crawls."""

from typing import Any

import rich_click as click

from commands import output, webhook_deliveries, webhook_secret, webhook_switches
from commands.root import writes

COLUMNS = ("id", "name", "url", "state", "events", "kinds", "waiting", "delivered", "given_up", "reason")
EVENTS = "started, page, completed, failed, cancelled, alert.opened, alert.worse, alert.recovered"


@click.group("webhook")
def group() -> None:
    """Webhooks: added, tested, and what they were told."""


for command in (*webhook_switches.COMMANDS, *webhook_deliveries.COMMANDS, webhook_secret.secret):
    group.add_command(command)


@group.command()
@click.argument("webhook_url", metavar="URL")
@click.option("--name", required=True, help="What you call it.")
@click.option("--event", "events", multiple=True, metavar="EVENT", help=f"Out of {EVENTS}. [default: the ends]")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only jobs of this kind. [default: all but maintenance]")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent with each delivery.")
@click.option("--style", default="trawl", metavar="STYLE", help="trawl or firecrawl. [default: trawl]")
@output.json_option
@writes
def add(webhook_url: str, name: str, as_json: bool, headers: tuple[str, ...], **options: Any) -> None:
    """Have URL told what becomes of all jobs, and show the secret that signs it: this once, and never again."""
    from state.webhooks.endpoints import Endpoint
    from topics.webhooks import endpoints

    given = Endpoint("", webhook_url, name, options["style"], options["events"], options["kinds"], headers=_headers(headers))
    made, secret = endpoints.add(given)
    if as_json:
        output.as_json({"id": made.id, "name": made.name, "secret": secret})
        return
    output.line(secret)
    output.warn(f"That is the secret of the webhook {made.name} ({made.id}). Keep it now: it is not shown again.")


@group.command("list")
@click.option("--job", "job_id", metavar="ID", help="Those that came with this job, batch or crawl.")
@output.json_option
def list_(job_id: str | None, as_json: bool) -> None:
    """List webhooks: the standing ones, or those of one submission."""
    from topics.webhooks import endpoints, views

    found = [views.endpoint(one) for one in (endpoints.of_job(job_id) if job_id else endpoints.standing())]
    if as_json:
        output.as_json(found)
    elif found:
        output.table(COLUMNS, [[_shown(one[name]) for name in COLUMNS] for one in found])
    else:
        output.line("There is no webhook: `python manage.py webhook add URL --name NAME` adds one.")


@group.command()
@click.argument("webhook", metavar="ID")
@writes
def remove(webhook: str) -> None:
    """Remove a webhook, with what it was still to be told."""
    from topics.webhooks import endpoints

    endpoints.remove(webhook)
    output.line(f"The webhook {webhook} is removed.")


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    from errors import ArgumentError

    if wrong := next((one for one in given if ":" not in one), None):
        raise ArgumentError(f"--header {wrong.partition(' ')[0]!r:.40}: write NAME:VALUE.")
    pairs = (one.partition(":") for one in given)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _shown(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value
