"""One check of one keyword: fetch, classify, parse, match, store. What it means for the schedule is claimed_check.py's matter."""

import functools
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import clock
import config
import models
from clients import serp as providers
from clients import storage
from errors import BlockedError, NetworkError, NotNow, ParseFailure, TrawlError, WrongPage
from parsing import domains, marks, serp, serp_json, version
from topics.tracking import account, answering, records, scan

log = logging.getLogger("trawl.check")

RESULTS_PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Tools:
    """What a check works with; one set a process."""

    provider: providers.Provider
    store: storage.Store


@functools.cache
def tools() -> Tools:
    """Provider and storage of the settings; the storage takes writes and the account can pay, before a page is bought.

    Raises ConfigError where a key is missing or wrong, OutOfCredits, BadToken, and what a write raises.
    """
    settings = config.settings()
    using = Tools(providers.make(settings), storage.make(settings))
    using.store.verify()
    account.verify_sometimes(using.provider)
    return using


class CheckFailed(Exception):
    """Carries the error that ended a check, with the rank (unknown) it leaves behind."""

    def __init__(self, error: TrawlError, rank: models.Rank) -> None:
        super().__init__(str(error))
        self.error, self.rank = error, rank


@dataclass(slots=True)
class Check:
    """One check. `slot()` gives a context in which one request to the provider may be made."""

    keyword: models.Keyword
    project: models.Project
    using: Tools
    slot: Callable[[], AbstractContextManager[None]]
    link_paid: Callable[[], AbstractContextManager[None]] = nullcontext  # raises NotNow where there is no budget for a link
    at: datetime = field(default_factory=clock.now)
    day: date | None = None  # of the rank: that of the slot that was due; None = that of `at`
    fetched: list[records.Fetched] = field(default_factory=list)
    stored: records.StoredCheck | None = None  # what `run` stored

    def run(self) -> models.Rank:
        """Fetch until the target is found, the results end or the depth is reached; store it all.

        Returns a known rank: ranked, or not found in the first N scanned. Raises CheckFailed for everything else: a blocked
        page, a page in which nothing was found, a provider that failed. What was fetched until then is stored for study.
        """
        started = clock.monotonic()
        target = domains.parse_target(self.project.domain)
        error: TrawlError | None = None
        try:
            self._scan(target)
        except TrawlError as exc:
            error = exc
        rank = self._verdict(target, error)
        if self.fetched:
            self._store(target, rank, round((clock.monotonic() - started) * 1000))
        if error:
            raise CheckFailed(error, rank) from error
        return rank

    def _scan(self, target: domains.Target) -> None:
        query = query_of(self.keyword, self.project)
        count = scan.Count()
        for start in range(0, self.project.depth, RESULTS_PER_PAGE):
            with self.slot():
                reply = self.using.provider.page(query, start=start)
            page = read(reply.body, reply.format, reply.url, reply.charset)
            error = answering.refusal(page, query.text, f"(results from {start + 1}, {len(reply.body):,} bytes)")
            above = count.scanned
            if error:
                page = answering.uncounted(page)
            else:
                above, page = count.add(page, lambda fresh: self._resolved(fresh, target))
            self.fetched.append(records.Fetched(start, reply, page, above))
            if error:
                raise error
            if count.is_over or domains.find_hits(target, page.organic):
                return

    def _resolved(self, page: models.SerpPage, target: domains.Target) -> models.SerpPage:
        """The page with its opaque links resolved, where they may be ours and their place decides the rank.

        A link whose displayed host matches always; one that shows no host (a third of them in 2026) while nothing above is ours.
        """
        organic: list[models.Organic] = []
        for result in page.organic:
            ours = bool(domains.find_hits(target, [one for one in organic if one.url]))
            may_be_ours = domains.may_match_host(target, result.displayed_host) or (result.displayed_host is None and not ours)
            opaque = result.url is None and result.goto_url is not None
            organic.append(self._resolve(result) if opaque and may_be_ours else result)
        return replace(page, organic=tuple(organic))

    def _resolve(self, result: models.Organic) -> models.Organic:
        try:
            with self.link_paid(), self.slot():
                return replace(result, url=self.using.provider.resolve(result.goto_url or ""))
        except (NetworkError, NotNow) as exc:
            log.info("Opaque link not resolved: the rank will be approximate", extra={"reason": str(exc)})
            return result

    def _verdict(self, target: domains.Target, error: TrawlError | None) -> models.Rank:
        pages = [(one.above, one.page) for one in self.fetched]
        rank = find_rank(self._day(), pages, target)
        if error:
            rank = models.Rank(rank.day, models.RankState.UNKNOWN, rank.scanned, reason=reason_of(error), cited=rank.cited)
        return replace(rank, sandbox=self.using.provider.is_sandbox)

    def _day(self) -> date:
        return self.day or self.at.date()

    def _store(self, target: domains.Target, rank: models.Rank, total_ms: int) -> None:
        failed = rank.state is models.RankState.UNKNOWN
        pages = records.put_pages(self.using.store, self.project, self.keyword, self.fetched, self._day(), failed)
        costs = [page.cost for page in pages if page.cost is not None]
        self.stored = records.StoredCheck(
            keyword_id=self.keyword.id,
            keyword=self.keyword.text,
            project_id=self.project.id,
            domain=self.project.domain,
            country=self.project.country,
            language=self.project.language,
            device=self.project.device,
            location=self.project.location,
            depth=self.project.depth,
            provider=self.using.provider.name,
            sandbox=self.using.provider.is_sandbox,
            checked_at=self.at,
            parser_version=version.VERSION,
            rank=records.rank_of(rank),
            pages=pages,
            organic=records.organic_of([(one.above, one.page) for one in self.fetched], target),
            features=sorted({name for one in self.fetched for name in one.page.features}),
            cited=records.cited_of(one.page for one in self.fetched),
            cost=sum(costs) if costs else None,
            fetch_ms=sum(page.elapsed_ms for page in pages),
            total_ms=total_ms,
            tries=self.keyword.failures + 1,
        )
        records.put(self.using.store, records.key_of(self.project, self.keyword, self._day(), failed=failed), self.stored)


