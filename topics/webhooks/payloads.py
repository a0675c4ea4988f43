"""What a delivery says, in either style. The pages of a batch or crawl are put in when it is sent: `with_page`."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from state.webhooks.endpoints import Endpoint

#: Bytes of a body. Of a larger one the page is left out.
MOST_BODY = 5 * 2**20

#: Ids of deliveries are made of what they tell: made twice, it is one.
NAMESPACE = uuid.UUID("6f1c0f7e-6c0b-5f0e-9d5e-0a0f4c1f8f11")

#: What Firecrawl calls a batch, and what it knows no word for.
FIRECRAWL_TOPICS = {"batch": "batch_scrape"}
FIRECRAWL_EVENTS = {"cancelled": "failed"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened. `topic`: job, batch or crawl. `event`: started, page, completed, failed, cancelled, test.

    `moment` names this one of several of its kind: when it ended, the number of a page. `facts` are JSON.
    """

    topic: str
    event: str
    target: str
    moment: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    page: str = ""


def type_of(notice: Notice, style: str) -> str:
    """The type of an event: job.completed, batch_scrape.page …"""
    if style == "firecrawl":
        return f"{FIRECRAWL_TOPICS.get(notice.topic, notice.topic)}.{FIRECRAWL_EVENTS.get(notice.event, notice.event)}"
    return f"{notice.topic}.{notice.event}"


def id_of(notice: Notice, endpoint_id: str) -> str:
    """The id of the delivery, the same whenever it is made."""
    return str(uuid.uuid5(NAMESPACE, f"{endpoint_id}|{notice.topic}.{notice.event}|{notice.target}|{notice.moment}"))


def body_of(notice: Notice, endpoint: Endpoint) -> str:
    """The body as JSON, without its page."""
    success = notice.event not in ("failed", "cancelled") and not notice.error
    if endpoint.style == "firecrawl":
        body: dict[str, Any] = {"success": success, "type": type_of(notice, endpoint.style), "id": notice.target}
        body |= {"webhookId": id_of(notice, endpoint.id), "data": [], "metadata": endpoint.metadata}
    else:
        body = {"type": type_of(notice, endpoint.style), "webhook_id": id_of(notice, endpoint.id), "id": notice.target}
        body |= {"created_at": stamp(notice.at), "success": success, notice.topic: notice.facts, "metadata": endpoint.metadata}
    return json.dumps(body | ({"error": notice.error} if notice.error else {}), ensure_ascii=False)


def with_page(body: str, document: dict[str, Any] | None, error: str = "") -> bytes:
    """The body as it is sent, with the document of its page; one that is too large, or gone, is left out and said so."""
    told: dict[str, Any] = json.loads(body)
    told["data"] = [document] if document is not None else []
    if error:
        told |= {"success": False, "error": error}
    sent = encoded(told)
    if len(sent) > MOST_BODY:
        left_out = f"the page has more than {MOST_BODY >> 20} MiB: ask for it"
        sent = encoded(told | {"data": [], "warning": left_out})
    return sent


def encoded(body: dict[str, Any]) -> bytes:
    """JSON as it is sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def stamp(at: datetime) -> str:
    """A time as the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
