"""What comes of a try to deliver: delivered, tried again and when, given up; and when an endpoint is left in peace."""

import random
from typing import Any

import clock
from state.webhooks import deliveries
from state.webhooks.deliveries import Outcome, Taken

#: Seconds until the next tries; after the last of them a delivery is given up. Firecrawl's clients know three.
WAITS_S = {"trawl": (60, 300, 900, 3600, 21_600), "firecrawl": (60, 300, 900)}

#: An endpoint that failed so often in a row is asked nothing for a while (s), twice as long each further time, up to the third.
PATIENCE, COOL_S, MOST_COOL_S = 3, 60, 3600

#: An endpoint is switched off where every try failed for so long (s), and so many did.
OFF_AFTER_S, OFF_TRIES = 24 * 3600, 10

#: Its owner says that nothing is taken there any more.
GONE = 410


def outcome_of(taken: Taken, attempt: dict[str, Any], retry_after_s: float | None = None) -> Outcome:
    """What comes of a try. `attempt` says `ok`, `status`, `error` of it."""
    if attempt["ok"]:
        return Outcome(deliveries.DELIVERED, attempt)
    now_ms = round(clock.now().timestamp() * 1000)
    off = _off(taken, attempt, now_ms)
    cool_ms = now_ms + _cool_ms(taken, retry_after_s) if _cool_ms(taken, retry_after_s) else 0
    waits = WAITS_S.get(taken.endpoint.style, WAITS_S["trawl"])
    if taken.delivery.tries >= len(waits) or attempt.get("final"):
        return Outcome(deliveries.GIVEN_UP, attempt, 0, cool_ms, off)
    wait_ms = round(1000 * waits[taken.delivery.tries] * random.uniform(1, 1.1))
    return Outcome(deliveries.PENDING, attempt, now_ms + wait_ms, cool_ms, off)


def _cool_ms(taken: Taken, retry_after_s: float | None) -> int:
    failures = taken.endpoint.number("failures") + 1
    cool_s = COOL_S * 2 ** min(10, failures - PATIENCE) if failures >= PATIENCE else 0
    return round(1000 * min(MOST_COOL_S, max(cool_s, retry_after_s or 0)))


def _off(taken: Taken, attempt: dict[str, Any], now_ms: int) -> str:
    """Why the endpoint is told nothing more; "" = it is."""
    if attempt.get("status") == GONE:
        return "it answered 410 Gone"
    failures, since_ms = taken.endpoint.number("failures") + 1, taken.endpoint.number("failing_since_ms")
    if failures >= OFF_TRIES and since_ms and now_ms - since_ms >= OFF_AFTER_S * 1000:
        hours = (now_ms - since_ms) // 3_600_000
        return f"all of {failures} tries in {hours} hours failed, the last: {attempt['says']}"[:300]
    return ""
