"""Pages, lists of pages, sites and maps of sites: what the commands of `scrape` do.

A number as priority counts down here, as in those commands: 1 is the most urgent.
"""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

import models
from clients import fetch
from jobs import scrape as jobs
from models import JobStatus
from parsing import web_urls
from topics.operations import ledger_jobs, states
from topics.scraping import config as configs
from topics.scraping import crawl, single, views
from web import cancelling, downloads, idempotency, inputs, replies, seen, shapes, urls
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint("scrapes", __name__, url_prefix="/api/v1/scrapes", abp_tags=[Tag(name="scrapes")])

SUBMIT: dict[Any, Any] = {202: shapes.SubmittedModel, 409: RESPONSES[409]}


class PageBody(inputs.Labelled):
    """One page."""

    url: inputs.Url
    config: inputs.Config | None = None
    priority: inputs.PriorityDown = "default"


class CrawlBody(PageBody):
    """A site."""

    expected_pages: int | None = Field(None, ge=1, le=1_000_000, description="The most pages; MAX_PAGES where it is left out.")


class BatchBody(inputs.Labelled):
    """A list of pages."""

    urls: list[inputs.Url] = Field(min_length=1, max_length=crawl.MOST_URLS)
    config: inputs.Config | None = None
    priority: inputs.PriorityDown = "default"


class ReplayBody(inputs.Labelled):
    """Which failed pages are tried again."""

    categories: list[inputs.Category] = Field([], max_length=10, description="Only failures of these; all where it is empty.")


class ContinueBody(Strict):
    """How far to go on."""

    expected_pages: int | None = Field(None, ge=1, le=1_000_000, description="A new bound of pages.")


class ReparseBody(inputs.Labelled):
    """How kept pages are read again."""

    config: inputs.Config | None = Field(None, description="Other options than those it had.")


class ScrapeModel(BaseModel):
    """A scrape, batch, crawl or map now. `condition`: the word of the ledger of a batch or crawl, e.g. `partial`."""

    model_config = ConfigDict(extra="allow")

    id: str
    job_id: str
    status: str
    state: str
    condition: str
    kind: str
    says: str
    percent: float
    links: dict[str, str]


class ActiveScrapesQuery(Strict):
    """A part of the list."""

    limit: int = Field(100, ge=1, le=1000)
    cursor: str = Field("", max_length=400, description="`next` of the last reply, with the same `ended`.")
    ended: bool = Field(False, description="Those that ended or were stopped, the latest first, in place of those that go on.")


class ScrapesModel(BaseModel):
    """Batches and crawls: those that go on, the last that moved first; or those that ended, the latest first."""

    items: list[ScrapeModel]
    next: str | None


@api.post("", responses=SUBMIT)
@idempotency.taken
def page(body: PageBody) -> Any:
    """Scrape one page."""
    return one(body, jobs.scrape_url)


@api.post("/map", responses=SUBMIT)
@idempotency.taken
def map_(body: CrawlBody) -> Any:
    """Find the addresses of a site, without its pages."""
    return one(body, jobs.map_site)


@api.post("/crawl", responses=SUBMIT)
@idempotency.taken
def crawl_(body: CrawlBody) -> Any:
    """Crawl a site from an address on: its sitemaps and its links."""
    with inputs.field("url"):
        fetch.check_url(web_urls.typed(body.url))
    with inputs.field("config"):
        plan = crawl.plan_crawl(jobs.crawl_site, body.url, inputs.options(body, "expected_pages"), body.priority)
    return planned(body, plan)


@api.post("/batch", responses=SUBMIT)
@idempotency.taken
def batch(body: BatchBody) -> Any:
    """Scrape a list of pages, each once."""
    with inputs.field("config"):
        options = configs.of(inputs.options(body))
    with inputs.field("urls"):
        plan = crawl.plan_batch(jobs.scrape_batch, body.urls, options, body.priority)
    return planned(body, plan)


@api.get("", responses={200: ScrapesModel})
def active(query: ActiveScrapesQuery) -> Any:
    """Batches and crawls that go on; with `ended` those that ended or were stopped, as long as they are kept."""
    looks, further = views.page(query.limit, query.cursor, ended=query.ended)
    return {"items": [_look(one) for one in looks if seen.may(one)], "next": further or None}


