"""Ranks of a day computed anew from the stored pages: after a parser fix, without buying a page again."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import models
from clients import storage
from errors import TrawlError
from parsing import domains, version
from state.tracking import keywords, outcomes, projects, suspects
from topics.tracking import answering, check, records, scan, summaries


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


def facts(on: date, done: Reparsed, most: int | None = None) -> dict[str, Any]:
    """What a reparse found, as plain data; of changes and problems at most so many."""
    changes = [{"keyword": text, "before": before, "after": after} for text, before, after in done.changes[:most]]
    problems = [{"keyword": text, "problem": problem} for text, problem in done.problems[:most]]
    return {"day": on.isoformat(), "read": done.read, "missing": done.missing, "changes": changes, "problems": problems}


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
    if rank.state is not models.RankState.UNKNOWN and not suspects.is_withheld(project.id, keyword.id, on):
        records.put(store, key, again)
        ending = outcomes.CheckOutcome("reparsed", rank, serp=summaries.of_check(again, on))
        outcomes.finish(keyword, None, timedelta(hours=project.every_h), ending)


def _read_again(store: storage.Store, stored: records.StoredCheck, on: date) -> tuple[records.StoredCheck, models.Rank]:
    target = domains.parse_target(stored.domain)
    read = [check.read(records.page_body(store, page), page.format, page.url, page.charset) for page in stored.pages]
    pages, rank = _counted(stored, read, target, on)
    again = stored.model_copy(
        update={
            "parser_version": version.VERSION,
            "rank": records.rank_of(rank),
            "organic": records.organic_of(pages, target),
            "features": sorted({name for page in read for name in page.features}),
            "cited": records.cited_of(page for _, page in pages),
            "pages": [_page_again(old, new) for old, new in zip(stored.pages, read, strict=True)],
        }
    )
    return again, rank


def _counted(
    stored: records.StoredCheck, read: list[models.SerpPage], target: domains.Target, on: date
) -> tuple[list[tuple[int, models.SerpPage]], models.Rank]:
    """The pages as a check would have counted them, and the rank they show; nothing counts behind a page that was not read."""
    resolved: dict[str | None, str] = {row.goto_url: row.url for row in stored.organic if row.goto_url and row.url}
    count, pages, error = scan.Count(), [], None
    for old, page in zip(stored.pages, read, strict=True):
        error = answering.refusal(page, stored.keyword, f"({old.key})")
        if error:
            break
        pages.append(count.add(page, lambda fresh: check.with_urls(fresh, resolved)))
        if count.is_over:
            break
    rank = replace(check.find_rank(on, pages, target), sandbox=stored.sandbox)
    complete = count.is_over or len(pages) * check.RESULTS_PER_PAGE >= stored.depth
    if rank.rank or (complete and not error):
        return pages, rank
    reason = check.reason_of(error) if error else stored.rank.reason
    return pages, replace(rank, state=models.RankState.UNKNOWN, approximate=False, reason=reason)


def _page_again(old: records.StoredPage, new: models.SerpPage) -> records.StoredPage:
    notices = {"query": new.query, "is_corrected": new.is_corrected, "is_cut_off": new.is_cut_off}
    features = sorted(new.features)
    return old.model_copy(update={"page_class": new.page_class, "confidence": new.confidence, "features": features, **notices})


def _words(stored: records.StoredCheck, on: date) -> str:
    rank = stored.rank
    words = models.Rank(on, rank.state, rank.scanned, rank.rank, rank.approximate, reason=rank.reason)
    return str(replace(words, sandbox=stored.sandbox, cited=rank.cited))
