"""Alerts: one look a minute, and the sending of what it led to."""

from typing import Any

import queues
from state.alerts import outgoing
from topics.alerts import delivering, watching


@queues.job(queue="high", kind="alerts", timeout_s=120, retries=0, dedup_key="alerts:look", shared=True)
def look() -> dict[str, Any]:
    """Look for what is wrong, decide what is told, and have it sent: one job a target, so that none waits for another."""
    told = watching.look()
    queues.submit_many([(deliver, target) for target in outgoing.due()])
    return told


@queues.job(queue="high", kind="alerts", timeout_s=180, retries=3, dedup_key="alerts:deliver:{target}", shared=True)
def deliver(target: str) -> dict[str, int]:
    """Send what is due at one target; what it does not take is tried again by a later look."""
    return delivering.deliver(target)
