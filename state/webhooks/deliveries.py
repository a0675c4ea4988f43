"""Deliveries: what an endpoint is to be told, was told, and what it said.

Fields of the hash: endpoint, type, target (id of the job, batch or crawl), body (JSON without what `page` names), page (number of
a record, "" = none), status (pending, delivered, given_up), tries, attempts (JSON list), created_ms, next_ms, held (who sends it
now).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import clock
from state.engine import keys as engine_keys
from state.store import connection, constants, scripts
from state.webhooks import endpoints, keys
from state.webhooks.endpoints import Endpoint

#: Whoever takes a delivery must have settled it within so long (ms): else it is due again.
HOLD_MS = 60_000

#: Deliveries that the log of an endpoint names, and the log of all; and those that one endpoint may have waiting.
MOST_LOGGED, MOST_LOG, MOST_DUE = 1000, 10_000, 50_000

PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"


class New(NamedTuple):
    """A delivery that is to be made. The same id is made once."""

    id: str
    endpoint: str
    type: str
    target: str
    body: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it is now. `attempts`: what came of each try, oldest first."""

    id: str
    endpoint: str
    type: str
    target: str
    body: str
    page: str
    status: str
    tries: int
    attempts: tuple[dict[str, Any], ...]
    created_ms: int
    next_ms: int


class Taken(NamedTuple):
    """A delivery to send now, and to whom. `token`: the right to settle it."""

    delivery: Delivery
    endpoint: Endpoint
    token: str


class Rest(NamedTuple):
    """Nothing is to be sent now. `until_ms`: come back then; None = do not."""

    until_ms: int | None = None


class Outcome(NamedTuple):
    """What came of a try. `status`: as of a Delivery. `next_ms`: the next try. `cool_ms`: nothing is sent there until then.

    `off`: why the endpoint is told nothing more ("" = it is).
    """

    status: str
    attempt: dict[str, Any]
    next_ms: int = 0
    cool_ms: int = 0
    off: str = ""


def accept(new: Sequence[New], entry: str = "") -> int:
    """Make deliveries, and take `entry` out of the outbox, in one step; returns how many were new."""
    return _accept(
        outbox=engine_keys.OUTBOX,
        log=keys.LOG,
        pending=keys.PENDING,
        now_ms=clock.script_now_ms(),
        entry=entry,
        prefix=keys.ENDPOINT,
        sent=keys.DELIVERY,
        keep_s=keys.KEEP_S,
        most_logged=MOST_LOGGED,
        most_log=MOST_LOG,
        most_due=MOST_DUE,
        new=[part for one in new for part in one],
    )


@scripts.script("webhooks/accept")
def _accept(
    *,
    outbox: str,
    log: str,
    pending: str,
    now_ms: str,
    entry: str,
    prefix: str,
    sent: str,
    keep_s: int,
    most_logged: int,
    most_log: int,
    most_due: int,
    new: Sequence[str],
) -> int:
    raise scripts.InLua


def take(endpoint_id: str, token: str, *, more: bool = False) -> Taken | Rest:
    """The next delivery that is due, held for a minute by whoever has the token.

    `more`: the caller has others to send, and sees to what is due later when it asks again.
    """
    found = _take(
        endpoint=keys.endpoint(endpoint_id),
        due=keys.endpoint(endpoint_id, "due"),
        roused=keys.endpoint(endpoint_id, "roused"),
        timer=keys.endpoint(endpoint_id, "timer"),
        pending=keys.PENDING,
        now_ms=clock.script_now_ms(),
        id=endpoint_id,
        token=token,
        sent=keys.DELIVERY,
        hold_ms=HOLD_MS,
        roused_s=constants.ROUSED_S,
        more="1" if more else "",
    )
    if found[0] == b"later":
        return Rest(int(found[1]))
    endpoint = endpoints.read(endpoint_id, _pairs(found[3])) if found[0] == b"take" else None
    return Taken(read(found[1].decode(), _pairs(found[2])), endpoint, token) if endpoint else Rest()


@scripts.script("webhooks/take")
def _take(
    *,
    endpoint: str,
    due: str,
    roused: str,
    timer: str,
    pending: str,
    now_ms: str,
    id: str,
    token: str,
    sent: str,
    hold_ms: int,
    roused_s: str,
    more: str,
) -> list[Any]:
    raise scripts.InLua


def settle(taken: Taken, outcome: Outcome) -> bool:
    """Write what came of a try; False where somebody else has the delivery by now."""
    delivery = taken.delivery
    attempts = [*delivery.attempts, outcome.attempt][-20:]
    return bool(
        _settle(
            delivery=keys.delivery(delivery.id),
            endpoint=keys.endpoint(delivery.endpoint),
            due=keys.endpoint(delivery.endpoint, "due"),
            now_ms=clock.script_now_ms(),
            id=delivery.id,
            token=taken.token,
            status=outcome.status,
            next_ms=outcome.next_ms,
            attempts=json.dumps(attempts),
            cool_ms=outcome.cool_ms,
            off=outcome.off,
            keep_s=keys.KEEP_S,
        )
    )


@scripts.script("webhooks/settle")
def _settle(
    *,
    delivery: str,
    endpoint: str,
    due: str,
    now_ms: str,
    id: str,
    token: str,
    status: str,
    next_ms: int,
    attempts: str,
    cool_ms: int,
    off: str,
    keep_s: int,
) -> int:
    raise scripts.InLua


def find(delivery_id: str) -> Delivery | None:
    """A delivery by its id; None where there is none (any more)."""
    found = connection.client().hgetall(keys.delivery(delivery_id))
    return read(delivery_id, found) if found else None


def read(delivery_id: str, found: dict[bytes, bytes]) -> Delivery:
    """A delivery by its hash."""
    fields = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    texts = ("endpoint", "type", "target", "body", "page", "status")
    values: dict[str, Any] = {name: fields.get(name, "") for name in texts}
    values |= {name: int(fields.get(name) or 0) for name in ("tries", "created_ms", "next_ms")}
    return Delivery(delivery_id, **values, attempts=tuple(json.loads(fields.get("attempts") or "[]")))


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
