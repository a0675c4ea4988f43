"""What takes long with keywords: removed, armed anew, counted, imported, changed by a filter, ranked again."""

from datetime import date, datetime
from typing import Any

import config
import queues
from clients import storage
from jobs import serp
from topics.operations import keyword_filters, keyword_work
from topics.tracking import competitors, days, imports, landing_pages, overview, projects, reparse, uploads

#: A million keywords take minutes.
LONG_S = 3600

#: Changes and problems that the result of a reparse names.
NAMED = 500


@queues.job(queue="low", kind="tracking", timeout_s=LONG_S, retries=3, dedup_key="remove-project:{project_id}", shared=True)
def remove_project(project_id: str) -> dict[str, int]:
    """Remove a project with its keywords and their history; stored pages stay. Safe to repeat: the rest goes then."""
    return {"removed": projects.remove(project_id, queues.progress)}


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=3, dedup_key="rearm-project:{project_id}", shared=True)
def rearm_project(project_id: str) -> dict[str, int]:
    """Give the keywords of a project new due times, after the hours of its checks changed. Safe to repeat."""
    return {"rearmed": days.rearm(projects.named(project_id), queues.progress)}


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=1, dedup_key="overview:{project_id}", shared=True)
def make_overview(project_id: str) -> dict[str, Any]:
    """Count where the keywords of a project stand, how visible they are and what moved; kept for a week. Safe to repeat."""
    facts = overview.make(projects.named(project_id).id, queues.progress)
    return {"at": facts["at"], "keywords": facts["keywords"], "visibility": facts["visibility"]}


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=1, dedup_key="competitors:{project_id}", shared=True)
def count_competitors(project_id: str) -> dict[str, Any]:
    """Count who ranks beside a project, from what its checks saw; kept for a week. Fetches nothing. Safe to repeat."""
    facts = competitors.make(projects.named(project_id).id, queues.progress)
    return {name: facts[name] for name in ("at", "keywords", "counted", "domains")}


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=1, dedup_key="landing:{project_id}", shared=True)
def count_landing_pages(project_id: str) -> dict[str, Any]:
    """Count which pages of a project rank, and which compete for a keyword; kept for a week. Safe to repeat."""
    head = landing_pages.make(projects.named(project_id).id, queues.progress)
    return {name: head[name] for name in ("at", "keywords", "pages", "cannibalised")}


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=3)
def import_keywords(
    key: str,
    name: str,
    project_id: str | None = None,
    column: str | None = None,
    encoding: str | None = None,
    is_list: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """Import a keyword file that lies in object storage; what became of its lines. Safe to repeat.

    `more`: `tags` of all its keywords, `has_ranks`.
    """
    reading = imports.Reading(column, encoding, is_list, tuple(more.get("tags", ())), has_ranks=more.get("has_ranks", False))
    return uploads.import_kept(key, name, project_id, reading, queues.progress)


@queues.job(queue="low", kind="tracking", timeout_s=LONG_S, retries=3, dedup_key="reparse-day:{day}-{project_id}", shared=True)
def reparse_day(day: str, project_id: str | None = None) -> dict[str, Any]:
    """Compute the ranks of a day (YYYY-MM-DD) anew from its stored pages; nothing is fetched. Safe to repeat."""
    on = date.fromisoformat(day)
    done = reparse.day(storage.make(config.settings()), on, project_id, queues.progress)
    return reparse.facts(on, done, NAMED)


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=1)
def count_keywords(project_id: str, where: dict[str, Any]) -> dict[str, int]:
    """How many keywords of a project a filter takes, and how many pages a check of them buys at most. Changes nothing."""
    found = keyword_work.count(projects.named(project_id).id, keyword_filters.Wanted(**where), queues.progress)
    return {"keywords": found.keywords, "pages_at_most": found.pages}


@queues.job(queue="default", kind="tracking", timeout_s=LONG_S, retries=3)
def change_keywords(
    project_id: str, where: dict[str, Any], action: str, value: str = "", asked_at: str = "", most: int | None = None
) -> dict[str, int]:
    """Tag, archive, remove or check all keywords of a project that a filter takes; returns `changed` and `of`. Safe to repeat.

    With `most` keywords at most: as many as were said before. A check leaves out what was tried since `asked_at` (ISO 8601).
    """
    since = datetime.fromisoformat(asked_at) if asked_at else None
    work = keyword_work.Work(action, value, serp.track_keyword, since, most)
    wanted = keyword_filters.Wanted(**where)
    return keyword_work.everything(projects.named(project_id).id, wanted, work, queues.progress)
