"""What is known of a project, a keyword or a claim, as plain data: what --json prints, and what the tables are made of."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import chunks
import clock
import models
import queues
from state.engine import dedup
from state.store import connection
from state.tracking import history as stored_history
from state.tracking import keywords, projects
from topics.operations import stops
from topics.tracking import days, ranks

CHUNK = 500

#: What is said of a rank that a keyword with a history has not.
NONE_YET = {"last": ranks.NEVER, "previous": "none before", "first": "never ranked", "best": "never ranked"}


def project(project_id: str) -> dict[str, Any]:
    """One project with its counts, and why its keywords wait. Raises NotFound."""
    one, (tracked, due) = projects.get(project_id), projects.counts([project_id])[project_id]
    return {**_project(one, tracked, due), "changes": _changes(project_id), "waits_for": stops.of_project(one, due)}


def every_project() -> list[dict[str, Any]]:
    """All projects, by id."""
    counts = projects.counts(projects.ids())
    return [_project(one, *counts.get(one.id, (0, 0))) for one in projects.every()]


def _project(one: models.Project, tracked: int, due: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "domain": one.domain,
        "name": one.name,
        "active": one.active,
        "keywords": tracked,
        "due": due,
        "weight": one.weight,
        "country": one.country,
        "language": one.language,
        "device": one.device,
        "depth": one.depth,
        "every_h": one.every_h,
        "zone": one.zone,
        "hour": one.hour,
        "location": one.location,
        "folder": one.folder,
        "created_at": one.created_at,
    }


def _changes(project_id: str) -> list[dict[str, Any]]:
    """The settings that were changed, the newest first."""
    return [
        {"at": one.at, "setting": one.name, "before": one.before or None, "after": one.after or None, "says": str(one)}
        for one in reversed(projects.changes(project_id))
    ]


def keywords_of(project_id: str, archived: bool | None) -> Iterator[dict[str, Any]]:
    """The keywords of a project with their last rank, in no order. Raises NotFound."""
    projects.get(project_id)
    for ids in chunks.of(keywords.ids_of(project_id, archived=archived), CHUNK):
        for found, past in zip(keywords.find_many(ids), stored_history.of_many(ids), strict=True):
            if found:
                yield {**_keyword(found), "last": ranks.as_dict(past[-1] if past else None)}


def keyword(found: models.Keyword) -> dict[str, Any]:
    """Everything that is known of one keyword."""
    past, project = stored_history.of(found.id), projects.find(found.project_id)
    known = ranks.summary(past)
    held = [claim for claim in dedup.held() if claim.member == found.id]
    processing = next(iter(_with_status(held)), None)
    waiting_in = processing["queue"] if processing and processing["job_status"] == "queued" else None
    waits = not processing or waiting_in is not None
    return {
        **_keyword(found),
        "next_due_at": keywords.next_due(found.id),
        "days": len(past),
        **{name: ranks.as_dict(getattr(known, name), NONE_YET[name] if past else ranks.NEVER) for name in NONE_YET},
        "line": ranks.line(past, days.today(project) if project else clock.now().date()),
        "error": keywords.last_error(found.id),
        "processing": processing,
        "waits_for": stops.of_keyword(found, waiting_in) if waits else [],
    }


class History(NamedTuple):
    """The ranks of a keyword, the newest first: as data, as rows among the changes of its project, as a line of 30 days."""

    ranks: list[dict[str, Any]]
    rows: list[tuple[object, ...]]  # day, rank or change, URL, title
    line: str


def history(found: models.Keyword) -> History:
    """The ranks of one keyword by day, and what was changed of its project in between. Raises NotFound for the project."""
    past, project = stored_history.of(found.id), projects.get(found.project_id)
    rows = [(rank.day, -1, (rank.day, str(rank), rank.url, rank.title)) for rank in past]
    for number, change in enumerate(projects.changes(project.id)):
        day = days.on(project, change.at)
        rows.append((day, number, (day, f"changed: {change}", None, None)))
    newest_first: list[tuple[object, ...]] = [row for _, _, row in sorted(rows, key=lambda row: row[:2], reverse=True)]
    return History([ranks.as_dict(rank) for rank in reversed(past)], newest_first, ranks.line(past, days.today(project)))


def _keyword(found: models.Keyword) -> dict[str, Any]:
    return {
        "id": found.id,
        "project": found.project_id,
        "keyword": found.text,
        "archived": found.archived,
        "due_at": found.due_at,
        "scraped_at": found.scraped_at,
        "attempted_at": found.attempted_at,
        "failures": found.failures,
        **ranks.details_of(found),
    }


def held_claims(older_than_s: float = 0) -> list[dict[str, Any]]:
    """Keywords that are being processed, oldest first: by which job, since when, and how that job is."""
    rows: list[dict[str, Any]] = []
    held = list(dedup.held(older_than_s=older_than_s))
    for at in range(0, len(held), CHUNK):
        chunk = held[at : at + CHUNK]
        found = keywords.find_many([claim.member for claim in chunk])
        for claim, one, keyword in zip(chunk, _with_status(chunk), found, strict=True):
            about = {"keyword": keyword.text, "project": keyword.project_id} if keyword else {"keyword": None, "project": None}
            rows.append({"id": claim.member, **about, **one})
    return rows


def _with_status(held: list[dedup.Claim]) -> list[dict[str, Any]]:
    now = connection.now()
    found = queues.Job.fetch_many([claim.job_id for claim in held], connection=connection.client()) if held else []
    return [
        {
            "since": claim.since,
            "for_s": round((now - claim.since).total_seconds()),
            "job": claim.job_id,
            "job_status": _status(claim, job),
            "queue": job.origin if job else None,
        }
        for claim, job in zip(held, found, strict=True)
    ]


def _status(claim: dedup.Claim, job: Any) -> str:
    if claim.job_id.startswith("direct-"):
        return "direct call"
    return job.get_status(refresh=False).value if job else "gone"
