"""Endpoints and deliveries as people see them: without secrets, and without what may be secret in an address."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from parsing import web_urls
from state.webhooks import logs
from state.webhooks.deliveries import Delivery
from state.webhooks.endpoints import Endpoint


def endpoint(found: Endpoint, *, waiting: int | None = None) -> dict[str, Any]:
    """An endpoint. `state`: on, failing (its last try failed), or off with its `reason`."""
    failing = found.number("failures")
    return {
        "id": found.id,
        "name": found.name,
        "url": shown_url(found.url),
        "state": "off" if found.off else "failing" if failing else "on",
        "reason": found.off,
        "events": list(found.events),
        "kinds": list(found.kinds),
        "style": found.style,
        "job_id": found.target,
        "owner": found.owner,
        "headers": sorted(found.headers),
        "signed": bool(found.secret),
        "waiting": logs.waiting(found.id) if waiting is None else waiting,
        "delivered": found.number("delivered"),
        "given_up": found.number("given_up"),
        "dropped": found.number("dropped"),
        "failures_in_a_row": failing,
        "failing_since": moment(found.number("failing_since_ms")),
        "last_delivered_at": moment(found.number("last_ok_ms")),
        "created_at": moment(found.number("created_ms")),
    }


def endpoints(found: Sequence[Endpoint]) -> list[dict[str, Any]]:
    """The same of several, in one round trip."""
    waiting = logs.waiting_of([one.id for one in found])
    return [endpoint(one, waiting=count) for one, count in zip(found, waiting, strict=True)]


def delivery(found: Delivery) -> dict[str, Any]:
    """A delivery with all its tries. `status`: pending, delivered or given_up."""
    return {
        "id": found.id,
        "webhook_id": found.endpoint,
        "type": found.type,
        "job_id": found.target,
        "status": found.status,
        "tries": found.tries,
        "created_at": moment(found.created_ms),
        "next_try_at": moment(found.next_ms) if found.status == "pending" else None,
        "attempts": [attempt(one) for one in found.attempts],
    }


def attempt(told: dict[str, Any]) -> dict[str, Any]:
    """One try. `status`: of the answer, None = there was none. `reply`: the beginning of its body."""
    return {
        "at": str(told.get("at", "")),
        "ok": bool(told.get("ok")),
        "status": told.get("status"),
        "ms": int(told.get("ms") or 0),
        "message": str(told.get("says", "")),
        "reply": str(told.get("reply", "")),
    }


def shown_url(url: str) -> str:
    """An address without what may be a secret in it: no query, and of its path the first part.

    >>> shown_url("https://hooks.example.com/services/T0/B0/abcdef?x=1"), shown_url("https://example.com/hook")
    ('https://hooks.example.com/services/…', 'https://example.com/hook')
    """
    parts = web_urls.parse(url)
    path, _, query = parts.target.partition("?")
    first, _, rest = path.removeprefix("/").partition("/")
    return f"{parts.scheme}://{parts.authority}/{first}" + ("/…" if rest else "") + ("?…" if query else "")


def moment(ms: int) -> datetime | None:
    """A time; None where there is none."""
    return datetime.fromtimestamp(ms / 1000, UTC) if ms else None
