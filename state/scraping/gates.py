"""Turns at hosts: whoever wants to fetch a page enters, and leaves when the page is there. All workers share them.

One script enters, one leaves. A host has a delay between requests, a number of requests at a time, windows set by hand, a pause
it asked for (Retry-After) and a breaker. A tenant has windows, a provider a breaker. Whoever must wait gets a moment of its own,
so that each waiting job is parked once. The moment is a promise: `leave` calls the first ones of a line earlier where it can.

What holds whatever is killed:

- No more than `concurrency` grants are out at a time. A holder that dies gives its place back when its lease ends.
- With one request at a time, two requests are `delay_s` apart from sending to sending: the second is granted after the first said
  when it was sent. With more, they are that far apart where each sender calls `ready` before: grants are a slack further apart,
  and who is later than the slack asks again.
- Time is the server's. `Granted.in_s` and `Wait.in_s` are distances, so a wrong clock of a worker moves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import clock
from errors import ArgumentError, NotNow
from state.engine import leases
from state.scraping import keys as own_keys
from state.scraping import moments
from state.store import connection, keys, scripts

Outcome = Literal["ok", "not_modified", "blocked", "rate_limited", "server_error", "network_error", "client_error"]

#: What an outcome says of the host, for its breaker: 0 good, 1 half a failure, 2 a failure.
WEIGHTS = {
    "ok": 0,
    "not_modified": 0,
    "client_error": 0,
    "rate_limited": 1,
    "blocked": 2,
    "server_error": 2,
    "network_error": 2,
}

#: Bounds of what a caller may ask for (s): longer than a delay of a day is no delay, longer than a lease of ten minutes no lease.
MOST_DELAY_S, MOST_LEASE_S, MOST_CONCURRENCY = 86_400.0, 600.0, 1000

#: A host's wish to be left alone counts for so long at most (s).
MOST_HOLD_S = 86_400.0

#: Who comes late to its moment waits for another one in place for so long (s) at most.
MOST_READY_S = 3.0

REASONS = {
    "turn": "waits for its turn at {scope}",
    "limit": "the limit of {scope} is used up",
    "hold": "{scope} asked for a pause (Retry-After)",
    "breaker": "the breaker of {scope} is open",
    "paused": "paused: {scope}",
}


class BreakerOpen(NotNow):
    """A host failed so often that nobody asks it for now."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who wants to fetch a page of which host, and how politely.

    `holder`: the id of the job, or `<job id>/<number>` where a job has several pages at a time; it gets the same moment when it
    asks again. A holder that is no job begins with `direct-`. `lease_s`: longer than the fetch can take.
    """

    host: str
    holder: str
    delay_s: float
    concurrency: int = 1
    lease_s: float = 120.0
    tenant: str = ""
    provider: str | None = None
    project: str | None = None

    def __post_init__(self) -> None:
        if not self.host or not self.holder or " " in self.holder + self.host:
            raise ArgumentError(f"Host and holder must be words without spaces, not {self.host!r:.80} and {self.holder!r:.80}.")
        bounds = ((self.delay_s, 0, MOST_DELAY_S), (self.concurrency, 1, MOST_CONCURRENCY), (self.lease_s, 0.001, MOST_LEASE_S))
        if not all(least <= value <= most for value, least, most in bounds):
            raise ArgumentError(f"Out of bounds: delay {self.delay_s} s, concurrency {self.concurrency}, lease {self.lease_s} s.")


@dataclass(frozen=True, slots=True)
class Granted:
    """The turn is the holder's: it may send its request in `in_s` seconds (0.1 at most), and leaves in any case."""

    ask: Ask
    token: str
    in_s: float
    asked_at: float = 0.0  # by the monotonic clock, before it asked

    @property
    def late_s(self) -> float:
        """How much later than its moment it is now, at most."""
        return clock.monotonic() - self.asked_at - self.in_s


@dataclass(frozen=True, slots=True)
class Wait:
    """The holder should come again in `in_s` seconds. `what`: a word of REASONS. `open_s`: how long it lasts (None: unknown)."""

    in_s: float
    what: str
    scope: str
    open_s: float | None = None

    @property
    def reason(self) -> str:
        """One line, the same for all that wait for the same thing."""
        return REASONS[self.what].format(scope=self.scope.replace(":", " ", 1))

    def error(self) -> NotNow:
        """What parks the job until then. Its time is by this machine's clock, as the worker that parks it reads it."""
        is_down = self.what == "breaker" and self.scope.startswith("host:")
        return (BreakerOpen if is_down else NotNow)(clock.now() + timedelta(seconds=self.in_s), self.reason)


def enter(ask: Ask) -> Granted | Wait:
    """Ask for a turn; one round trip. Safe to repeat: a holder that waits gets the same moment."""
    token, asked_at = leases.token(), clock.monotonic()
    return entered(ask, token, scripts.run_together([enter_call(ask, token)])[0], asked_at)


def enter_call(ask: Ask, token: str) -> scripts.Call:
    """The same, to be sent together with others; `token` names this try (`leases.token()`), and `entered` reads the reply."""
    return _enter.call(pauses=keys.PAUSES, project=ask.project or "", token=token, **of_ask(ask))


def of_ask(ask: Ask) -> dict[str, Any]:
    """What every script about a turn is told of who asks."""
    return {
        "rates": own_keys.RATES,
        "now_ms": clock.script_now_ms(),
        "gates": own_keys.GATES,
        "rq": keys.RQ,
        "host": ask.host,
        "tenant": ask.tenant,
        "provider": ask.provider or "",
        "holder": ask.holder,
        "delay_ms": round(ask.delay_s * 1000),
        "concurrency": ask.concurrency,
        "lease_ms": round(ask.lease_s * 1000),
    }


