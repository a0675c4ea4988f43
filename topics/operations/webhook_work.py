"""The work of webhooks: the outbox becomes deliveries, deliveries are sent, and what nobody comes for is found."""

from collections.abc import Iterable, Iterator
from typing import Any

import chunks
import clock
from errors import NotFound
from state.engine import outbox
from state.engine.changes import Change
from state.engine.outbox import Entry
from state.store import connection
from state.webhooks import deliveries, endpoints, rousing
from state.webhooks.deliveries import Delivery
from state.webhooks.endpoints import Endpoint
from topics.operations import notices
from topics.scraping import documents, single_records
from topics.webhooks import payloads, sending
from topics.webhooks.payloads import Notice

#: Seconds for which one job reads the outbox, and deliveries that are made in one step.
SLICE_S, CHUNK = 30.0, 100


def dispatch() -> dict[str, int]:
    """Make deliveries of what is in the outbox. An entry leaves it in the step that makes the last of its deliveries."""
    ends_at, made = clock.monotonic() + SLICE_S, 0
    with connection.errors_translated():
        while clock.monotonic() < ends_at and (entries := outbox.take()):
            standing = [one for one in endpoints.standing() if not one.off]
            ids = [change.job_id for entry in entries for change in entry.changes]
            own = dict(zip(ids, endpoints.of_targets(ids), strict=True))
            for entry in entries:
                made += _accept(entry, [new for change in entry.changes for new in _new(change, own[change.job_id], standing)])
    return {"made": made}


def _accept(entry: Entry, new: list[deliveries.New]) -> int:
    parts = list(chunks.of(new, CHUNK)) or [[]]
    return sum(deliveries.accept(part, entry.id if number == len(parts) else "") for number, part in enumerate(parts, 1))


def _new(change: Change, own: Iterable[Endpoint], standing: Iterable[Endpoint]) -> Iterator[deliveries.New]:
    """The deliveries that a change leads to."""
    told = [*own, *(one for one in standing if _is_told(one, change))]
    notice = notices.of(change) if told else None
    if notice is None:
        return
    for endpoint in told:
        if _wants(endpoint, notice):
            id_ = payloads.id_of(notice, endpoint.id)
            type_ = payloads.type_of(notice, endpoint.style)
            yield deliveries.New(id_, endpoint.id, type_, notice.target, payloads.body_of(notice, endpoint), notice.page)


def _is_told(endpoint: Endpoint, change: Change) -> bool:
    """Whether a standing endpoint is told of this job, batch or crawl."""
    if endpoint.owner and getattr(change, "owner", "") != endpoint.owner:
        return False
    return change.kind in endpoint.kinds if endpoint.kinds else change.kind not in notices.OWN_KINDS


def _wants(endpoint: Endpoint, notice: Notice) -> bool:
    event = notice.event
    if endpoint.style == "firecrawl":
        event = payloads.FIRECRAWL_EVENTS.get(event, event)
    return event in endpoint.events


def deliver(endpoint_id: str) -> dict[str, int]:
    """Send what is due at an endpoint. Raises NotNow where something is due later."""
    return sending.run(endpoint_id, build)


def build(delivery: Delivery, endpoint: Endpoint) -> bytes:
    """The body of a delivery as it is sent."""
    if not delivery.page:
        return delivery.body.encode(errors="replace")
    try:
        record = single_records.find(delivery.target, int(delivery.page))
    except NotFound as exc:
        return payloads.with_page(delivery.body, None, str(exc))
    error = "" if record["outcome"] == "done" else str(record.get("error") or record.get("category") or "the page failed")
    return payloads.with_page(delivery.body, _document(record, endpoint.style, error), error)


def _document(record: dict[str, Any], style: str, error: str) -> dict[str, Any]:
    """The page as an endpoint is told it; of one that failed at least its address (firecrawl#2576)."""
    if style != "firecrawl":
        return record
    if not error:
        return documents.of(record)
    said = {"sourceURL": record["url"], "url": record.get("final_url") or record["url"], "error": error}
    return {"metadata": said | ({"statusCode": int(record["status"])} if record.get("status") else {})}


def tend() -> dict[str, int]:
    """Have sent what nobody comes for: what sends was lost with its server's memory, or waits in a queue that is paused."""
    with connection.errors_translated():
        roused = int(outbox.rouse())
        return {"roused": roused + sum(map(rousing.rouse, rousing.overdue()))}
