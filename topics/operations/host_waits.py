"""What is known of the host or the provider for which a job is parked: more for `why`, and what ends it."""

import re

from models import Stop
from state.scraping import hosts

#: How the reason of a parked job names what it waits for (state/scraping/gates.py).
SCOPE = re.compile(r"\b(host|provider) (\S+)")


def details(reason: str) -> list[Stop]:
    """How that host or provider is now; empty where the reason names none. Reads only."""
    found = SCOPE.search(reason)
    if not found:
        return []
    return [_host(hosts.state(found[2]))] if found[1] == "host" else _provider(found[2])


def _host(seen: hosts.HostState) -> Stop:
    turns = f"{seen.in_flight:,} of {seen.concurrency:,} in flight, {seen.waiting:,} wait, {seen.delay_s:g} s between requests"
    breaker = f", breaker {seen.breaker}" + (f" for {seen.breaker_s:.0f} s" if seen.breaker_s else "")
    says = f"The host {seen.host}: {turns}, the next in {seen.free_in_s:.1f} s{breaker}, robots.txt {seen.robots}."
    return Stop("host", says, f"`python manage.py hosts show {seen.host}` says more.", wrong=False)


def _provider(name: str) -> list[Stop]:
    word, in_s = hosts.provider_breaker(name)
    if word == "closed":
        return []
    return [Stop("breaker", f"The breaker of the provider {name} is {word}: a request passes in {in_s:.0f} s.", "", wrong=False)]
