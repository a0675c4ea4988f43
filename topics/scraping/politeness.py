"""Polite fetching: a page's turn at its host, with robots.txt obeyed. What must wait raises NotNow, and so its job is parked.

    with politeness.turn(url, manners, job_id, fetch_robots) as turn:
        reply = fetch.get(request, before=turn.follow)
        turn.outcome("ok", sent_ago_s=reply.sent_ago_s)

A turn that is not told its outcome learns it from the error that ends it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import clock
import queues
from errors import BlockedError, DataError, NetworkError, NotAllowed, NotNow, ProviderBusy
from parsing import web_urls
from state.engine import leases
from state.scraping import gates, passed_turns
from state.store import scripts
from topics.scraping import robots_rules
from topics.scraping.early_turns import Early
from topics.scraping.manners import MOST_CRAWL_DELAY_S, Manners

T = TypeVar("T")

#: A redirect to another host waits for its turn inside the job for so long at most (s); for more, the job is parked.
FOLLOW_WAIT_S = 3.0

#: A job that asks the same host again waits inside for longer than any Crawl-delay: parked, it would begin anew each time.
PATIENCE_S = MOST_CRAWL_DELAY_S + 10.0

#: Where a host has no delay, less (s) is not waited for.
LEAST_WAIT_S = 0.002

#: Nobody said when the request was sent: it may have been this moment.
JUST_NOW_S = 0.0


@dataclass(slots=True)
class Turn:
    """A page's turn at its host; the holder may send one request now."""

    manners: Manners
    holder: str
    fetch_robots: robots_rules.Fetch | None
    granted: gates.Granted
    _left: gates.Left | None = None
    _is_over: bool = False

    def outcome(
        self,
        outcome: gates.Outcome,
        *,
        sent_ago_s: float | None,
        retry_after_s: float | None = None,
        provider_failed: bool = False,
    ) -> None:
        """Say how the fetch ended; it is written when the turn ends. `sent_ago_s`: when its last request was sent."""
        self._left = gates.Left(outcome, sent_ago_s, retry_after_s, provider_failed)

    def leave(self, *calls: scripts.Call) -> list[Any]:
        """End the turn now, in one round trip with other scripts; returns their replies. A second call runs only those."""
        own = self.leave_calls()
        return scripts.run_together([*own, *calls])[len(own) :] if own or calls else []

    def leave_calls(self) -> list[scripts.Call]:
        """What ends the turn, to be sent together with others; nothing where it is over."""
        ended = self.ended()
        return [ended.leave_call()] if ended else []

    def ended(self, left: gates.Left | None = None) -> passed_turns.Ended | None:
        """The turn, over, for whoever tells its gate; None where it was over. `left`: how it ended."""
        if self._is_over:
            return None
        self._is_over = True
        return passed_turns.Ended(self.granted, left or self._left or gates.Left(None, JUST_NOW_S))

    def rules(self, url: web_urls.Url) -> robots_rules.Rules:
        """The rules of robots.txt for an address. Raises NotAllowed where they forbid it, NotNow while they are not known."""
        return _rules(url, self.manners, self.holder, self.fetch_robots)

    def follow(self, target: str) -> None:
        """Before a redirect is followed: it is a request of its own. Raises NotAllowed, NotNow, DataError.

        On another host, the page has a turn there, for which the job waits here for up to three seconds. On the same host it
        waits for the delay: parked, the job would ask for the first page again.
        """
        url = web_urls.parse(target)
        rules = self.rules(url)
        ask = self.manners.ask(url.host, self.holder, rules.delay_s)
        if ask.host == self.granted.ask.host:
            self._go_on(ask, target)
            return
        self._left = self._left or gates.Left("ok", JUST_NOW_S)
        token, asked_at = leases.token(), clock.monotonic()
        (reply,) = self.leave(gates.enter_call(ask, token))
        self.granted = _granted_soon(gates.entered(ask, token, reply, asked_at), ask, FOLLOW_WAIT_S)
        self._left, self._is_over = None, False

    def _go_on(self, ask: gates.Ask, target: str) -> None:
        """Another request in the same turn."""
        if ask.delay_s > PATIENCE_S:
            raise DataError(
                f"sends on to {target:.300}, and its delay of {ask.delay_s:g} s is too long to wait: name that address."
            )
        answer = gates.again(self.granted)
        if isinstance(answer, gates.Wait):
            self._is_over = True
            raise answer.error()
        self.granted = answer

    def end(self, error: BaseException | None) -> None:
        """End the turn, if it is not over; an error says how it went, unless somebody did."""
        if error is not None and self._left is None:
            self._left = left_by(error, JUST_NOW_S)
        self.leave()


