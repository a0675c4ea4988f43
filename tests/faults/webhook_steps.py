"""Places on the way of a webhook where a worker process of the fault tests kills itself, and times that are shorter there."""

from collections.abc import Callable
from typing import Any

from clients.fetch import posting
from state.engine import outbox
from state.webhooks import deliveries
from topics.webhooks import tries

#: In the order of a delivery's life: the change stands in the outbox; its deliveries are made; one is taken, sent, settled.
STEPS = ("outbox_read", "accepted", "delivery_taken", "delivery_sent", "delivery_settled")

HOLD_MS, WAIT_S = 2000, 1

CALLS: dict[str, tuple[Any, str]] = {
    "outbox_read": (outbox, "take"),
    "accepted": (deliveries, "accept"),
    "delivery_taken": (deliveries, "take"),
    "delivery_sent": (posting, "post"),
    "delivery_settled": (deliveries, "settle"),
}


def shorten() -> None:
    """Retries come within seconds."""
    deliveries.HOLD_MS = HOLD_MS
    tries.WAITS_S = dict.fromkeys(tries.WAITS_S, (WAIT_S,) * 30)
    tries.PATIENCE = 1000


def arm(step: str, burn: Callable[[], None]) -> None:
    """Have `burn` called when a process has come to that step."""
    module, name = CALLS[step]
    call = getattr(module, name)

    def called(*args: Any, **options: Any) -> Any:
        found = call(*args, **options)
        if found:
            burn()
        return found

    setattr(module, name, called)
