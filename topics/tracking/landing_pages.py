"""The pages of a project that rank: for how many keywords, how well, and which keywords have several that compete.

Counted once over all keywords from the history, and kept: nothing is fetched. The share of a page is its part of the project's
visibility (visibility.py), so the shares of all pages sum up to it. A keyword is cannibalised where two of our pages ranked for
it in the last 14 days, one after the other or both on one result page.
"""

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import chunks
import clock
import models
import queues
from parsing import target_pages
from state.tracking import history, keywords, projects, serp_summaries
from state.tracking import landing_pages as kept_counts
from state.tracking.history import Brief
from state.tracking.landing_pages import Rows
from topics.tracking import counting, days, overview, visibility

#: Days in which two own pages compete.
DAYS = 14

#: Pages and cannibalised keywords that are kept, keywords that a page names, and pages that a keyword names, at most.
MOST, NAMED, RIVALS = 10_000, 3, 5

#: The lists of a count.
PAGES, CANNIBALISED = "pages", "cannibalised"
LISTS = (PAGES, CANNIBALISED)

#: Weight times volume, rank, id and text of a keyword.
Worth = tuple[float, int, str, str]


@dataclass(slots=True)
class Page:
    """A page that ranks. `url`: one of its addresses."""

    url: str
    keywords: int = 0
    best: int = 255
    seen: float = 0.0  # weight times volume of its keywords
    wrong: int = 0  # keywords whose target page is another
    rivals: int = 0  # keywords for which another own page competes
    named: list[Worth] = field(default_factory=list)


@dataclass(slots=True)
class Own:
    """An own page of a keyword in the last days. `url`: the address it had last."""

    url: str
    days: int
    best: int
    last: int  # number of the day


class Counted(NamedTuple):
    """The head of a count, and the job that counts anew. Without a head that is the first count; without a job it is new."""

    head: dict[str, Any] | None
    job: models.Submission | None


class Count:
    """A count over keywords that come one after the other."""

    def __init__(self, project: models.Project, today: date) -> None:
        self.project, self.today, self.weights = project, today, visibility.weights()
        self.number, self.slack = history.number_of(today), math.ceil(project.every_h / 24) + 1
        self.share = visibility.Share()
        self.pages: dict[str, Page] = {}
        self.rivalries: list[tuple[int, str, dict[str, Any]]] = []
        self.keywords = self.cannibalised = 0

    def count(
        self, keyword: models.Keyword, past: Sequence[Brief], urls: dict[int, str], seen: Sequence[serp_summaries.Brief]
    ) -> None:
        """Count a keyword: its last ranks (oldest first), the addresses they speak of, and what its checks saw."""
        self.keywords += 1
        now = next(overview.held(past, [self.number], self.slack))
        if now and now.state is not models.RankState.UNKNOWN:
            self.share.count(now.rank, keyword.volume, self.weights)
        page = self._page(keyword, now, urls) if now and now.rank else None
        own, together = self._own(past, urls, seen)
        if len(own) > 1:
            self._rivalry(keyword, now, own, together)
            if page:
                page.rivals += 1

    def _page(self, keyword: models.Keyword, now: Brief, urls: dict[int, str]) -> Page | None:
        url, rank = urls.get(now.page), now.rank or 0
        if url is None:
            return None
        page = self.pages.setdefault(target_pages.identity(url), Page(url))
        worth = (self.weights[rank - 1] if rank <= len(self.weights) else 0.0) * (keyword.volume or 1)
        page.keywords, page.best, page.seen = page.keywords + 1, min(page.best, rank), page.seen + worth
        page.wrong += bool(keyword.target_url) and not target_pages.is_page(url, keyword.target_url or "")
        push = heapq.heappush if len(page.named) < NAMED else heapq.heappushpop
        push(page.named, (worth, -rank, keyword.id, keyword.text))
        return page

    def _own(
        self, past: Sequence[Brief], urls: dict[int, str], seen: Sequence[serp_summaries.Brief]
    ) -> tuple[dict[str, Own], int]:
        """Own pages of the last days, each once a day; and on how many days two stood on one result page."""
        by_day: dict[int, dict[str, tuple[int, str]]] = {}
        first = self.number - DAYS
        for one in past:
            if one.number > first and one.rank and one.page in urls:
                url = urls[one.page]
                by_day[one.number] = {target_pages.identity(url): (one.rank, url)}
        for page in seen:
            if page.number > first and len(page.own) > 2:
                found = by_day.setdefault(page.number, {})
                for url, rank in page.whole().ours:
                    if url:
                        name = target_pages.identity(url)
                        found[name] = min((rank, url), found.get(name, (rank, url)))
        own: dict[str, Own] = {}
        for number, found in sorted(by_day.items()):
            for name, (rank, url) in found.items():
                before = own.get(name, Own(url, 0, rank, number))
                own[name] = Own(url, before.days + 1, min(before.best, rank), number)
        return own, sum(len(found) > 1 for found in by_day.values())

    def _rivalry(self, keyword: models.Keyword, now: Brief | None, own: dict[str, Own], together: int) -> None:
        self.cannibalised += 1
        shown = sorted(own.values(), key=lambda one: (-one.days, one.best, one.url))[:RIVALS]
        row = {
            "id": keyword.id,
            "keyword": keyword.text,
            "volume": keyword.volume,
            "rank": now.rank if now else None,
            "together": together,
            "pages": [
                {"url": one.url, "days": one.days, "best": one.best, "last": history.day_of(one.last).isoformat()}
                for one in shown
            ],
            "of": len(own),
        }
        push = heapq.heappush if len(self.rivalries) < MOST else heapq.heappushpop
        push(self.rivalries, (keyword.volume or 0, keyword.id, row))

    def facts(self) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        """The head, and the rows of each list: pages by their share, keywords by their volume."""
        order = heapq.nsmallest(MOST, self.pages.values(), key=lambda page: (-page.seen, page.best, page.url))
        head = {
            "project": self.project.id,
            "at": clock.now().isoformat(),
            "day": self.today.isoformat(),
            "keywords": self.keywords,
            "visibility": self.share.value,
            "pages": len(self.pages),
            "cannibalised": self.cannibalised,
            "kept": MOST,
            "formula": visibility.FORMULA,
        }
        rivalries = [row for _, _, row in sorted(self.rivalries, key=lambda one: (-one[0], one[1]))]
        return head, {PAGES: [self._row(page) for page in order], CANNIBALISED: rivalries}

    def _row(self, page: Page) -> dict[str, Any]:
        named = [{"id": id, "keyword": text, "rank": -rank} for _, rank, id, text in sorted(page.named, reverse=True)]
        share = round(page.seen / self.share.volume, 6) if self.share.volume else None
        figures = {"keywords": page.keywords, "best": page.best, "share": share, "wrong": page.wrong, "rivals": page.rivals}
        return {"url": page.url, **figures, "named": named}


