"""The pages of a batch or crawl that are over, part by part, also while it goes on."""

from collections.abc import Callable
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from errors import NotFound
from state.store import connection
from topics.operations import ledger_jobs
from topics.scraping import finished
from web import inputs, seen
from web.models import Strict

api = APIBlueprint("scrape_pages", __name__, url_prefix="/api/v1/scrapes", abp_tags=[Tag(name="scrapes")])


class PagesQuery(Strict):
    """A part of the pages."""

    limit: int = Field(100, ge=1, le=1000)
    cursor: str = Field("", pattern=r"^\d{0,9}$", description="`next` of the last reply.")


class PagesModel(BaseModel):
    """Records of pages in the order in which they ended, and how many there are now. `next` null: no further ones yet."""

    job_id: str
    status: str
    state: str
    items: list[dict[str, Any]]
    next: str | None
    total: int


@api.get("/<job_id>/pages", responses={200: PagesModel})
def pages(path: inputs.JobPath, query: PagesQuery) -> Any:
    """Pages that were read."""
    return _part(path.job_id, query, finished.done)


@api.get("/<job_id>/problems", responses={200: PagesModel})
def problems(path: inputs.JobPath, query: PagesQuery) -> Any:
    """Pages that failed, and those that robots.txt forbids."""
    return _part(path.job_id, query, finished.problems)


def _part(job_id: str, query: PagesQuery, read: Callable[[str, int, int], tuple[list[dict[str, Any]], int]]) -> dict[str, Any]:
    job, start = seen.job(job_id), int(query.cursor or 0)
    with connection.errors_translated():
        if not ledger_jobs.is_one(job_id):
            raise NotFound(f"{job_id} is no batch and no crawl: `/api/v1/jobs/{job_id}/result` has what came out of it.")
        items, total = read(job_id, start, query.limit)
    further = start + len(items)
    told = {"job_id": job_id, "status": job.status.value, "state": job.state, "items": items, "total": total}
    return {**told, "next": str(further) if items and further < total else None}
