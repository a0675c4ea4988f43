"""One webhook: whom it tells, and each delivery with what was answered."""

from flask import Flask, Response

from topics.webhooks import past, views
from web import access, seen
from web.access import Role
from web.pages import frame, tables, webhooks
from web.pages.tables import Column, Part

DELIVERIES = (
    Column("created_at", "Made"),
    Column("type", "Event"),
    Column("job_id", "Of"),
    Column("status", "State"),
    Column("tries", "Tries", numeric=True),
    Column("next_try_at", "Next try"),
    Column("attempts", "What it answered"),
    Column("id", "Delivery"),
)

NEVER = "It was told nothing in the last eight days: send it a test."


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/webhooks/<webhook_id>", "webhook_page", webhook_page)


@access.needs(Role.VIEWER)
def webhook_page(webhook_id: str) -> Response:
    """One webhook with its deliveries."""
    one = seen.webhook(webhook_id)

    def read(limit: int, cursor: str) -> Part:
        found = past.latest(limit, endpoint_id=one.id, after=cursor)
        return Part([views.delivery(each) for each in found], found[-1].id if len(found) == limit else "")

    if file := tables.wanted_file("deliveries", DELIVERIES, read):
        return file
    table = tables.make("deliveries", "What it was told in the last eight days, the newest first", DELIVERIES, read, NEVER)
    told = views.endpoint(one)
    return frame.show("webhook.html", f"Webhook {one.name or one.id}", told=told, last=webhooks.last_of(told), found=table)
