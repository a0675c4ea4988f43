"""What is known of a project, a keyword or a claim, as plain data: what --json prints, and what the tables are made of."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import chunks
import clock
import models
import queues
from errors import ArgumentError
from state.engine import dedup
from state.store import connection
from state.tracking import history as stored_history
from state.tracking import keywords, projects
from state.tracking import suspects as stored_suspects
from topics.operations import waits
from topics.tracking import days, ranks, suspects

CHUNK = 500

#: What is said of a rank that a keyword with a history has not.
NONE_YET = {"last": ranks.NEVER, "previous": "none before", "first": "never ranked", "best": "never ranked"}


def project(project_id: str) -> dict[str, Any]:
    """One project with its counts, and why its keywords wait. Raises NotFound."""
    one, (tracked, due) = projects.get(project_id), projects.counts([project_id])[project_id]
    return {
        **project_facts(one, tracked, due),
        "changes": _changes(project_id),
        "suspects": [suspects.facts(run) for run in stored_suspects.latest(project_id, days.today(one))],
        "waits_for": [str(stop) for stop in waits.of_project(one, due)],
    }


def every_project() -> list[dict[str, Any]]:
    """All projects, by id."""
    counts = projects.counts(projects.ids())
    return [project_facts(one, *counts.get(one.id, (0, 0))) for one in projects.every()]


def project_facts(one: models.Project, tracked: int, due: int) -> dict[str, Any]:
    """What is stored of one project, with how many keywords are tracked and due."""
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
    return [change_facts(one) for one in reversed(projects.changes(project_id))]


def change_facts(one: projects.Change) -> dict[str, Any]:
    """One setting that was changed."""
    return {"at": one.at, "setting": one.name, "before": one.before or None, "after": one.after or None, "says": str(one)}


def keyword(found: models.Keyword) -> dict[str, Any]:
    """Everything that is known of one keyword."""
    past, project = stored_history.of(found.id), projects.find(found.project_id)
    known = ranks.summary(past)
    held = dedup.held_by(dedup.SERP, found.id)
    processing = next(iter(_with_status([held])), None) if held else None
    waiting_in = processing["queue"] if processing and processing["job_status"] == "queued" else None
    may_wait = not processing or waiting_in is not None
    return {
        **keyword_facts(found),
        "next_due_at": keywords.next_due(found.id),
        "days": len(past),
        **{name: ranks.as_dict(getattr(known, name), NONE_YET[name] if past else ranks.NEVER) for name in NONE_YET},
        "line": ranks.line(past, days.today(project) if project else clock.now().date()),
        "error": keywords.last_error(found.id),
        "processing": processing,
        "waits_for": [str(stop) for stop in waits.of_keyword(found, waiting_in)] if may_wait else [],
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


class Past(NamedTuple):
    """Ranks of a keyword, the newest first. `cursor` leads to older ones; '' = there are none."""

    ranks: list[dict[str, Any]]
    cursor: str


def past_ranks(found: models.Keyword, limit: int, cursor: str = "", since: date | None = None, until: date | None = None) -> Past:
    """The ranks of some days, the newest first. The cursor is the last day that came. Raises ArgumentError for another."""
    before = _day(cursor) if cursor else date.max
    past = [one for one in reversed(stored_history.of(found.id)) if one.day < before]
    past = [one for one in past if (since or date.min) <= one.day <= (until or date.max)]
    return Past([ranks.as_dict(one) for one in past[:limit]], past[limit - 1].day.isoformat() if len(past) > limit else "")


def _day(cursor: str) -> date:
    try:
        return date.fromisoformat(cursor)
    except ValueError:
        raise ArgumentError(f"--cursor {cursor!r:.40} is none of this list: give the one of its last reply") from None


def keyword_facts(found: models.Keyword) -> dict[str, Any]:
    """What is stored of one keyword beside its ranks."""
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
    return claim_facts(list(dedup.held(older_than_s=older_than_s)))


def claim_facts(held: Sequence[dedup.Claim]) -> list[dict[str, Any]]:
    """The same of these claims."""
    rows: list[dict[str, Any]] = []
    for chunk in chunks.of(held, CHUNK):
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
