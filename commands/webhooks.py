"""`webhook`: who is told what becomes of jobs, batches and crawls, and what they were told."""

from typing import Any

import rich_click as click

from commands import output
from commands.root import traced, writes

COLUMNS = ("id", "name", "url", "state", "events", "kinds", "waiting", "delivered", "given_up", "reason")
EVENTS = "started, page, completed, failed, cancelled, alert.opened, alert.worse, alert.recovered"
DELIVERIES = ("id", "type", "job_id", "status", "tries", "last", "ms", "created_at", "message")


@click.group("webhook")
def group() -> None:
    """Webhooks: added, tested, and what they were told."""


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


@group.command()
@click.argument("webhook", metavar="ID")
@writes
def on(webhook: str) -> None:
    """Switch a webhook on again, and have sent what waits for it."""
    from topics.webhooks import endpoints

    endpoints.switch(webhook, on=True)
    output.line(f"The webhook {webhook} is told again.")


@group.command()
@click.argument("webhook", metavar="ID")
@writes
def off(webhook: str) -> None:
    """Switch a webhook off: it is told nothing until it is switched on."""
    from topics.webhooks import endpoints

    endpoints.switch(webhook, on=False)
    output.line(f"The webhook {webhook} is told nothing any more: `webhook on {webhook}` ends that.")


@group.command()
@click.argument("webhook", metavar="ID")
@output.json_option
@click.pass_context
@traced
def test(context: click.Context, webhook: str, as_json: bool) -> None:
    """Send a webhook a test now, and say what came of it. Exit code 1 where it did not arrive."""
    from topics.webhooks import endpoints, sending, views

    told = views.attempt(sending.test(endpoints.find(webhook)))
    if as_json:
        output.as_json(told)
    else:
        arrived = "It arrived" if told["ok"] else "It did not arrive"
        output.line(f"{arrived}: {told['message']} after {told['ms']} ms. {told['reply']}")
    if not told["ok"]:
        context.exit(1)


@group.command()
@click.argument("webhook", metavar="[ID]", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help="So many at most. [default: 50]")
@output.json_option
def deliveries(webhook: str | None, limit: int, as_json: bool) -> None:
    """List what webhooks were told in the last days, the newest first."""
    from topics.webhooks import endpoints, past, views

    if webhook:
        endpoints.find(webhook)
    found = [views.delivery(one) for one in past.latest(limit, endpoint_id=webhook or "")]
    if as_json:
        output.as_json(found)
    else:
        output.table(DELIVERIES, [_row(one) for one in found])


@group.command()
@click.argument("delivery", metavar="DELIVERY")
@writes
def resend(delivery: str) -> None:
    """Send a delivery again, whatever became of it: the same body under the same id."""
    from topics.webhooks import past

    past.resend(past.find(delivery))
    output.line(f"The delivery {delivery} is sent again: `webhook deliveries` says what comes of it.")


@group.command()
@click.option("--owner", default="", metavar="KEY_ID", help="Of what this API key submits. [default: of all without a key]")
@writes
def secret(owner: str) -> None:
    """Make a new secret that signs webhooks which come with submissions; it is shown this once."""
    from topics.webhooks import endpoints

    output.line(endpoints.new_secret_of(owner))
    output.warn("Keep it now: it is not shown again. What was submitted before keeps the secret of before.")


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    from errors import ArgumentError

    if wrong := next((one for one in given if ":" not in one), None):
        raise ArgumentError(f"--header {wrong.partition(' ')[0]!r:.40}: write NAME:VALUE.")
    pairs = (one.partition(":") for one in given)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _shown(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _row(told: dict[str, Any]) -> list[object]:
    last = told["attempts"][-1] if told["attempts"] else {}
    values = {**told, "last": last.get("status"), "ms": last.get("ms"), "message": last.get("message")}
    return [values[name] for name in DELIVERIES]
