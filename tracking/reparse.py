"""Ranks of a day computed anew from the stored pages: after a parser fix, without buying a page again."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import models
from clients import storage
from errors import TrawlError
from parsing import domains, version
from state import keywords, projects
from tracking import check, records


@dataclass(slots=True)
class Reparsed:
    """What a reparse found. `changes` holds (keyword text, before, after); `problems` (keyword text, what is wrong)."""

    read: int = 0
    missing: int = 0
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def day(
    store: storage.Store, on: date, project_id: str | None = None, progress: Callable[[int], object] = lambda done: None
) -> Reparsed:
    """Read the stored pages of one day again and record the ranks they show. Fetches nothing. Safe to repeat."""
    result = Reparsed()
    for project in [projects.get(project_id)] if project_id else projects.every():
        for keyword in keywords.in_project(project.id, archived=None):
            _reparse(store, project, keyword, on, result)
            progress(result.read + result.missing)
    return result


def _reparse(store: storage.Store, project: models.Project, keyword: models.Keyword, on: date, result: Reparsed) -> None:
    key = records.key_of(project, keyword, on)
    try:
        stored = records.get(store, key)
        if stored is None:
            stored = records.get(store, records.key_of(project, keyword, on, failed=True))
        if stored is None:
            result.missing += 1
            return
        again, rank = _read_again(store, stored, on)
    except TrawlError as exc:
        result.problems.append((keyword.text, str(exc)))
        return
    result.read += 1
    if again.rank != stored.rank:
        result.changes.append((keyword.text, _words(stored, on), str(rank)))
    if rank.state is not models.RankState.UNKNOWN:
        records.put(store, key, again)
        keywords.finish(keyword, None, timedelta(hours=project.every_h), keywords.Ending("reparsed", rank))


def _read_again(store: storage.Store, stored: records.StoredCheck, on: date) -> tuple[records.StoredCheck, models.Rank]:
    target = domains.parse_target(stored.domain)
    resolved: dict[str | None, str] = {row.goto_url: row.url for row in stored.organic if row.goto_url and row.url}
    pages = []
    for page in stored.pages:
        read = check.read(records.page_body(store, page), page.format, page.url)
        pages.append((page.start, check.with_urls(read, resolved)))
    rank = _verdict(stored, pages, target, on)
    again = stored.model_copy(
        update={
            "parser_version": version.VERSION,
            "rank": records.rank_of(rank),
            "organic": records.organic_of(pages, target),
            "features": sorted({name for _, page in pages for name in page.features}),
            "pages": [_page_again(old, new) for old, (_, new) in zip(stored.pages, pages, strict=True)],
        }
    )
    return again, rank


def _verdict(
    stored: records.StoredCheck, pages: list[tuple[int, models.SerpPage]], target: domains.Target, on: date
) -> models.Rank:
    scanned = sum(len(page.organic) for _, page in pages)
    rank = models.Rank(on, models.RankState.NOT_FOUND, scanned, sandbox=stored.sandbox)
    found = check.find_rank(rank, pages, target)
    ends = [page.page_class for _, page in pages]
    unread = [end.value for end in ends if end not in (models.PageClass.RESULTS, models.PageClass.NO_RESULTS)]
    complete = len(pages) * check.RESULTS_PER_PAGE >= stored.depth or models.PageClass.NO_RESULTS in ends
    if found.rank or (complete and not unread):
        return found
    return replace(rank, state=models.RankState.UNKNOWN, reason=unread[0] if unread else stored.rank.reason)


def _page_again(old: records.StoredPage, new: models.SerpPage) -> records.StoredPage:
    features = sorted(new.features)
    return old.model_copy(update={"page_class": new.page_class, "confidence": new.confidence, "features": features})


def _words(stored: records.StoredCheck, on: date) -> str:
    rank = stored.rank
    return str(models.Rank(on, rank.state, rank.scanned, rank.rank, rank.approximate, reason=rank.reason, sandbox=stored.sandbox))
