"""Webhooks: standing ones, those that came with a submission, their deliveries, and the secret of your submissions."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from state.webhooks.endpoints import Endpoint
from topics.webhooks import endpoints, past, sending, views
from web import access, budget, seen
from web.answers import Listed, ListQuery, listed, reply
from web.api.webhook_models import (
    DeliveryPath,
    NewWebhook,
    Webhook,
    WebhookAttempt,
    WebhookChange,
    WebhookDelivery,
    WebhookMade,
    WebhookPath,
    WebhookRemoved,
    WebhookSecret,
)
from web.errors import RESPONSES

api = APIBlueprint(
    "webhooks",
    __name__,
    url_prefix="/api/v1/webhooks",
    abp_tags=[Tag(name="webhooks", description="Who is told what becomes of jobs, batches and crawls.")],
    abp_responses=RESPONSES,
)


class WebhooksQuery(ListQuery):
    """Which webhooks."""

    job_id: str = Field("", max_length=200, description="Those that came with this job, batch or crawl; '' = standing ones.")


@api.get("", responses={200: Listed[Webhook]})
def list_webhooks(query: WebhooksQuery) -> Response:
    """List webhooks that you may see, the oldest first."""
    found = sorted((one for one in seen.webhooks(query.job_id) if one.id > query.cursor), key=lambda one: one.id)
    page = found[: query.limit]
    return listed(Listed[Webhook], views.endpoints(page), page[-1].id if len(found) > len(page) else "")


@api.post("", responses={201: WebhookMade})
def add_webhook(body: NewWebhook) -> Response:
    """Add a standing webhook. The reply has its secret, this once: keep it to check signatures."""
    parts = (tuple(body.events), tuple(body.kinds), "", body.headers, body.metadata)
    made, secret = endpoints.add(Endpoint("", body.url, body.name, body.style, *parts, seen.owner_of_new_webhook()))
    return reply(WebhookMade, {**views.endpoint(made), "secret": secret}, 201, f"/api/v1/webhooks/{made.id}")


@api.post("/secret", responses={200: WebhookSecret})
def new_secret() -> Response:
    """Make a new secret that signs what comes of your own submissions from now on; it is shown this once."""
    return reply(WebhookSecret, {"secret": endpoints.new_secret_of(access.owner())})


@api.get("/<webhook_id>", responses={200: Webhook})
def show_webhook(path: WebhookPath) -> Response:
    """Show one webhook."""
    return reply(Webhook, views.endpoint(seen.webhook(path.webhook_id)))


@api.patch("/<webhook_id>", responses={200: Webhook})
def change_webhook(path: WebhookPath, body: WebhookChange) -> Response:
    """Switch a webhook on, and have sent what waits for it; or off."""
    endpoints.switch(seen.webhook(path.webhook_id).id, body.enabled)
    return reply(Webhook, views.endpoint(endpoints.find(path.webhook_id)))


@api.delete("/<webhook_id>", responses={200: WebhookRemoved})
def remove_webhook(path: WebhookPath) -> Response:
    """Remove a webhook, with what it was still to be told."""
    endpoints.remove(seen.webhook(path.webhook_id).id)
    return reply(WebhookRemoved, {"id": path.webhook_id})


@api.post("/<webhook_id>/test", responses={200: WebhookAttempt})
def test_webhook(path: WebhookPath) -> Response:
    """Send it a test now, and say what came of it; it takes up to ten seconds."""
    found = seen.webhook(path.webhook_id)
    with budget.waiting():
        return reply(WebhookAttempt, views.attempt(sending.test(found)))


@api.get("/<webhook_id>/deliveries", responses={200: Listed[WebhookDelivery]})
def list_deliveries(path: WebhookPath, query: ListQuery) -> Response:
    """List what it was told in the last days, the newest first, with each try and what it answered."""
    found = past.latest(query.limit, endpoint_id=seen.webhook(path.webhook_id).id, after=query.cursor)
    return listed(Listed[WebhookDelivery], map(views.delivery, found), found[-1].id if len(found) == query.limit else "")


@api.post("/<webhook_id>/deliveries/<delivery_id>/resend", responses={202: WebhookDelivery})
def resend_delivery(path: DeliveryPath) -> Response:
    """Send a delivery again, whatever became of it: the same body under the same id."""
    found = past.find(path.delivery_id, seen.webhook(path.webhook_id).id)
    past.resend(found)
    return reply(WebhookDelivery, views.delivery(past.find(found.id)), 202)
