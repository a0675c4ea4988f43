"""The deliveries of the last days, and sending one again."""

import re

from errors import NotFound
from state.store import connection
from state.webhooks import deliveries, logs, rousing
from state.webhooks.deliveries import Delivery

ID = re.compile(r"[0-9a-f-]{36}")


def latest(limit: int, *, endpoint_id: str = "", after: str = "") -> list[Delivery]:
    """Deliveries, the newest first: of one endpoint or of all; `after`: the id of the last one seen."""
    with connection.errors_translated():
        return logs.latest(limit, endpoint_id=endpoint_id, after=after)


def find(delivery_id: str, endpoint_id: str = "") -> Delivery:
    """The delivery of that id, and of that endpoint. Raises NotFound."""
    with connection.errors_translated():
        found = deliveries.find(delivery_id) if ID.fullmatch(delivery_id) else None
    if found is None or (endpoint_id and found.endpoint != endpoint_id):
        raise NotFound(f"No delivery {delivery_id!r:.60}: `python manage.py webhook deliveries` shows those of the last days.")
    return found


def resend(delivery: Delivery) -> None:
    """Have a delivery sent again, whatever became of it, under its id. Raises NotFound where its endpoint is gone."""
    with connection.errors_translated():
        is_there = rousing.again(delivery)
    if not is_there:
        raise NotFound(f"The webhook of the delivery {delivery.id} is gone: it was removed, or its submission has expired.")
