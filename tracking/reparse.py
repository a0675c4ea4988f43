"""Ranks of a day computed anew from the stored pages: after a parser fix, without buying a page again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import models
from clients import storage
from errors import TrawlError
from parsing import domains, serp
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
    key = records.key_of(project, keyword.text, on)
    try:
        stored = records.get(store, key)
        if stored is None:
            stored = records.get(store, records.key_of(project, keyword.text, on, failed=True))
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
    resolved = {row.goto_url: row.url for row in stored.organic if row.goto_url and row.url}
    pages = []
    for page in stored.pages:
        read = check.read(records.page_body(store, page), page.format, page.url)
        pages.append((page.start, check.with_urls(read, resolved)))
    classes = [page.page_class for _, page in pages]
    scanned = sum(len(page.organic) for _, page in pages)
    rank = models.Rank(on, models.RankState.NOT_FOUND, scanned, sandbox=stored.sandbox)
    rank = check.find_rank(rank, pages, target)
    unread = [name for name in classes if name not in (models.PageClass.RESULTS, models.PageClass.NO_RESULTS)]
    complete = stored.rank.state is not models.RankState.UNKNOWN or scanned >= stored.depth
    if rank.rank is None and (unread or not complete):
        rank = models.Rank(on, models.RankState.UNKNOWN, scanned, reason=(unread[:1] or [stored.rank.reason])[0], sandbox=stored.sandbox)
    again = stored.model_copy(
        update={
            "parser_version": serp.VERSION,
            "rank": records.rank_of(rank),
            "organic": records.organic_of(pages, target),
            "features": sorted({name for _, page in pages for name in page.features}),
            "pages": [
                old.model_copy(update={"page_class": new.page_class, "confidence": new.confidence, "features": sorted(new.features)})
                for old, (_, new) in zip(stored.pages, pages, strict=True)
            ],
        }
    )
    return again, rank


def _words(stored: records.StoredCheck, on: date) -> str:
    rank = stored.rank
    return str(models.Rank(on, rank.state, rank.scanned, rank.rank, rank.approximate, reason=rank.reason, sandbox=stored.sandbox))