@api.get("/<job_id>", responses={200: ScrapeModel})
def show(path: inputs.JobPath) -> Any:
    """How far a scrape, batch or crawl is: found = done + skipped + failed + pending."""
    seen.job(path.job_id)
    return _look(views.look(path.job_id))


@api.get("/<job_id>/result", responses=downloads.RESPONSES)
def result(path: inputs.JobPath, query: downloads.ResultQuery) -> Any:
    """What came out of a scrape, batch, crawl or map; 202 while it goes on."""
    return downloads.reply(seen.job(path.job_id), query.format, with_all=query.all)


@api.delete("/<job_id>", responses=cancelling.RESPONSES)
def cancel(path: inputs.JobPath) -> Any:
    """Cancel a scrape, batch or crawl."""
    return cancelling.cancel(path.job_id)


@api.post("/<job_id>/stop", responses={200: ScrapeModel})
def stop(path: inputs.JobPath) -> Any:
    """Stop a batch or crawl: pages in flight end, the others stay pending for `continue`. Safe to repeat."""
    seen.job(path.job_id)
    crawl.stop(path.job_id)
    return _look(views.look(path.job_id))


@api.post("/<job_id>/continue", responses={200: ScrapeModel, 409: RESPONSES[409]})
def go_on(path: inputs.JobPath, body: ContinueBody) -> Any:
    """Go on with a batch or crawl that was stopped or cut."""
    seen.job(path.job_id)
    crawl.go_on(path.job_id, body.expected_pages)
    return _look(views.look(path.job_id))


@api.post("/<job_id>/replay", responses=SUBMIT)
@idempotency.taken
def replay(path: inputs.JobPath, body: ReplayBody) -> Any:
    """Try the failed pages of a batch or crawl again, and no others, as a batch of their own."""
    seen.job(path.job_id)
    return planned(body, crawl.plan_replay(jobs.scrape_batch, path.job_id, body.categories))


@api.post("/<job_id>/reparse", responses=SUBMIT)
@idempotency.taken
def reparse(path: inputs.JobPath, body: ReparseBody) -> Any:
    """Read the kept pages again, by the rules of today; nothing is fetched. A job does it; its result says what changed."""
    found = seen.job(path.job_id)
    with inputs.field("config"):
        options = configs.of(body.config).model_dump(mode="json", exclude_defaults=True) if body.config is not None else None
    return replies.called(body, models.Call(jobs.reparse, (found.id, options), keep_s=replies.KEPT_S), links)


def one(body: PageBody, func: Any) -> Any:
    """Submit a job for one address."""
    with inputs.field("url"):
        fetch.check_url(web_urls.typed(body.url))
    with inputs.field("config"):
        call = single.call(func, body.url, inputs.options(body, "expected_pages"), body.priority)
    return replies.called(body, call, links)


def planned(body: inputs.Labelled, plan: crawl.Plan) -> Any:
    """Submit a crawl or batch that was checked."""
    plan = plan._replace(labels={**plan.labels, **body.labels})
    return replies.submitted(body, lambda job_id: crawl.submit(plan, job_id), links)


def links(job_id: str) -> dict[str, str]:
    """Addresses of a scrape."""
    here = f"/api/v1/scrapes/{job_id}"
    job = f"/api/v1/jobs/{job_id}"
    return {"scrape": here, "result": f"{here}/result", "job": job, "progress": f"{job}/progress", "why": f"{job}/why"}


def _look(found: views.Look) -> dict[str, Any]:
    status = ledger_jobs.STATUS.get(found.state) or _named(found.state)
    told = {
        "id": found.id,
        "job_id": found.id,
        "status": status.value,
        "state": states.CELERY[status],
        "condition": found.state,
        "kind": found.kind,
        "says": found.says,
        "percent": found.percent,
        "links": {name: urls.external(path) for name, path in links(found.id).items()},
    }
    if found.progress is None:
        return told
    known = found.progress
    times = {name: shapes.when(getattr(known, name)) for name in ("eta", "started_at", "ended_at")}
    return {**told, "url": known.url or None, **shapes.plain(known.counts), **times}


def _named(condition: str) -> JobStatus:
    """The state of a job that has this word; one that is opening is pending."""
    return JobStatus(condition) if condition in set(JobStatus) else JobStatus.PENDING
