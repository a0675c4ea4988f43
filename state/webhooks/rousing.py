"""What has deliveries sent again: one by hand, or all of an endpoint that was switched on."""

import clock
from state.store import connection, scripts
from state.webhooks import keys
from state.webhooks.deliveries import Delivery

#: An endpoint whose delivery is overdue by so much (ms) has no job that sends: it gets one.
OVERDUE_MS = 60_000


def again(delivery: Delivery) -> bool:
    """Have a delivery sent again now, from its first try on; False where its endpoint is gone. It keeps its id."""
    return bool(
        _again(
            delivery=keys.delivery(delivery.id),
            endpoint=keys.endpoint(delivery.endpoint),
            due=keys.endpoint(delivery.endpoint, "due"),
            roused=keys.endpoint(delivery.endpoint, "roused"),
            pending=keys.PENDING,
            now_ms=clock.script_now_ms(),
            id=delivery.id,
            endpoint_id=delivery.endpoint,
            keep_s=keys.KEEP_S,
        )
    )


@scripts.script("webhooks/again")
def _again(
    *,
    delivery: str,
    endpoint: str,
    due: str,
    roused: str,
    pending: str,
    now_ms: str,
    id: str,
    endpoint_id: str,
    keep_s: int,
) -> int:
    raise scripts.InLua


def switch_on(endpoint_id: str) -> bool:
    """Tell an endpoint again, at once and with what waits; False where there is none."""
    client = connection.client()
    if not client.exists(keys.endpoint(endpoint_id)):
        return False
    client.hset(keys.endpoint(endpoint_id), mapping={"off": "", "failures": 0})
    client.hdel(keys.endpoint(endpoint_id), "failing_since_ms", "cool_until_ms", "off_ms")
    rouse(endpoint_id)
    return True


def rouse(endpoint_id: str) -> bool:
    """Have what waits of an endpoint sent, unless a job is on its way."""
    return bool(
        _rouse_sender(
            due=keys.endpoint(endpoint_id, "due"),
            roused=keys.endpoint(endpoint_id, "roused"),
            pending=keys.PENDING,
            now_ms=clock.script_now_ms(),
            id=endpoint_id,
        )
    )


@scripts.script("webhooks/rouse_sender")
def _rouse_sender(*, due: str, roused: str, pending: str, now_ms: str, id: str) -> int:
    raise scripts.InLua


def go_on(endpoint_id: str) -> None:
    """Have another job go on with what waits: the caller's time is over."""
    connection.client().delete(keys.endpoint(endpoint_id, "roused"))
    rouse(endpoint_id)


def overdue(most: int = 1000) -> list[str]:
    """Endpoints whose next delivery should have been tried a minute ago."""
    before = connection.now().timestamp() * 1000 - OVERDUE_MS
    return [one.decode() for one in connection.client().zrange(keys.PENDING, "-inf", before, byscore=True, offset=0, num=most)]