def entered(ask: Ask, token: str, reply: Sequence[Any], asked_at: float | None = None) -> Granted | Wait:
    """What the script replied. `asked_at`: by the monotonic clock, before it was sent; needed for `ready`."""
    if reply[0] == b"granted":
        return Granted(ask, token, int(reply[1]) / 1000, clock.monotonic() if asked_at is None else asked_at)
    _, come_ms, _, what, scope, until_ms = reply
    return Wait(int(come_ms) / 1000, what.decode(), scope.decode(), int(until_ms) / 1000 or None)


@scripts.script("scraping/enter")
def _enter(
    *,
    pauses: str,
    rates: str,
    now_ms: str,
    gates: str,
    rq: str,
    host: str,
    tenant: str,
    provider: str,
    project: str,
    holder: str,
    token: str,
    delay_ms: int,
    concurrency: int,
    lease_ms: int,
) -> list[Any]:
    raise scripts.InLua


def ready(granted: Granted) -> Granted | Wait:
    """Wait for the moment of a turn: to be called right before the request is sent.

    One at a time needs no more. With several, who is later than the slack (four per cent of the delay) gets another moment in one
    more round trip: others may have been granted theirs by the first. Wait: the lease has ended, or the moment is far; the turn
    is over.
    """
    clock.wait(granted.in_s)
    ask, may_be_late_s = granted.ask, moments.slack_s(granted.ask.delay_s)
    while ask.concurrency > 1 and ask.delay_s and granted.late_s > may_be_late_s:
        may_be_late_s *= 2  # on a machine this slow: others keep away for as long
        asked_at, in_s = clock.monotonic(), _postponed(granted, may_be_late_s - moments.slack_s(ask.delay_s))
        if in_s is None or in_s > MOST_READY_S:
            leave(granted, Left())
            return Wait(in_s or ask.delay_s, "turn", f"host:{ask.host}")
        granted = replace(granted, in_s=in_s, asked_at=asked_at)
        clock.wait(in_s)
    return granted


def withdraw(host: str, holder: str) -> None:
    """Leave the line of a host: the holder does not come back, so nobody waits for it. Safe to repeat."""
    gate = own_keys.gate(f"host:{host}")
    with connection.client().pipeline() as pipe:
        pipe.zrem(f"{gate}:order", holder).zrem(f"{gate}:due", holder).execute()


def again(granted: Granted) -> Granted | Wait:
    """The same turn once more, for a redirect within its host: a delay from now, and after the last request there.

    The line of those who wait is not asked: at its end, a page of a busy host would never come to where it leads. One round trip.
    Wait: the lease has ended; the turn is over.
    """
    ask = granted.ask
    longer, asked_at = replace(ask, lease_s=min(MOST_LEASE_S, ask.lease_s + ask.delay_s + 0.001)), clock.monotonic()
    in_s = _postponed(replace(granted, ask=longer), 0.0, least_s=ask.delay_s)
    if in_s is None:
        leave(granted, Left())
        return Wait(ask.delay_s, "turn", f"host:{ask.host}")
    clock.wait(in_s)
    return replace(granted, in_s=in_s, asked_at=asked_at)


def _postponed(granted: Granted, late_s: float, least_s: float = 0.0) -> float | None:
    ask = granted.ask
    return moments.postpone(ask.host, f"{ask.holder} {granted.token}", (ask.delay_s, ask.lease_s), late_s, least_s)


@dataclass(frozen=True, slots=True)
class Left:
    """How a turn ended. `outcome` None: nothing was learnt of the host. `sent_ago_s` None: no request was sent.

    `provider_failed`: the failure was the provider's, not the host's. `retry_after_s`: as the host asked (Retry-After).
    """

    outcome: Outcome | None = None
    sent_ago_s: float | None = None
    retry_after_s: float | None = None
    provider_failed: bool = False


def leave(granted: Granted, left: Left) -> bool:
    """End a turn; one round trip. False: its lease had ended, or it was left before; then the outcome does not count."""
    return bool(scripts.run_together([leave_call(granted, left)])[0])


def leave_call(granted: Granted, left: Left) -> scripts.Call:
    """The same, to be sent together with others: with the script that records the page, or with `enter_call` of the next."""
    return _leave.call(hosts=own_keys.HOSTS, wakeups=keys.WAKE, token=granted.token, **of_ask(granted.ask), **of_end(left))


def of_end(left: Left) -> dict[str, Any]:
    """What every script that ends a turn is told of how it ended, with the weights for the breakers of host and provider."""
    weight = "" if left.outcome is None else WEIGHTS[left.outcome]
    return {
        "sent_ago_ms": "" if left.sent_ago_s is None else round(left.sent_ago_s * 1000),
        "hold_ms": "" if left.retry_after_s is None else round(1000 * min(MOST_HOLD_S, max(0.0, left.retry_after_s))),
        "outcome": left.outcome or "",
        "weight": "" if left.provider_failed else weight,
        "provider_weight": weight if left.provider_failed or weight == "" else 0,
    }


@scripts.script("scraping/leave")
def _leave(
    *,
    hosts: str,
    rates: str,
    wakeups: str,
    now_ms: str,
    gates: str,
    rq: str,
    host: str,
    tenant: str,
    provider: str,
    holder: str,
    token: str,
    delay_ms: int,
    concurrency: int,
    lease_ms: int,
    sent_ago_ms: int | str,
    hold_ms: int | str,
    outcome: str,
    weight: int | str,
    provider_weight: int | str,
) -> int:
    raise scripts.InLua
