"""The log of deliveries."""

from collections.abc import Sequence

from state.store import connection
from state.webhooks import deliveries, keys
from state.webhooks.deliveries import Delivery


def latest(limit: int, *, endpoint_id: str = "", after: str = "") -> list[Delivery]:
    """Deliveries, the newest first: of one endpoint, or of all; `after`: the id of the last one seen. [] where that is gone."""
    client, log = connection.client(), keys.endpoint(endpoint_id, "log") if endpoint_id else keys.LOG
    start = 0
    if after:
        rank = client.zrevrank(log, after)
        if rank is None:
            return []
        start = rank + 1
    ids = [one.decode() for one in client.zrevrange(log, start, start + limit - 1)]
    with client.pipeline(transaction=False) as pipe:
        for delivery_id in ids:
            pipe.hgetall(keys.delivery(delivery_id))
        found = pipe.execute()
    return [deliveries.read(delivery_id, fields) for delivery_id, fields in zip(ids, found, strict=True) if fields]


def waiting(endpoint_id: str) -> int:
    """How many deliveries of an endpoint wait."""
    found: int = connection.client().zcard(keys.endpoint(endpoint_id, "due"))
    return found


def waiting_of(endpoint_ids: Sequence[str]) -> list[int]:
    """The same of several endpoints, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for endpoint_id in endpoint_ids:
            pipe.zcard(keys.endpoint(endpoint_id, "due"))
        return [int(count) for count in pipe.execute()]
