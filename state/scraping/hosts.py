"""What is known of hosts: delay, what is in flight and waits, breaker, robots.txt, and the outcomes of this hour and the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import chunks
import clock
from errors import ArgumentError, NotFound
from state.scraping import keys as own_keys
from state.scraping import rates
from state.store import connection, constants, keys, score_pages, scripts

#: Hosts looked at in one round trip.
CHUNK = 200

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class HostState:
    """A host as it is now. Times ahead in seconds; 0 = now. `breaker`: closed, open or half open.

    `free_in_s`: when the next request may go, as far as delay, pause and breaker say.
    """

    host: str
    delay_s: float
    concurrency: int
    in_flight: int
    waiting: int
    free_in_s: float
    asked_pause_s: float  # the rest of what Retry-After asked for
    breaker: str
    breaker_s: float  # until the next request passes
    openings: int  # of the breaker, one after the other
    opened_s: float | None  # how long ago the breaker opened; None where it is closed
    robots: str  # rules, free, unreachable, or unknown
    last_s: float | None  # how long ago its last turn ended
    outcomes: dict[str, int] = field(default_factory=dict)
    limit: rates.Rate = field(default_factory=rates.Rate)


def state(host: str) -> HostState:
    """What is known of one host; of one that nobody asked for, that nothing is."""
    return states([host])[0]


def known(host: str) -> HostState:
    """The same; raises NotFound for a host that nobody asked for, and that has no limit of its own."""
    found = state(host)
    if found.last_s is None and not (found.in_flight or found.waiting) and found.limit == rates.Rate():
        raise NotFound(f"Nothing was fetched from {host:.80} in the last hours: `python manage.py hosts list` shows hosts.")
    return found


def every(most: int = 1000, now: datetime | None = None) -> list[HostState]:
    """The hosts of the last two hours, the latest first. Reads only; cost grows with `most`. `now`: of the server, if known."""
    found = [name.decode() for name in connection.client().zrevrange(own_keys.HOSTS, 0, most - 1)]
    return [one for at in range(0, len(found), CHUNK) for one in states(found[at : at + CHUNK], now)]


class Page(NamedTuple):
    """Some hosts. `cursor` leads to the next ones; '' = there are none."""

    hosts: list[HostState]
    cursor: str


def page(limit: int, cursor: str = "") -> Page:
    """The hosts of the last two hours, the latest first. One that is asked meanwhile moves to the front. Reads only."""
    if not score_pages.is_cursor(cursor):
        raise ArgumentError(f"--cursor {cursor!r:.60} is none of this list: give the one of its last reply")
    found = score_pages.read(own_keys.HOSTS, limit, cursor, newest_first=True)
    names = [name for name, _ in found.rows]
    return Page([one for chunk in chunks.of(names, CHUNK) for one in states(chunk)], found.cursor)


def count() -> int:
    """How many hosts were asked in the last two hours, more or less."""
    return int(connection.client().zcard(own_keys.HOSTS))


def open_breakers(most: int = 1000) -> list[str]:
    """Of the hosts that were asked last, those whose breaker is not closed. One command for each host; reads only."""
    client, now_ms = connection.client(), connection.now().timestamp() * 1000
    names = [name.decode() for name in client.zrevrange(own_keys.HOSTS, 0, most - 1)]
    fields = ("open_until", "probe", "probe_until")
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(own_keys.gate(f"host:{name}"), *fields)
        rows = pipe.execute(raise_on_error=False)
    gates = {name: dict(zip(fields, row, strict=True)) for name, row in zip(names, rows, strict=True) if isinstance(row, list)}
    return [name for name, gate in gates.items() if breaker_of(gate, now_ms)[0] != "closed"]


def reset(host: str) -> None:
    """Close the breaker of a host, and forget the pause that it asked for. Raises NotFound where nothing is known of it."""
    gate = own_keys.gate(f"host:{host}")
    if not connection.client().exists(gate):
        raise NotFound(f"Nothing was fetched from {host:.80} in the last hours: `python manage.py hosts list` shows hosts.")
    _reset_gate(gate=gate, wakeups=keys.WAKE, now_ms=clock.script_now_ms(), rq=keys.RQ)


@scripts.script("scraping/reset_gate")
def _reset_gate(*, gate: str, wakeups: str, now_ms: str, rq: str) -> int:
    raise scripts.InLua


def states(hosts: Sequence[str], now: datetime | None = None) -> list[HostState]:
    """What is known of these hosts, in one round trip; of 200 at most at a time."""
    now_ms = (now or connection.now()).timestamp() * 1000
    with connection.client().pipeline(transaction=False) as pipe:
        for host in hosts:
            gate = own_keys.gate(f"host:{host}")
            pipe.hgetall(gate)
            pipe.zcount(f"{gate}:in_flight", now_ms, "+inf")
            pipe.zcard(f"{gate}:order")
            pipe.hget(own_keys.RATES, f"host:{host}")
            pipe.zscore(own_keys.HOSTS, host)
            pipe.hget(f"{own_keys.ROBOTS}https://{host}", "kind")
            pipe.hget(f"{own_keys.ROBOTS}http://{host}", "kind")
        found = pipe.execute(raise_on_error=False)
    return [_state(host, found[at : at + 7], now_ms) for host, at in zip(hosts, range(0, len(found), 7), strict=True)]


def _state(host: str, found: Sequence[Any], now_ms: float) -> HostState:
    gate, in_flight, waiting, rate, last_ms, *robots = [None if isinstance(one, Exception) else one for one in found]
    fields = {name.decode(): value for name, value in (gate or {}).items()}
    breaker, breaker_ms = breaker_of(fields, now_ms)
    hold_ms = max(0.0, _number(fields, "hold") - now_ms)
    delay_ms = _number(fields, "delay")
    free_ms = max(breaker_ms, hold_ms, _number(fields, "sent") + delay_ms - now_ms, 0.0)
    return HostState(
        host,
        delay_s=delay_ms / 1000,
        concurrency=int(_number(fields, "concurrency")),
        in_flight=in_flight or 0,
        waiting=waiting or 0,
        free_in_s=round(free_ms / 1000, 3),
        asked_pause_s=round(hold_ms / 1000, 3),
        breaker=breaker,
        breaker_s=round(breaker_ms / 1000, 3),
        openings=int(_number(fields, "openings")) if breaker != "closed" else 0,
        opened_s=_opened_s(fields, now_ms) if breaker != "closed" else None,
        robots=next((kind.decode() for kind in robots if kind), "unknown"),
        last_s=round((now_ms - last_ms) / 1000, 3) if last_ms else None,
        outcomes=_outcomes(fields, int(now_ms / 1000) // HOUR_S),
        limit=rates.read(rate),
    )


def provider_breaker(provider: str) -> tuple[str, float]:
    """The breaker of a provider: closed, open or half open, and in how many seconds a request passes."""
    found = connection.client().hgetall(own_keys.gate(f"provider:{provider}"))
    fields = {name.decode(): value for name, value in found.items()}
    word, passes_ms = breaker_of(fields, connection.now().timestamp() * 1000)
    return word, passes_ms / 1000


def breaker_of(fields: Mapping[str, bytes], now_ms: float) -> tuple[str, float]:
    """Closed, open or half open, and in how many ms a request passes: the rules of parts/breaker.lua."""
    open_until = _number(fields, "open_until")
    if not open_until:
        return "closed", 0.0
    probe_until = _number(fields, "probe_until")
    if fields.get("probe") and probe_until > now_ms:
        return "half open", probe_until - now_ms
    return ("open", open_until - now_ms) if open_until > now_ms else ("half open", 0.0)


def _opened_s(fields: Mapping[str, bytes], now_ms: float) -> float:
    """How long ago an open breaker opened: it opens for twice as long each further time (parts/breaker.lua)."""
    times = min(20, max(0, int(_number(fields, "openings")) - 1))
    lasts_ms: int = min(constants.BREAKER_MOST_MS, constants.BREAKER_MS * 2**times)
    return round(max(0.0, now_ms - _number(fields, "open_until") + lasts_ms) / 1000, 3)


def _outcomes(fields: Mapping[str, bytes], hour: int) -> dict[str, int]:
    """Outcomes of this hour and the one before, the most frequent first."""
    counts: dict[str, int] = {}
    for name in fields:
        of, _, outcome = name.partition(":")
        if outcome and of.isdigit() and int(of) >= hour - 1:
            counts[outcome] = counts.get(outcome, 0) + int(_number(fields, name))
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _number(fields: Mapping[str, bytes], name: str) -> float:
    """A number of a record; a broken one counts as missing."""
    try:
        return float(fields.get(name) or 0)
    except ValueError:
        return 0.0
