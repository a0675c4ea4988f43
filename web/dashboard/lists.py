"""The queues with their counts, and a page of jobs. The last page costs as much as the first, with a million jobs too."""

from collections.abc import Sequence
from typing import Any

import rq_dashboard.web
from flask import url_for

from state.engine import records, rq_records
from state.engine.records import Place
from state.engine.rq_records import Outcome
from state.store import keys
from web.dashboard import text
from web.dashboard.looks import Job, Queue

#: By rq-dashboard's words; `queued` stands for the queue itself and its lists of blocked jobs.
REGISTRIES = {
    "failed": keys.RQ_FAILED,
    "deferred": keys.RQ_DEFERRED,
    "started": keys.RQ_STARTED,
    "finished": keys.RQ_FINISHED,
    "scheduled": keys.RQ_SCHEDULED,
    "canceled": keys.RQ_CANCELED,
}
QUEUED = "queued"

#: What is over is shown from its end.
NEWEST_FIRST = ("failed", "finished", "canceled")


def rows_of(instance_number: int, found: Sequence[Queue]) -> list[dict[str, Any]]:
    """The queues as rq-dashboard writes them, counted in one round trip; RQ's own counts fail at a key of another type."""
    names = [QUEUED, *REGISTRIES]
    places = {(queue.name, name): places_of(queue.name, name) for queue in found for name in names}
    sizes = iter(records.sizes([place for some in places.values() for place in some]))
    counts = {where: sum(next(sizes) for _ in some) for where, some in places.items()}
    rows: list[dict[str, Any]] = []
    for queue in found:
        row: dict[str, Any] = {"name": queue.name}
        for name in names:
            row["count" if name == QUEUED else f"{name}_job_registry_count"] = counts[queue.name, name]
            row[f"{name}_url"] = _url(instance_number, queue.name, name)
        rows.append(row)
    return rows


def _url(instance_number: int, queue: str, registry: str) -> str:
    where: dict[str, Any] = {"instance_number": instance_number, "queue_name": queue, "registry_name": registry}
    order = "dsc" if registry in NEWEST_FIRST else "asc"
    return url_for(".jobs_overview", **where, per_page=8, order=order, page=1)


def page_of(queue: str, registry: str, offset: int, per_page: int, order: str, connection: Any) -> tuple[int, list[Any]]:
    """How many jobs there are, and those of one page, as rq-dashboard writes them. Its own reads all pages before, too."""
    places = places_of(queue, registry)
    sizes = records.sizes(places)
    total = sum(sizes)
    begin, end = (
        (max(0, total - offset - per_page), total - offset) if order == "dsc" else (offset, min(total, offset + per_page))
    )
    ids = _between(places, sizes, begin, end)
    jobs = _jobs(ids[::-1] if order == "dsc" else ids)
    return total, [rq_dashboard.web.serialize_job(job) for job in jobs]


def places_of(queue: str, registry: str) -> list[Place]:
    """Where the jobs of a registry stand."""
    if registry == QUEUED:
        return records.waiting_places([queue])
    return [Place(REGISTRIES[registry] + queue, "lease" if registry == "started" else "zset")]


def _between(places: Sequence[Place], sizes: Sequence[int], begin: int, end: int) -> list[str]:
    """Ids of the jobs from the `begin`-th to the one before the `end`-th, over all places."""
    found: list[str] = []
    for place, size in zip(places, sizes, strict=True):
        if begin < size and end > 0:
            found += records.ids_at(place, max(0, begin), min(size, end) - max(0, begin))
        begin, end = begin - size, end - size
    return found


def _jobs(ids: Sequence[str]) -> list[Job]:
    """The jobs that have a record. Only of failed ones the latest result is read: others may be large."""
    found = [(job_id, fields) for job_id, fields in zip(ids, records.read(ids), strict=True) if fields]
    failed = [job_id for job_id, fields in found if fields.get("status") == "failed"]
    outcomes = dict(zip(failed, rq_records.outcomes(failed), strict=True)) if failed else {}
    return [Job(job_id, fields, outcomes.get(job_id, Outcome()), text.MOST_IN_LIST) for job_id, fields in found]
