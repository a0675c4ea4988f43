"""Hosts as people look at them: how they are treated, whether somebody paused them, and what their robots.txt says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import chunks
from state.engine import pauses
from state.engine.pauses import Pause
from state.scraping import hosts, robots_cache
from state.scraping.hosts import HostState
from state.store import connection
from topics.scraping.manners import Manners

#: Hosts that are looked through for open breakers, the last asked first.
MOST_LOOKED = 1000

#: Characters of a robots.txt that are shown.
MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Host:
    """A host, and the pause that holds it; None = it is not paused."""

    state: HostState
    paused: Pause | None


@dataclass(frozen=True, slots=True)
class Robots:
    """robots.txt of an origin as it was read last. `crawl_delay_s`: what it asks of us; None = nothing."""

    origin: str
    kind: str
    crawl_delay_s: float | None
    until: datetime | None
    failures: int
    text: str


def page(limit: int, cursor: str = "") -> tuple[list[Host], str]:
    """Hosts of the last two hours, the latest first, and the cursor of the next ones. Raises ArgumentError. Reads only."""
    with connection.errors_translated():
        found = hosts.page(limit, cursor)
        return _with_pauses(found.hosts), found.cursor


def open_breakers() -> list[Host]:
    """Of the hosts that were asked last, those whose breaker is not closed. Reads only."""
    with connection.errors_translated():
        names = hosts.open_breakers(MOST_LOOKED)
        return _with_pauses([one for chunk in chunks.of(names, hosts.CHUNK) for one in hosts.states(chunk)])


def known(host: str) -> Host:
    """What is known of a host. Raises NotFound. Reads only."""
    with connection.errors_translated():
        paused = next(iter(pauses.among([f"{pauses.HOST}:{host}"])), None)
        return Host(hosts.state(host) if paused else hosts.known(host), paused)


def count() -> int:
    """How many hosts were asked in the last two hours, more or less."""
    with connection.errors_translated():
        return hosts.count()


def robots_of(host: str) -> list[Robots]:
    """What is kept of its robots.txt, for https and for http; nothing is fetched. Reads only."""
    with connection.errors_translated():
        found = robots_cache.seen([f"https://{host}", f"http://{host}"])
    return [_robots(one) for one in found]


def _robots(one: robots_cache.Seen) -> Robots:
    from parsing import robots  # loaded by who reads one

    text = one.body.decode("utf-8", errors="replace")[:MOST_TEXT]
    rules = robots.rules(one.body, Manners().agent, f"{one.origin}/robots.txt") if one.body else None
    return Robots(one.origin, one.kind, rules.delay_s if rules else None, one.until, one.failures, text)


def _with_pauses(states: Sequence[HostState]) -> list[Host]:
    scopes = [f"{pauses.HOST}:{one.host}" for one in states]
    held = {pause.scope: pause for pause in pauses.among(scopes)}
    return [Host(one, held.get(scope)) for one, scope in zip(states, scopes, strict=True)]
