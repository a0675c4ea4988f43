"""Webhooks: what was put into the outbox becomes deliveries, which are sent until they arrive or are given up.

Scripts put the first two into their queue (state/engine/lua/parts/rouse.lua), so nothing that must be told is forgotten.
"""

import queues
from topics.operations import webhook_work


@queues.job(queue="high", kind="webhooks", timeout_s=120, retries=3)
def dispatch(entry: str = "") -> dict[str, int]:
    """Make deliveries of all that is in the outbox; `entry` is the one that this job was put into its queue for."""
    return webhook_work.dispatch()


@queues.job(queue="high", kind="webhooks", timeout_s=120, retries=3)
def deliver(endpoint: str) -> dict[str, int]:
    """Send what is due at an endpoint; the job is parked until the next try."""
    return webhook_work.deliver(endpoint)


@queues.job(queue="high", kind="webhooks", timeout_s=120, retries=0)
def tend() -> dict[str, int]:
    """Have sent what nobody comes for."""
    return webhook_work.tend()
