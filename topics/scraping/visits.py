"""One visit to a page: robots, turn at its host, fetch, and what came back. A batch, a crawl and a single scrape all visit so.

A visit costs one round trip to Redis before the fetch; what ends it goes together with what records the page.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import clock
import config as settings
import errors
from clients import fetch
from parsing import blocks, moved, web_urls
from state.scraping import frontier, gates, pages, passed_turns
from state.store import scripts
from topics.scraping import early_turns, politeness, robots_rules, scope
from topics.scraping.config import ScrapingConfig
from topics.scraping.manners import Manners

#: A turn is held so much longer (s) than its fetch may take.
SPARE_S = 10.0

#: Page classes that are the page's own answer: another try gives the same.
FINAL_CLASSES = frozenset({"login", "parked", "not_found", "denied"})

#: Page classes that stand in place of a page. Others are errors of the server, which its status tells.
WALLS = FINAL_CLASSES | {"challenge", "captcha", "consent"}

#: Walls that say nothing against us.
HARMLESS = frozenset({"parked", "not_found"})

#: Modes whose provider or browser follows redirects in its own time: those have no turn, but robots.txt counts.
OF_ITS_OWN = frozenset({"scrapedo", "render"})

#: A provider that says that one page cost more says nothing.
MOST_CREDITS = 1_000_000

#: A robots.txt that takes longer (s) cannot be reached.
ROBOTS_TIMEOUT_S = 30.0

MISSING = frozenset({404, 410})


class Redirected(errors.DataError):
    """The page sends on to another address, which the caller treats as a link."""

    def __init__(self, target: str) -> None:
        super().__init__(f"sends on to {target}")
        self.target = target


@dataclass
class Visit:
    """What a visit brought: a reply, or an error. `calls` go with the script that records the page, and so does what `ended`."""

    url: str
    reply: fetch.Reply | None = None
    kept: pages.Kept | None = None  # how it was fetched before
    error: errors.TrawlError | None = None
    calls: list[scripts.Call] = field(default_factory=list)
    elapsed_s: float = 0.0
    reached: str = ""  # the host to which it was sent on; "" = to none
    ended: passed_turns.Ended | None = None  # its turn
    ask: gates.Ask | None = None  # what was asked of the gate of its host
    kept_for_s: float | None = None  # age of the kept page that stands for it; None = it was asked for

    @cached_property
    def fingerprint(self) -> bytes:
        """The identity of the page."""
        return scope.fingerprint(web_urls.canonical(self.url))

    @property
    def cost_credits(self) -> float:
        """What a provider charged for it, whatever came."""
        return paid(self.reply.cost_credits if self.reply else self.error.cost_credits if self.error else None)

    @property
    def is_unchanged(self) -> bool:
        """Whether the page is still as it is kept."""
        return self.reply is not None and self.reply.not_modified


def go(
    url: str,
    config: ScrapingConfig,
    holder: str,
    on_redirect: Callable[[str], None] | None = None,
    early: early_turns.Early | None = None,
    page: frontier.Page | None = None,
) -> Visit:
    """Visit a page. Raises NotNow where it must wait, NotAllowed where robots.txt forbids it; the page was not asked for then.

    `holder` names the job to the gate of the host. `on_redirect` is called with each address before it is requested. `early`: a
    turn that may be for this page; it is taken or given back. `page`: what its ledger told of it.
    """
    visit = Visit(url)
    if (config.max_age or config.min_age is not None) and _is_kept(visit, config, early):
        return visit
    told = page if page and page.mark == visit.fingerprint.hex() else None
    recall = [pages.recall_call(visit.fingerprint)] if config.may_reuse and not told else []
    turn, recalled = politeness.enter(web_urls.parse(url), manners_of(config), holder, robots_fetch(config), *recall, early=early)
    visit.ask, visit.kept = turn.granted.ask, pages.recalled(recalled[0]) if recalled else (told.kept if told else None)

    def before(target: str) -> None:
        if on_redirect:
            on_redirect(target)
        visit.reached = web_urls.parse(target).host
        if config.mode in OF_ITS_OWN:
            known_rules(turn, target)
        else:
            turn.follow(target)

    try:
        left = _timed(visit, turn.granted.ask.host, config, before)
    except BaseException:
        turn.leave()
        raise
    visit.ended = turn.ended(left)
    return visit


def _is_kept(visit: Visit, config: ScrapingConfig, early: early_turns.Early | None) -> bool:
    """Whether a kept page is young enough to stand for the visit: then it does, and nobody is asked for anything."""
    if config.cache_mode == "" and config.min_age is None:
        return False
    recall = pages.recall_call(visit.fingerprint)
    kept = pages.recalled(scripts.run_together([recall])[0])
    age_s = kept.age_s(clock.now()) if kept and kept.mode == config.cache_mode else None
    if kept is None or age_s is None or not (config.min_age or 0.0) <= age_s <= (config.max_age or age_s):
        if config.min_age is not None:
            raise errors.DataError(f"There is no kept page of {visit.url:.300} of that age: scrape it without min_age.")
        return False
    if early:
        early.give_back()
    visit.kept, visit.kept_for_s = kept, age_s
    visit.reply = fetch.Reply(visit.url, kept.final_url, 200, {}, b"", not_modified=True)
    return True


def known_rules(turn: politeness.Turn, target: str) -> None:
    """robots.txt of an address that a provider or browser went to by itself. Where it is not known, the page fails for now.

    Parked, the job would have the page fetched, and paid, as often as it is told to wait.
    """
    try:
        turn.rules(web_urls.parse(target))
    except errors.NotNow as exc:
        raise errors.NetworkError(f"sends on to {target:.300}, and {exc}") from None


def paid(credits_: float | None) -> float:
    """What a provider says that it charged; 0 for what cannot be."""
    return float(credits_) if credits_ and 0 <= credits_ < MOST_CREDITS else 0.0


def _timed(visit: Visit, host: str, config: ScrapingConfig, before: Callable[[str], None]) -> gates.Left:
    """Fetch the page and note how long that took; returns what the gate of `host` is told. Raises as `_fetch` does."""
    began = clock.monotonic()
    left = _blame(visit, host, _fetch(visit, config, before))
    visit.elapsed_s = clock.monotonic() - began
    return replace(left, sent_ago_s=visit.elapsed_s) if left.sent_ago_s is None else left


def _fetch(visit: Visit, config: ScrapingConfig, before: Callable[[str], None]) -> gates.Left:
    """The reply or the error of a visit; returns what its gate is told. Raises NotNow, NotAllowed and errors of others."""
    try:
        visit.reply = reply = fetch.get(_request(visit.url, config, visit.kept), before=before)
    except Redirected as exc:
        visit.error = exc
        return gates.Left("ok")
    except (errors.NotNow, errors.NotAllowed):
        raise
    except errors.TrawlError as exc:
        visit.error = exc
        return gates.Left("network_error" if exc.category == "network" else "client_error")
    visit.error = problem(reply, visit.url)
    return gates.Left(outcome(reply, visit.error), reply.sent_ago_s, reply.retry_after_s)


def _blame(visit: Visit, host: str, left: gates.Left) -> gates.Left:
    """What the gate of `host` is told: what another host did, to which it sent us on, is no fault of its own."""
    if visit.reached in ("", host) or left.outcome in ("ok", "not_modified"):
        return left
    return gates.Left("ok", left.sent_ago_s)


def fetched(url: str, config: ScrapingConfig, holder: str) -> Visit:
    """A visit that has ended, for a job that fetches several pages: parked in between, it would begin anew each time.

    So it waits for its turn here, as long as a Crawl-delay may be. Raises NotNow where that is not enough, and NotAllowed.
    """
    plain = config.model_copy(update={"reuse": False})

    def visited() -> Visit:
        visit = go(url, plain, holder)
        end(visit)
        return visit

    return politeness.patiently(visited)


def end(visit: Visit) -> None:
    """End a visit by itself, in one round trip."""
    if calls := visit.calls + ([visit.ended.leave_call()] if visit.ended else []):
        scripts.run_together(calls)
        visit.calls, visit.ended = [], None


def manners_of(config: ScrapingConfig) -> Manners:
    """How polite a configuration asks to be; what it does not say is as the settings say."""
    return Manners(
        delay_s=config.delay_between_requests,
        concurrency=config.concurrency,
        obey_robots=None if config.obey_robots else False,
        agent=config.robots_agent or fetch.user_agent().split("/")[0].split(" ")[0],
        provider=None if config.provider == "direct" else config.provider,
        lease_s=min(600.0, (config.timeout or settings.settings().request_timeout) + SPARE_S),
    )


def fetch_robots(url: str, verify_tls: bool = True) -> robots_rules.Answer:
    """A robots.txt, for the cache that all workers share."""
    try:
        reply = fetch.get(fetch.Request(url, timeout_s=ROBOTS_TIMEOUT_S, verify_tls=verify_tls))
    except errors.PageTooLarge:  # nobody knows what it forbids
        return robots_rules.Answer(500, b"")
    return robots_rules.Answer(reply.status, reply.body, reply.sent_ago_s)


def robots_fetch(config: ScrapingConfig) -> robots_rules.Fetch:
    """What fetches a robots.txt, with certificates verified as those of the pages are."""
    return fetch_robots if config.verify_tls else functools.partial(fetch_robots, verify_tls=False)


def _request(url: str, config: ScrapingConfig, kept: pages.Kept | None) -> fetch.Request:
    return fetch.Request(
        url,
        config.headers,
        timeout_s=config.timeout,
        max_bytes=config.max_page_kb << 10,
        etag=(kept.etag or None) if kept else None,
        last_modified=(kept.last_modified or None) if kept else None,
        proxy=config.proxy,
        mode=config.mode,
        onscreen=config.onscreen,
        verify_tls=config.verify_tls,
        moved=moved.target,
    )


def problem(reply: fetch.Reply, url: str) -> errors.TrawlError | None:
    """Why a reply is no page; None where it is one."""
    if reply.not_modified:
        return None
    status = reply.status
    block = blocks.classify(reply.text, status, reply.headers, url, reply.final_url) if _may_be_text(reply) else None
    if block and block.page_class in WALLS and not (status in MISSING and block.page_class == "not_found"):
        blocked = errors.BlockedError(f"{url} answered with a {block.page_class} page ({block.evidence[:150]})", block.page_class)
        blocked.retryable = block.page_class not in FINAL_CLASSES
        return blocked
    is_error = block is not None and block.page_class in ("rate_limited", "other_error")  # whatever its status says
    if (status < 300 or _is_page_all_the_same(reply)) and not is_error:
        return None
    if status == 429 or status >= 500 or is_error:
        late = errors.NetworkError(f"{url} answered {status}: its server is busy or failed")
        late.retry_after_s = max(1, min(3600, round(reply.retry_after_s or late.retry_after_s)))
        return late
    if status == 304:
        return errors.DataError(f"{url} answered 304 (not modified), though nobody asked whether it was: it sent no page")
    if status < 400:
        return errors.DataError(f"{url} answered {status}, and names no place to go to")
    return errors.DataError(f"{url} answered {status}: there is no such page, or it is not for us")


def _is_page_all_the_same(reply: fetch.Reply) -> bool:
    """Whether an answer calls itself a redirect, names no place to go to, and brings a page: browsers show it."""
    return 300 <= reply.status < 400 and reply.status != 304 and bool(reply.body.strip())


def _may_be_text(reply: fetch.Reply) -> bool:
    kind = reply.headers.get("content-type", "text/html")
    return "html" in kind or "text" in kind or "json" in kind


def outcome(reply: fetch.Reply, error: errors.TrawlError | None) -> gates.Outcome:
    """What the gate of its host is told of a reply."""
    if reply.not_modified:
        return "not_modified"
    if reply.status == 429:
        return "rate_limited"
    if isinstance(error, errors.BlockedError):
        return "client_error" if error.page_class in HARMLESS else "blocked"
    if reply.status >= 500 or isinstance(error, errors.NetworkError):
        return "server_error"
    return "client_error" if reply.status >= 400 else "ok"
