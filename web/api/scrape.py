"""Scraping a site, by the routes of other systems: `/scrape`, its progress, its result, its end.

A number as priority counts up here: 9 is the most urgent.
"""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from clients import fetch
from jobs import scrape as jobs
from parsing import web_urls
from topics.scraping import crawl
from web import cancelling, downloads, idempotency, inputs, replies, seen, shapes
from web.errors import RESPONSES

api = APIBlueprint("scrape", __name__, abp_tags=[Tag(name="scrape", description="Scrape a site; poll; fetch the result.")])


class ScrapeBody(inputs.Labelled):
    """A site to scrape, from this address on."""

    url: inputs.Url
    expected_pages: int | None = Field(None, ge=1, le=1_000_000, description="The most pages; MAX_PAGES where it is left out.")
    output_format: downloads.Format | None = Field(None, description="What `result` sends unless it is asked for another format.")
    priority: inputs.PriorityUp = "default"
    config: inputs.Config | None = Field(None, description="Options of the scrape.")


class ScrapeProgress(BaseModel):
    """How far a scrape is. `progress` counts pages as its percentage; `pages` is there once pages are known."""

    model_config = ConfigDict(extra="allow")

    job_id: str
    status: str
    state: str
    queue: str
    progress: float
    message: str


@api.post("/scrape", responses={202: shapes.SubmittedModel, 409: RESPONSES[409]})
@idempotency.taken
def start(body: ScrapeBody) -> Any:
    """Scrape a site: its sitemaps and its links, from the address on. Answers at once; poll `links.progress`."""
    with inputs.field("url"):
        fetch.check_url(web_urls.typed(body.url))
    with inputs.field("config"):
        plan = crawl.plan_crawl(jobs.crawl_site, body.url, inputs.options(body, "expected_pages", "output_format"), body.priority)
    plan = plan._replace(labels={**plan.labels, **body.labels})
    return replies.submitted(body, lambda job_id: crawl.submit(plan, job_id), _links)


@api.get("/scrape/<job_id>/progress", responses={200: ScrapeProgress})
def progress(path: inputs.JobPath) -> Any:
    """How far a scrape is: its status, its pages, when it will probably end."""
    return replies.progress(seen.job(path.job_id))


@api.get("/scrape/<job_id>/result", responses=downloads.RESPONSES)
def result(path: inputs.JobPath, query: downloads.ResultQuery) -> Any:
    """The pages of a scrape. 202 while it goes on, 404 for an unknown id, 409 where it ended without a page, 410 when expired."""
    return downloads.reply(seen.job(path.job_id), query.format, with_all=query.all)


@api.delete("/scrape/<job_id>", responses=cancelling.RESPONSES)
def cancel(path: inputs.JobPath) -> Any:
    """Cancel a scrape; pages that are being fetched end. 202 where it stops at its next step, 409 where it had ended before."""
    return cancelling.cancel(path.job_id)


def _links(job_id: str) -> dict[str, str]:
    here = f"/scrape/{job_id}"
    job = f"/api/v1/jobs/{job_id}"
    return {"progress": f"{here}/progress", "result": f"{here}/result", "cancel": here, "job": job, "why": f"{job}/why"}
