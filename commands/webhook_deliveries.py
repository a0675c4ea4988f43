"""`webhook deliveries`, `resend` and `test`: what webhooks are told."""

from typing import Any

import rich_click as click

from commands import output
from commands.root import traced, writes

DELIVERIES = ("id", "type", "job_id", "status", "tries", "last", "ms", "created_at", "message")


@click.command()
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


@click.command()
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


@click.command()
@click.argument("delivery", metavar="DELIVERY")
@writes
def resend(delivery: str) -> None:
    """Send a delivery again, whatever became of it: the same body under the same id."""
    from topics.webhooks import past

    past.resend(past.find(delivery))
    output.line(f"The delivery {delivery} is sent again: `webhook deliveries` says what comes of it.")


COMMANDS = (test, deliveries, resend)


def _row(told: dict[str, Any]) -> list[object]:
    last = told["attempts"][-1] if told["attempts"] else {}
    values = {**told, "last": last.get("status"), "ms": last.get("ms"), "message": last.get("message")}
    return [values[name] for name in DELIVERIES]
