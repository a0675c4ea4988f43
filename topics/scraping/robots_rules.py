"""robots.txt as RFC 9309 wants it: fetched once a day an origin, read once a process, and waited for where it is unreachable.

A missing one (4xx) allows everything. One that cannot be reached (5xx, 429, no answer) allows nothing yet: pages wait some
minutes, then fail, and it is tried again with back-off. After 30 days it counts as missing.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import NamedTuple, Protocol

import clock
from errors import DataError, NetworkError, NoSuchHost, NotNow, RobotsUnreachable
from parsing import web_urls
from state.scraping import gates, robots_cache
from topics.scraping.manners import Manners

#: What a process has read is good for so long (s); so many origins, and so many bytes of text, at most.
KEPT_S, MOST_KEPT, MOST_KEPT_BYTES = 600.0, 1000, 16 * 2**20


class Answer(NamedTuple):
    """What came for a robots.txt after at most five redirects; of a long body its first 500 KiB are enough."""

    status: int
    body: bytes
    sent_ago_s: float | None = None


#: Fetches a robots.txt by its address. Raises NetworkError where nothing came.
Fetch = Callable[[str], Answer]


class Rules(Protocol):
    """What a robots.txt says to one agent (parsing/robots.py)."""

    @property
    def delay_s(self) -> float | None:
        """Its Crawl-delay; None = it has none."""

    def allowed(self, url: str) -> bool:
        """Whether the agent may fetch that page."""


@dataclass(frozen=True, slots=True)
class Free:
    """The rules of an origin without robots.txt."""

    delay_s: float | None = None

    def allowed(self, url: str) -> bool:
        """Everything."""
        return True


FREE = Free()


class Kept:
    """Rules that this process has read lately."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[float, int, Rules]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, origin: str, agent: str) -> Rules | None:
        """The rules, if they were read lately."""
        with self._lock:
            found = self._kept.get((origin, agent))
            if found is None or found[0] < clock.monotonic():
                return None
            self._kept.move_to_end((origin, agent))
            return found[2]

    def put(self, origin: str, agent: str, rules: Rules, size: int) -> None:
        """Keep rules; those that were not used for longest make room."""
        with self._lock:
            self._bytes -= self._kept.pop((origin, agent), (0, 0))[1]
            self._kept[origin, agent] = (clock.monotonic() + KEPT_S, size, rules)
            self._bytes += size
            while len(self._kept) > MOST_KEPT or (self._bytes > MOST_KEPT_BYTES and len(self._kept) > 1):
                self._bytes -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget them all, as a new process would."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0


kept = Kept()


#: A page waits until its robots.txt was tried so often; then it fails, for what cannot be asked may not be fetched.
MOST_TRIES = 4


def known(url: web_urls.Url, manners: Manners) -> Rules | None:
    """The rules for a page where this process has read them lately, or needs none; no Redis."""
    return kept.get(url.origin, manners.agent) if manners.obeys_robots() else FREE


def rules_for(url: web_urls.Url, manners: Manners, holder: str, fetch: Fetch | None) -> Rules:
    """The rules for a page. Raises NotNow while they are not known; no Redis where this process has read them lately.

    Raises RobotsUnreachable after some tries: nobody waits for a host that is gone. The tries go on with whoever comes next.

    The fetch takes a turn at the host, as any page does. Without `fetch`, or where robots.txt is not obeyed, all is allowed.
    """
    if fetch is None or not manners.obeys_robots():
        return FREE
    found = kept.get(url.origin, manners.agent)
    if found is not None:
        return found
    known = robots_cache.take(url.origin, holder, manners.ask(url.host, holder).delay_s)
    if known.state == "fetch":
        known = _fetched(url, manners, holder, fetch)
    if known.state in ("fetching", "unreachable") and not known.body:
        if known.state == "unreachable" and known.failures >= MOST_TRIES:
            raise RobotsUnreachable(
                f"robots.txt of host {url.host} cannot be reached, so its pages may not be fetched: try later"
            )
        words = {"fetching": "is being fetched", "unreachable": "cannot be reached"}
        until = clock.now() + timedelta(seconds=known.in_s)
        raise NotNow(until, f"robots.txt of host {url.host} {words[known.state]}")
    rules = _read(known.body, manners.agent, url.origin) if known.body else FREE
    kept.put(url.origin, manners.agent, rules, len(known.body) + 1000)
    return rules


def _fetched(url: web_urls.Url, manners: Manners, holder: str, fetch: Fetch) -> robots_cache.Known:
    """Fetch it in a turn of its own, and write down what came."""
    entered = gates.enter(manners.ask(url.host, holder))
    entered = gates.ready(entered) if isinstance(entered, gates.Granted) else entered
    if isinstance(entered, gates.Wait):
        raise entered.error()
    left = gates.Left(None, 0.0)
    try:
        answer = fetch(f"{url.origin}/robots.txt")
        left = gates.Left(_outcome(answer.status), answer.sent_ago_s or 0.0)
        kind = _kind(answer.status)
        return robots_cache.keep(url.origin, holder, kind, answer.body if kind == "rules" else b"")
    except NetworkError as exc:
        left = gates.Left("network_error", 0.0)
        is_nameless = isinstance(exc, NoSuchHost)  # nor can its pages be fetched: nothing is to be waited for
        known = robots_cache.keep(url.origin, holder, "nameless" if is_nameless else "unreachable")
        if is_nameless:
            raise
        return known
    except DataError:  # its redirects lead nowhere, or where we do not go: it counts as missing (RFC 9309, 2.3.1.2)
        left = gates.Left("client_error", 0.0)
        return robots_cache.keep(url.origin, holder, "free")
    finally:
        gates.leave(entered, left)


def _kind(status: int) -> robots_cache.Kind:
    if 200 <= status < 300:
        return "rules"
    return "unreachable" if status >= 500 or status == 429 else "free"


def _outcome(status: int) -> gates.Outcome:
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "server_error"
    return "client_error" if status >= 400 else "ok"


def _read(body: bytes, agent: str, origin: str) -> Rules:
    """The rules in a text; the reader is loaded by who fetches pages."""
    from parsing import robots

    return robots.rules(body, agent, f"{origin}/robots.txt")