def make(project_id: str, progress: Callable[[int], object] = lambda done: None) -> dict[str, Any]:
    """Count a project and keep what came out for a week; returns the head. Raises NotFound. Safe to repeat.

    Cost grows with its keywords.
    """
    project = projects.get(project_id)
    found = Count(project, days.today(project))
    for keyword, (past, urls), seen in _pasts(project_id, max(DAYS, found.slack + 1), progress):
        found.count(keyword, past, urls, seen)
    head, lists = found.facts()
    kept_counts.keep(project_id, head, lists)
    return head


def current(project_id: str, count: Callable[..., Any], *, fresh: bool = False, at_once: int = counting.AT_ONCE) -> Counted:
    """The last count of a project. `count` is the job that counts one; what is ten minutes old is counted anew.

    At once where the project is small, else by the job. `fresh`: count it however lately that was done.
    """
    kept = kept_counts.read(project_id)
    age_s = (clock.now() - datetime.fromisoformat(kept["at"])).total_seconds() if kept else math.inf
    if kept and age_s < counting.FRESH_S and not fresh:
        return Counted(kept, None)
    if keywords.count_of(project_id) <= at_once:
        make(project_id)
        return Counted(kept_counts.read(project_id), None)
    return Counted(kept, queues.submit(count, project_id, labels={"project": project_id}))


def part(project_id: str, head: dict[str, Any], name: str, limit: int, cursor: str = "") -> Rows:
    """Rows of a list of a count. Raises ArgumentError for a cursor of a count that is gone."""
    return kept_counts.part(project_id, head["version"], name, limit, cursor)


Past = tuple[models.Keyword, tuple[list[Brief], dict[int, str]], list[serp_summaries.Brief]]


def _pasts(project_id: str, number: int, progress: Callable[[int], object]) -> Iterator[Past]:
    """Each keyword that is not archived, with its last ranks, their addresses, and what its checks saw."""
    done = 0
    for ids in chunks.of(keywords.ids_of(project_id), keywords.CHUNK):
        read = keywords.find_many(ids), history.own_pages_of_many(ids, number), serp_summaries.briefs_of_many(ids, DAYS)
        yield from ((keyword, past, seen) for keyword, past, seen in zip(*read, strict=True) if keyword)
        done += len(ids)
        progress(done)


def forget(project_id: str) -> None:
    """Remove what was counted. Safe to repeat."""
    kept_counts.forget(project_id)