def query_of(keyword: models.Keyword, project: models.Project) -> models.SerpQuery:
    """What a provider is asked for a keyword."""
    return models.SerpQuery(keyword.text, project.country, project.language, project.device, project.location)


def read(body: bytes, format: str, url: str, charset: str | None = None) -> models.SerpPage:
    """What a provider's reply says. `charset`: what the header of its answer named."""
    return serp_json.parse_plugin(body) if format == "json" else serp.parse(body, url=url, charset=charset)


def with_urls(page: models.SerpPage, resolved: Mapping[str | None, str]) -> models.SerpPage:
    """The page with opaque links replaced by what is known of them (opaque link → address)."""
    return replace(page, organic=tuple(replace(one, url=one.url or resolved.get(one.goto_url)) for one in page.organic))


def find_rank(day: date, pages: records.Pages, target: domains.Target) -> models.Rank:
    """The best rank of `target` on the pages (results above its page + position), or not found in what was scanned.

    Approximate where the hit was matched by its displayed host alone, or where a result above it might be ours too but could not
    be resolved. The address is kept without marks of this one impression.
    """
    pages = list(pages)
    scanned = sum(len(page.organic) for _, page in pages)
    cited = any(domains.matches(target, url) for _, page in pages for url in page.cited)
    not_found = models.Rank(day, models.RankState.NOT_FOUND, scanned, cited=cited)
    in_doubt = False
    for above, page in pages:
        hit = next(iter(domains.find_hits(target, page.organic)), None)
        before = [one for one in page.organic if not hit or one.position < hit.position]
        in_doubt = in_doubt or any(may_be_ours(one, target) for one in before)
        if hit:
            return replace(
                not_found,
                state=models.RankState.RANKED,
                rank=above + hit.position,
                approximate=hit.approximate or in_doubt,
                url=hit.url and marks.without(hit.url),
                title=hit.title,
            )
    return replace(not_found, approximate=in_doubt)


def may_be_ours(result: models.Organic, target: domains.Target) -> bool:
    """Whether an unresolved opaque link may lead to the target."""
    return result.url is None and (result.displayed_host is None or domains.may_match_host(target, result.displayed_host))


def reason_of(error: TrawlError) -> str:
    """Why a rank is unknown after `error`: a page class, or the error's category."""
    if isinstance(error, BlockedError):
        return error.page_class
    if isinstance(error, WrongPage):
        return "wrong_query"
    return models.PageClass.PARSE_FAILURE.value if isinstance(error, ParseFailure) else error.category
