"""Sending: a job takes what is due at one endpoint, one after the other, for some seconds, and comes back for the rest."""

import logging
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import clock
import logs
from clients.fetch import posting
from clients.fetch.messages import retry_after_s
from errors import DataError, NotNow, TrawlError
from state.store import connection
from state.webhooks import deliveries, rousing
from state.webhooks import logs as log_of_deliveries
from state.webhooks.deliveries import Delivery, Rest, Taken
from state.webhooks.endpoints import Endpoint
from topics.webhooks import payloads, signing, tries
from topics.webhooks.payloads import Notice

log = logging.getLogger("trawl.webhooks")

#: Seconds within which an endpoint must answer 2xx, and for which one job sends.
ANSWER_S, SLICE_S = 10.0, 30.0

#: So many deliveries of one endpoint are sent at a time, where more than so many wait.
AT_ONCE, MANY = 4, 8

#: Characters of an answer that are kept.
MOST_REPLY = 500

Build = Callable[[Delivery, Endpoint], bytes]


def run(endpoint_id: str, build: Build) -> dict[str, int]:
    """Send what is due at an endpoint. `build` makes the body of a delivery. Raises NotNow where something is due later."""
    ends_at, counts = clock.monotonic() + SLICE_S, {"delivered": 0, "failed": 0}
    with connection.errors_translated(), ThreadPoolExecutor(AT_ONCE, "webhook") as threads:
        while clock.monotonic() < ends_at:
            first = deliveries.take(endpoint_id, _token())
            if isinstance(first, Rest):
                if first.until_ms is None:
                    return counts
                raise NotNow(datetime.fromtimestamp(first.until_ms / 1000, UTC), "its webhook is tried again later")
            for sent in threads.map(lambda one: send(one, build), [first, *_others(first.endpoint)]):
                counts["delivered" if sent else "failed"] += 1
        rousing.go_on(endpoint_id)
    return counts


def _others(endpoint: Endpoint) -> Iterator[Taken]:
    """What is sent at the same time, where much waits and nothing failed.

    Few are sent one after the other, so that a start comes before its end.
    """
    if endpoint.number("failures") or log_of_deliveries.waiting(endpoint.id) <= MANY:
        return
    for _ in range(AT_ONCE - 1):
        taken = deliveries.take(endpoint.id, _token(), more=True)
        if isinstance(taken, Rest):
            return
        yield taken


def _token() -> str:
    return secrets.token_hex(8)


def send(taken: Taken, build: Build) -> bool:
    """Try one delivery, and write what came of it; whether it was delivered."""
    attempt, wait_s = attempt_of(taken.delivery, taken.endpoint, build)
    outcome = tries.outcome_of(taken, attempt, wait_s)
    deliveries.settle(taken, outcome)
    facts = {"webhook": taken.endpoint.id, "delivery": taken.delivery.id, "job": taken.delivery.target}
    if outcome.status == deliveries.GIVEN_UP:
        log.warning("A delivery is given up after %d tries: %s", taken.delivery.tries + 1, attempt["says"], extra=facts)
    if outcome.off:
        log.warning("A webhook is told nothing more: %s. `webhook on %s` ends that", outcome.off, taken.endpoint.id, extra=facts)
    return bool(attempt["ok"])


def attempt_of(delivery: Delivery, endpoint: Endpoint, build: Build) -> tuple[dict[str, Any], float | None]:
    """One try: what the log keeps of it, and how long the endpoint asks to be left in peace (s)."""
    now, began = clock.now(), clock.monotonic()
    attempt: dict[str, Any] = {"at": now.isoformat(timespec="seconds"), "ok": False, "status": None, "says": "", "reply": ""}
    try:
        body = build(delivery, endpoint)
        answer = posting.post(endpoint.url, body, headers_of(delivery, endpoint, body, int(now.timestamp())), ANSWER_S)
    except TrawlError as exc:
        attempt |= {"says": logs.without_secrets(str(exc))[:300], "final": isinstance(exc, DataError)}
        return attempt | {"ms": round(1000 * (clock.monotonic() - began))}, None
    ok = 200 <= answer.status < 300
    attempt |= {"ok": ok, "status": answer.status, "reply": without(endpoint, answer.text), "says": _said(answer.status)}
    return attempt | {"ms": round(1000 * answer.elapsed_s)}, None if ok else retry_after_s(answer.headers)


def test(endpoint: Endpoint) -> dict[str, Any]:
    """Send an endpoint a test, now and once; what came of it. Nothing is kept of it."""
    notice = Notice("webhook", "test", endpoint.id, secrets.token_hex(8), clock.now())
    name, kind = payloads.id_of(notice, endpoint.id), payloads.type_of(notice, endpoint.style)
    delivery = Delivery(name, endpoint.id, kind, endpoint.id, payloads.body_of(notice, endpoint), "", "pending", 0, (), 0, 0)
    return attempt_of(delivery, endpoint, lambda one, _: one.body.encode(errors="replace"))[0]


def headers_of(delivery: Delivery, endpoint: Endpoint, body: bytes, sent_at_s: int) -> dict[str, str]:
    """The headers of a delivery: those of the endpoint, and ours."""
    ours = {"Content-Type": "application/json", "X-Trawl-Event": delivery.type, "X-Trawl-Webhook-Id": delivery.id}
    ours |= {"X-Trawl-Attempt": str(delivery.tries + 1)}
    return {**endpoint.headers, **ours, **signing.headers(endpoint.secret, body, sent_at_s, endpoint.style)}


def without(endpoint: Endpoint, text: str) -> str:
    """The beginning of an answer, on one line, without what is secret: some echo what they are sent."""
    for secret in (endpoint.secret, *endpoint.headers.values()):
        text = text.replace(secret, "***") if len(secret) >= 4 else text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MOST_REPLY]


def _said(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP {status}: redirects are not followed, give the address itself"
    return f"HTTP {status}"
