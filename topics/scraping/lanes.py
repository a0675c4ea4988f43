"""The lanes of a batch or a crawl: each job of a lane takes one page after the other, for some seconds, and hands over.

A page costs two round trips to Redis. One tells what came out of the page before and takes the next page, with what is known of
it if it was fetched before; the other takes the turn at its host. In a crawl of one host without a delay, one round trip does
both. Where nothing may be fetched yet, the job is parked.
"""

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import clock
import errors
import queues
from parsing import links, web_urls
from state.scraping import frontier, gates, ledgers, passed_turns
from state.store import connection, scripts
from state.store.constants import NEAR_MS, SEGMENT_RECORDS
from topics.scraping import config as configs
from topics.scraping import outcomes, own_address, reading, stored, visits
from topics.scraping.early_turns import Early
from topics.scraping.scope import Scope, fingerprint

#: A job takes pages for so long (s), so many at most: then others in the queue have their turn.
SLICE_S, SLICE_PAGES = 5.0, 100

#: A job waits in its thread for so long (s) at most between two pages: a shorter wait is not worth being parked.
PATIENCE_S = NEAR_MS / 1000

#: A job asks whether it was cancelled, and says how far it is, so often (s).
SAY_S = 2.0

#: Longest time of one job (s): a slice, and a page that began at its end.
TIMEOUT_S = 900

PATH = "jobs.scrape.crawl_pages"
WORK = ledgers.Work(PATH, TIMEOUT_S)


class Course:
    """A batch or a crawl, as the lanes of this process see it."""

    def __init__(self, ledger: ledgers.Ledger) -> None:
        self.id, self.config = ledger.id, configs.load(ledger.fields["config"])
        self.is_crawl = ledger.kind == "crawl"
        self.hosts: set[str] = set()  # of its pages that this process has fetched
        self.scope = Scope(ledger.fields["url"], self.config) if self.is_crawl else None

    @property
    def stays(self) -> bool:
        """Whether its next page is at the same host, as good as always; and nothing else is asked before it is fetched."""
        return self.is_crawl and len(self.hosts) == 1

    @property
    def gap_ms(self) -> int:
        """Between two pages of a host."""
        return round(1000 * self.config.delay_s)


