"""Sending: a job takes what is due at one target, one message after the other, and writes what came of each.

A message is settled after the target took it: who is killed in between sends it again, under the same id. A target that does not
take it is asked again for a day, later and later.
"""

import logging
import secrets
from datetime import UTC, datetime
from typing import Any

import clock
import config
import logs
from clients import notify
from clients.notify import Sent, Target
from errors import ConfigError
from state.alerts import messages, outgoing
from state.alerts.incidents import GRADES, Event
from state.alerts.messages import Message
from state.alerts.outgoing import Taken
from state.store import connection
from state.webhooks import deliveries
from topics.alerts import telling, texts
from topics.webhooks import payloads, sending
from topics.webhooks.payloads import Notice

log = logging.getLogger("trawl.alerts")

#: Seconds to the next try, after the first, the second …; the last one again and again, and for so long (s) at all.
WAITS_S, GIVE_UP_S = (60, 300, 900, 3600, 10_800), 86_400

#: A message that failed so often holds up no other.
STUBBORN = 3

#: Seconds for which one job sends.
SLICE_S = 60.0


def deliver(target_id: str) -> dict[str, int]:
    """Send what waits for a target in the order in which it was made, so that an end never comes before its beginning.

    One that fails ends the round, unless it failed so often that the message itself may be what the target does not take.
    """
    ends_at, counts = clock.monotonic() + SLICE_S, {"delivered": 0, "failed": 0}
    with connection.errors_translated():
        for message_id in outgoing.waiting(target_id):
            taken = outgoing.take(message_id, target_id, secrets.token_hex(8))
            if taken is None:
                continue
            sent = _send(taken)
            _settle(taken, sent)
            counts["delivered" if sent.ok else "failed"] += 1
            if (not sent.ok and taken.tries < STUBBORN) or clock.monotonic() > ends_at:
                break
    return counts


def _send(taken: Taken) -> Sent:
    if taken.target == telling.WEBHOOKS:
        return _to_webhooks(taken.message)
    try:
        target = next((one for one in telling.targets() if one.id == taken.target), None)
    except ConfigError as exc:
        return Sent(False, str(exc))
    if target is None:
        return Sent(False, "ALERT_URLS of this process does not name it (any more)")
    title, body = texts.title(taken.message), texts.body(taken.message, telling.page_link())
    return notify.send(target, title, body, config.settings().alert_timeout)


def _settle(taken: Taken, sent: Sent) -> None:
    says = logs.without_secrets(sent.says)
    if sent.ok:
        outgoing.settle(taken, messages.DELIVERED, says)
        return
    age_s = connection.now().timestamp() - taken.made_ms / 1000
    facts = {"alert": taken.message.id, "target": taken.target, "tries": taken.tries + 1}
    if age_s > GIVE_UP_S:
        outgoing.settle(taken, messages.GIVEN_UP, says)
        log.error("An alert is given up: %s", says, extra=facts)
        return
    outgoing.settle(taken, messages.PENDING, says, WAITS_S[min(taken.tries, len(WAITS_S) - 1)])
    log.warning("An alert could not be told: %s", says, extra=facts)


def _to_webhooks(message: Message) -> Sent:
    """Hand the events of a message to the signed webhooks, which have tries of their own. Made twice, a delivery is one."""
    new = [
        deliveries.New(
            payloads.id_of(notice, one.id),
            one.id,
            payloads.type_of(notice, one.style),
            notice.target,
            payloads.body_of(notice, one),
        )
        for notice in map(notice_of, message.events)
        for one in telling.webhooks()
        if f"alert.{notice.event}" in one.events
    ]
    if new:
        deliveries.accept(new)
    return Sent(True, f"{len(new)} deliveries")


def notice_of(event: Event) -> Notice:
    """An event as a webhook is told it: type alert.opened, alert.worse or alert.recovered."""
    one = event.incident
    facts: dict[str, Any] = {
        name: getattr(one, name) for name in ("id", "key", "rule", "title", "says", "fix", "project", "times")
    }
    facts |= {"grade": GRADES[one.grade], "lines": list(one.lines), "opened_at": _stamp(one.opened_ms)}
    facts |= {"recovered_at": _stamp(event.at_ms)} if event.event == "recovered" else {}
    at = datetime.fromtimestamp(event.at_ms / 1000, UTC)
    return Notice("alert", event.event, one.id, str(event.at_ms), at, facts)


def _stamp(ms: int) -> str:
    return payloads.stamp(datetime.fromtimestamp(ms / 1000, UTC))


def test_targets() -> list[tuple[str, str, Sent]]:
    """Tell each target and webhook a test, now and once: id, name and what came of it. Nothing is kept of it."""
    title, body = "Trawl: a test", f"A test of alerts, sent at {clock.now():%Y-%m-%d %H:%M:%S} UTC. Nothing is wrong."
    found = [(one.id, one.name, _test(one, title, body)) for one in telling.targets()]
    with connection.errors_translated():
        hooks = telling.webhooks()
    for hook in hooks:
        told = sending.test(hook)
        found.append((hook.id, f"webhook {hook.name or hook.id}", Sent(bool(told["ok"]), str(told["says"]))))
    return found


def _test(target: Target, title: str, body: str) -> Sent:
    sent = notify.send(target, title, body, config.settings().alert_timeout)
    return sent._replace(says=logs.without_secrets(sent.says))