def left_by(error: BaseException, sent_ago_s: float | None) -> gates.Left:
    """How a turn ended that ended with an error; errors that say nothing of the host do not count."""
    if isinstance(error, BlockedError):
        return gates.Left("blocked", sent_ago_s)
    if isinstance(error, ProviderBusy):
        return gates.Left("rate_limited", sent_ago_s, provider_failed=True)
    if isinstance(error, NetworkError):
        return gates.Left("network_error", sent_ago_s)
    return gates.Left(None, sent_ago_s)


def enter(
    url: web_urls.Url,
    manners: Manners,
    holder: str,
    fetch_robots: robots_rules.Fetch | None,
    *calls: scripts.Call,
    early: Early | None = None,
) -> tuple[Turn, list[Any]]:
    """The page's turn, of which the caller takes care, and the replies of other scripts sent with it. Raises as `turn` does.

    It is called right before the request is sent: the moment of the turn is now. `early`: a turn that may be for this page. It is
    taken, and then no other script is sent, or given back.
    """
    with early or nullcontext():  # robots.txt has a turn of its own first, where it is not known
        rules = _rules(url, manners, holder, fetch_robots, early.give_back if early else None)
        ask = manners.ask(url.host, holder, rules.delay_s)
        answer = early.take(ask) if early and not calls else None
    if answer is not None:
        return Turn(manners, holder, fetch_robots, _ready(answer)), []
    token, asked_at = leases.token(), clock.monotonic()
    reply, *replies = scripts.run_together([gates.enter_call(ask, token), *calls])
    return Turn(manners, holder, fetch_robots, _ready(gates.entered(ask, token, reply, asked_at))), replies


@contextmanager
def turn(url: str, manners: Manners, holder: str, fetch_robots: robots_rules.Fetch | None = None) -> Iterator[Turn]:
    """Wait for nothing: either it is the page's turn, or NotNow says from when on and why.

    `holder`: the id of the job; it gets the same moment when it asks again. `fetch_robots` fetches a robots.txt; None =
    it is not asked for. Raises NotAllowed where robots.txt forbids the page, DataError for what is no address.
    """
    mine, _ = enter(web_urls.parse(url), manners, holder, fetch_robots)
    try:
        yield mine
    except BaseException as error:
        mine.end(error)
        raise
    mine.end(None)


def _rules(
    url: web_urls.Url,
    manners: Manners,
    holder: str,
    fetch: robots_rules.Fetch | None,
    before_fetch: Callable[[], object] | None = None,
) -> robots_rules.Rules:
    """The rules of robots.txt, which allow that page. `before_fetch` is called where this process does not know them."""
    rules = robots_rules.known(url, manners)
    if rules is None:
        if before_fetch:
            before_fetch()
        rules = robots_rules.rules_for(url, manners, holder, fetch)
    if not rules.allowed(url.href):
        raise NotAllowed(f"robots.txt of {url.host} forbids {url.href:.200} to {manners.agent}. OBEY_ROBOTS=false ignores it.")
    return rules


def _granted_soon(entered: gates.Granted | gates.Wait, ask: gates.Ask, patience_s: float) -> gates.Granted:
    """A turn that comes soon enough, waited for here."""
    deadline = clock.monotonic() + patience_s
    while isinstance(entered, gates.Wait):
        if clock.monotonic() + entered.in_s > deadline:
            raise entered.error()
        clock.wait(entered.in_s)
        entered = gates.enter(ask)
    return _ready(entered)


def _ready(entered: gates.Granted | gates.Wait) -> gates.Granted:
    """The turn at its moment; NotNow where it has to be waited for."""
    if isinstance(entered, gates.Granted) and (entered.ask.delay_s or entered.in_s > LEAST_WAIT_S):
        entered = gates.ready(entered)
    if isinstance(entered, gates.Wait):
        raise entered.error()
    return entered


def patiently(ask: Callable[[], T]) -> T:
    """What `ask` gives; its NotNow is waited for here, as long as a Crawl-delay may be. Raises NotNow beyond that."""
    until = clock.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except NotNow as exc:
            wait_s = max(0.01, (exc.until - clock.now()).total_seconds())
            if clock.monotonic() + wait_s > until:
                raise
            queues.progress(0, None, str(exc))
            clock.wait(wait_s)
