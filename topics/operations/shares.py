"""What a share link shows of a project: how it stands, and its keywords. Only what is named here: no costs, no provider, no
errors, nothing of how checks are made.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import models
from errors import NotFound
from state.tracking import keywords, projects
from topics.access import share_links
from topics.access.share_links import Share
from topics.operations import keyword_lists
from topics.tracking import overview
from topics.tracking import projects as named_projects

#: What was counted so many seconds ago is counted anew; a project of more keywords is counted by a job, which the caller submits.
FRESH_S, AT_ONCE = 3600, 2000

#: What a link shows of an overview.
FACTS = ("day", "keywords", "visibility", "distribution", "visibility_changes", "course", "moves", "tags", "formula")

#: How a rank is called.
STATES = {"not_found": "not found in the first {scanned}", "unknown": "unknown"}


class Shared(NamedTuple):
    """A link and its project."""

    share: Share
    project: models.Project

    @property
    def title(self) -> str:
        """What its pages are called."""
        return self.share.title or self.project.name or self.project.domain


class Counted(NamedTuple):
    """How a project stands. `facts` None: it was never counted. `is_old`: a job should count it anew."""

    facts: Mapping[str, Any] | None
    is_old: bool


def add(
    project_id: str, actor: str, *, scope: str = share_links.OVERVIEW, title: str = "", days: float = share_links.DAYS
) -> tuple[Share, str]:
    """Make a link to a project; returns it, and its token. Raises NotFound, ArgumentError and NotAllowed."""
    share_links.checked(scope, title, days)
    project = named_projects.named(project_id)
    return share_links.add(project.id, _born(project), actor, scope=scope, title=title, days=days)


def of(project_id: str) -> list[Share]:
    """The links of a project that are not over, the newest first. Raises NotFound for the project."""
    project = named_projects.named(project_id)
    return [one for one in share_links.of(project.id) if one.born == _born(project)]


def revoke(project_id: str, share_id: str) -> Share:
    """End a link. Raises NotFound."""
    return share_links.revoke(named_projects.named(project_id).id, share_id)


def opened(token: str, scope: str = share_links.OVERVIEW) -> Shared | None:
    """What a token opens; None where it opens nothing, or not this. A project that was made anew is another one."""
    share = share_links.opened(token)
    project = projects.find(share.project_id) if share else None
    if share is None or project is None or share.born != _born(project):
        return None
    return Shared(share, project) if scope in (share_links.OVERVIEW, share.scope) else None


def counted(project: models.Project) -> Counted:
    """How a project stands, as it was counted last. A small one is counted anew where that is an hour old."""
    kept = overview.kept(project.id)
    if kept and kept[1] < FRESH_S:
        return Counted(_shown(kept[0]), False)
    if keywords.count_of(project.id) <= AT_ONCE:
        return Counted(_shown(overview.make(project.id)), False)
    return Counted(_shown(kept[0]) if kept else None, True)


def keyword_rows(project: models.Project, limit: int, cursor: str = "") -> keyword_lists.Page:
    """Keywords of a project with how they stand, a page at a time. Raises ArgumentError for a bad cursor."""
    try:
        found = keyword_lists.page(project.id, limit=limit, cursor=cursor)
    except NotFound:  # it was removed a moment ago
        return keyword_lists.Page([], "")
    return keyword_lists.Page([_row(row) for row in found.rows], found.cursor)


def _born(project: models.Project) -> str:
    return project.created_at.isoformat() if project.created_at else ""


def _shown(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: facts[name] for name in FACTS if name in facts}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    last = row["last"]
    says = f"{last['rank']}" if last["rank"] else STATES.get(last["state"], "unknown").format(scanned=last["scanned"])
    return {
        "keyword": row["keyword"],
        "rank": last["rank"],
        "says": f"{says} (invented)" if last["sandbox"] else says,
        "change_7": row["changes"]["days_7"],
        "line": row["line"],
        "course": row["course"],
        "url": last["url"],
        "volume": row["volume"],
        "tags": row["tags"],
        "day": last["day"],
    }