@functools.lru_cache(maxsize=256)
def _course(ledger_id: str) -> Course:
    ledger = ledgers.read(ledger_id)
    if ledger is None:
        raise errors.NotFound(f"No batch or crawl {ledger_id}: it never existed, or its record has expired.")
    return Course(ledger)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a page: what its ledger is told, the scripts that go with it, the links that are offered, why it waits."""

    told: frontier.Told = frontier.NOTHING
    calls: Sequence[scripts.Call] = ()
    ended: passed_turns.Ended | None = None  # its turn
    links: Sequence[str] = ()
    why: str = "its next page may not be fetched yet"
    in_line: bool = False  # it stands in the line of its host
    ask: gates.Ask | None = None  # the turn that the next page needs, too, if it is of the same host


NOTHING = Came()


def run(name: str) -> dict[str, Any]:
    """One job of a lane; returns how many pages it fetched, and why it ended. Raises NotNow where it must wait."""
    lane = frontier.lane_of(name)
    course = _course(lane.ledger_id)
    came, held, fetched, patience_s, in_line_at = NOTHING, "", 0, PATIENCE_S, ""
    began = said = clock.monotonic()
    while True:
        goes_on = fetched < SLICE_PAGES and clock.monotonic() - began < SLICE_S
        answer, early = _step(lane, course, (came, held), goes_on)
        if isinstance(answer, frontier.End):
            _pack(lane.ledger_id, at_least=1 if answer.reason == "over" else SEGMENT_RECORDS)
            return {"pages": fetched, "ended": answer.reason}
        if isinstance(answer, frontier.Wait):
            patience_s = _await(answer, came.why, patience_s)
            came, held = NOTHING, ""
            continue
        if answer.took_links and course.scope:
            course.scope.know(came.links)
        if answer.packs:
            _pack(lane.ledger_id, at_least=SEGMENT_RECORDS)
        if clock.monotonic() - said >= SAY_S:
            said = clock.monotonic()
            queues.progress(fetched)
        host = web_urls.parse(answer.url).host
        if in_line_at not in ("", host):
            gates.withdraw(in_line_at, lane.job_id)  # else that host waited for us
        came, held = _page(course, answer, lane, early), answer.token
        in_line_at = host if came.in_line else ""
        if not in_line_at:
            fetched, patience_s = fetched + 1, PATIENCE_S


def _step(
    lane: frontier.Lane, course: Course, before: tuple[Came, str], goes_on: bool
) -> tuple[frontier.Page | frontier.Wait | frontier.End, Early | None]:
    """Tell, take the next page, and ask for a turn for it where its host is known: one round trip."""
    came, held = before
    asked = frontier.Asked(goes_on, course.gap_ms, course.config.may_reuse)
    step = frontier.step_call(lane, WORK, came.told, held, asked)
    passes_on = came.ended is not None and came.ended.granted.ask == came.ask
    early = Early(came.ask, came.ended if passes_on else None) if came.ask and goes_on else None
    calls = [*came.calls, *([came.ended.leave_call()] if came.ended and not (early and passes_on) else [])]
    with connection.errors_translated():
        replies = scripts.run_together([*calls, step, *([early.call()] if early else [])])
        if early:
            early.answered(replies.pop())
        answer = frontier.answer_of(step, replies[-1])
        if early and not isinstance(answer, frontier.Page):
            early.give_back()
    return answer, early


def _await(answer: frontier.Wait, why: str, patience_s: float) -> float:
    """Wait here for a moment that is near, and return the patience that is left; NotNow for another moment."""
    if answer.in_s > patience_s:
        raise errors.NotNow(clock.now() + timedelta(seconds=answer.in_s), why)
    clock.wait(answer.in_s)
    return patience_s - max(answer.in_s, 0.01)


def _pack(ledger_id: str, at_least: int) -> None:
    while stored.pack_records(ledger_id, at_least):
        pass


def _page(course: Course, page: frontier.Page, lane: frontier.Lane, early: Early | None) -> Came:
    """Visit a page. Whatever it does to our code, the other pages go on; only Redis and interruptions end the job."""
    try:
        with connection.errors_translated():
            on_redirect = _links_of(page) if course.is_crawl else None
            visit = visits.go(page.url, course.config, lane.job_id, on_redirect, early, page)
    except errors.NotNow as exc:
        wait_s = (exc.until - clock.now()).total_seconds()
        told = frontier.Told("wait", delay_ms=max(1, round(1000 * wait_s)))
        told = outcomes.still_failing(exc, wait_s, page, course.config) or told
        return Came(_paid(told, exc.cost_credits), why=str(exc), in_line=True)
    except errors.NotAllowed as exc:
        return Came(_paid(_settled(course, page, outcomes.skipped("robots", page)), exc.cost_credits))
    except (errors.StoreUnreachable, errors.UnsafeStore):
        raise
    except Exception as exc:
        return Came(outcomes.failed(exc, page, course.config))
    try:
        told, found = _read(course, page, visit)
    except Exception as exc:
        told, found = outcomes.failed(exc, page, course.config), []
    told = _settled(course, page, told)
    return Came(_paid(told, visit.cost_credits), visit.calls, visit.ended, found, ask=_next_ask(course, visit))


def _settled(course: Course, page: frontier.Page, told: frontier.Told) -> frontier.Told:
    if course.scope is None:
        return told
    with connection.errors_translated():
        return own_address.settled(course.scope, course.id, page, told)


def _next_ask(course: Course, visit: visits.Visit) -> gates.Ask | None:
    if visit.ask is None or visit.ask.delay_s:
        return None
    course.hosts.add(visit.ask.host)
    return visit.ask if course.stays else None


def _paid(told: frontier.Told, cost_credits: float | None) -> frontier.Told:
    """The same, with what a provider charged for the page: a page that was no page was paid, too."""
    return told._replace(millicredits=round(1000 * visits.paid(cost_credits)))


def _links_of(page: frontier.Page) -> Callable[[str], None]:
    """What takes redirects of a page for links. One that leads to the page itself is followed: it may want its cookie back.

    So is one to a page that redirected here: that page wanted the cookie of this one, and is seen already. Along a chain of pages
    it is followed twice, because the first time it has the cookie of the last page only.
    """
    left: Counter[str] | None = None

    def as_link(target: str) -> None:
        nonlocal left
        left = Counter({mark: min(2, len(page.via)) for mark in page.via}) if left is None else left
        mark, own = (fingerprint(web_urls.canonical(url)).hex() for url in (target, page.url))
        if mark != own and not left[mark]:
            raise visits.Redirected(target)
        left[mark] -= 1

    return as_link


def _read(course: Course, page: frontier.Page, visit: visits.Visit) -> tuple[frontier.Told, Sequence[str]]:
    if isinstance(visit.error, visits.Redirected):
        return _redirected(course, page, visit.error.target)
    if visit.reply and not visit.error and not outcomes.is_html(visit):
        if course.scope is None:  # somebody named this address, so it is wanted, whatever it is
            return outcomes.done(outcomes.read_file(visit, course.config), page, course.id), []
        return outcomes.skipped("file", page, content_type=outcomes.content_type(visit)[:100]), []
    read = outcomes.read(visit, course.config)
    if course.scope is None:
        return outcomes.done(read.record, page, course.id), []
    return _of_crawl(course, course.scope, page, read, visit)


def _redirected(course: Course, page: frontier.Page, target: str) -> tuple[frontier.Told, Sequence[str]]:
    """A redirect is a link: its target is a page of its own, which is fetched once however many lead there."""
    assert course.scope is not None
    offer = course.scope.sent_on(target, page.url, page.depth + 1)
    if offer is None:
        return outcomes.skipped("other site", page, target=target), []
    return outcomes.skipped("redirect", page, [offer], target=target), [target]


def _offered(ledger_id: str, offers: list[ledgers.Offer], depth: int) -> list[ledgers.Offer]:
    """The links that go with the step of a page; of a page with very many, the others are added before, so no step is long."""
    if len(offers) > ledgers.CHUNK:
        with connection.errors_translated():
            ledgers.add(ledger_id, offers[ledgers.CHUNK :], depth)
    return offers[: ledgers.CHUNK]


def _of_crawl(
    course: Course, scope: Scope, page: frontier.Page, read: reading.Read, visit: visits.Visit
) -> tuple[frontier.Told, Sequence[str]]:
    """A page of a crawl: what it says about itself and robots, and the links it leads to."""
    url = read.record["final_url"]
    head = links.Head(read.tree, url, visit.reply.headers if visit.reply else {})
    named = head.canonical()
    offer = scope.believed(named, page.url, page.depth) if named and named != url else None
    is_other = named and offer and offer.fingerprint != visit.fingerprint
    if named and offer and is_other and own_address.gives_way(course.id, page.url, offer.url):
        return outcomes.skipped("canonical", page, [offer], target=named), [named]
    told = head.robots()
    found: list[str] = []
    if course.config.follow_links and "nofollow" not in told:
        found = links.urls(read.tree, url, follow=head.says_rel, start=head.base) + head.related()
        refresh = head.refresh()
        found += [refresh.url] if refresh and refresh.url else []
    offers = _offered(course.id, scope.offers(found, page.depth + 1), page.depth + 1)
    if "noindex" in told:
        return outcomes.skipped("noindex", page, offers), found
    return outcomes.done(read.record, page, course.id, offers, reading.content_hash(read)), found
