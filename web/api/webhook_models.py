"""Bodies and replies of the routes of webhooks."""

from typing import Any, Literal

from pydantic import Field

from web.answers import Moment, Reply
from web.models import Strict

Event = Literal["started", "page", "completed", "failed", "cancelled"]


class WebhookPath(Strict):
    """Which webhook."""

    webhook_id: str = Field(max_length=60)


class DeliveryPath(WebhookPath):
    """Which delivery of it."""

    delivery_id: str = Field(max_length=60)


class NewWebhook(Strict):
    """A standing webhook: it is told of all jobs that you may see."""

    url: str = Field(max_length=2000, description="Where it is sent: http or https, a public address.")
    name: str = Field(max_length=60, description="What you call it.")
    events: list[Event] = Field(["completed", "failed", "cancelled"], min_length=1, description="What it is told.")
    kinds: list[str] = Field([], max_length=50, description="Only jobs of these kinds; [] = all but maintenance.")
    headers: dict[str, str] = Field({}, description="Sent with each delivery. Their values are never shown again.")
    metadata: dict[str, Any] = Field({}, description="Sent in each body as it is.")
    style: Literal["trawl", "firecrawl"] = Field("trawl", description="The shape of bodies and signature.")


class WebhookChange(Strict):
    """What is to change."""

    enabled: bool = Field(description="false: it is told nothing. true: it is told again, with what waits.")


class Webhook(Reply):
    """A webhook, without its secrets."""

    id: str
    name: str
    url: str
    state: Literal["on", "failing", "off"]
    reason: str
    events: list[str]
    kinds: list[str]
    style: str
    job_id: str
    owner: str
    headers: list[str]
    signed: bool
    waiting: int
    delivered: int
    given_up: int
    dropped: int
    failures_in_a_row: int
    failing_since: Moment | None
    last_delivered_at: Moment | None
    created_at: Moment | None


class WebhookMade(Webhook):
    """A new webhook, with the secret that signs what it is sent: shown this once."""

    secret: str


class WebhookAttempt(Reply):
    """One try to deliver."""

    at: str
    ok: bool
    status: int | None
    ms: int
    message: str
    reply: str


class WebhookDelivery(Reply):
    """A delivery with all its tries."""

    id: str
    webhook_id: str
    type: str
    job_id: str
    status: Literal["pending", "delivered", "given_up"]
    tries: int
    created_at: Moment | None
    next_try_at: Moment | None
    attempts: list[WebhookAttempt]


class WebhookSecret(Reply):
    """The secret that signs what comes of your submissions: shown this once."""

    secret: str


class WebhookRemoved(Reply):
    """A webhook that is gone."""

    id: str
    removed: bool = True
