"""Sites of businesses: their telling pages scraped, what these say, and questions answered from them.

A number as priority counts up here, as at `/scrape`: 9 is the most urgent.
"""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from jobs import business as jobs
from models import JobStatus
from topics.business import insights, scrape, sites
from topics.operations import states
from topics.operations.job_records import Job
from web import downloads, idempotency, inputs, replies, seen, shapes
from web.answers import Listed, ListQuery, Reply, listed
from web.errors import RESPONSES, Problem
from web.models import Strict

api = APIBlueprint(
    "business", __name__, abp_tags=[Tag(name="business", description="Sites of businesses, and questions about them.")]
)


class BusinessBody(inputs.Labelled):
    """A site whose telling pages are scraped."""

    url: inputs.Url
    pages_to_scrape: list[inputs.Url] | None = Field(
        None,
        max_length=scrape.MOST_PAGES,
        description="Paths or addresses of that site. Left out: `/`, `/about`, `/contact`, `/terms`, and what its links call so.",
    )
    priority: inputs.PriorityUp = "default"


class QuestionsBody(inputs.Labelled):
    """Questions about a site that was scraped."""

    site_name: str = Field(min_length=1, max_length=2000, description="Its host, or an address of it.")
    questions: list[str] = Field(min_length=1, max_length=insights.MOST_QUESTIONS)
    priority: inputs.PriorityUp = "default"


class TaskPath(Strict):
    """The id of a task."""

    task_id: str = Field(max_length=1000)


class SitePath(Strict):
    """The host of a site, without `www.`."""

    site: str = Field(max_length=300)


class Citation(BaseModel):
    """Where an answer comes from. `position` counts characters in the text of the page; null where only its markup says it."""

    url: str
    title: str
    fetched_at: str
    passage: str
    position: int | None


class AnswerModel(BaseModel):
    """An answer. Where `found` is false it is `not found on the pages scraped`, without confidence or citations."""

    question: str
    found: bool
    answer: str
    confidence: str | None = Field(description="`high`, `medium` or `low`.")
    basis: str | None = Field(description="`field …`, `contacts`, `sentence`, or `generated` by a language model.")
    citations: list[Citation]
    also: list[str] = Field(description="Further answers of the same kind, e.g. other numbers.")
    by: str = Field("rules", description="`rules`, or `llm` where a language model answered.")
    why: str | None = Field(None, description="Why rules had to do, or why what a language model said was refused.")


class AskedModel(BaseModel):
    """What the language model was asked: how many answers came, and what all of it cost (millionths of a USD)."""

    model: str | None
    answers: int
    cost_micro_usd: int


class InsightsModel(BaseModel):
    """The answers of a task, in the order of the questions; none while it goes on or where it failed (`error`)."""

    model_config = ConfigDict(extra="allow")

    task_id: str
    status: str
    state: str
    site: str | None = None
    scraped_at: str | None = None
    answers: list[AnswerModel] | None = None
    llm: AskedModel | None = Field(None, description="Null where no language model is set.")
    error: str | None = None


class SiteRow(Reply):
    """A site in short. `job`: the scrape that found it."""

    site: str
    name: str
    domain: str
    pages: int
    job: str
    at_ms: int = Field(description="When it was scraped, in ms since 1970.")


class SiteModel(BaseModel):
    """All that is known of a site; each contact with its evidence: page, source, snippet, position."""

    model_config = ConfigDict(extra="allow")

    site: str
    url: str
    domain: str
    name: str | None
    description: dict[str, Any] | None
    contacts: dict[str, list[dict[str, Any]]]
    pages: list[dict[str, Any]]
    missed: list[dict[str, Any]]
    job: str
    scraped_at: str


@api.post("/scrape/business", responses={202: shapes.SubmittedModel, 409: RESPONSES[409]})
@idempotency.taken
def start(body: BusinessBody) -> Any:
    """Scrape the telling pages of a site as one batch. Answers at once; poll `links.progress`, then ask for `links.site`."""
    with inputs.field("url"):
        scrape.call(jobs.scrape_business, body.url)
    with inputs.field("pages_to_scrape"):
        call = scrape.call(jobs.scrape_business, body.url, body.pages_to_scrape or (), body.priority)
    site = scrape.name_of(body.url)

    def links(job_id: str) -> dict[str, str]:
        return {"progress": f"/scrape/{job_id}/progress", **replies.links(job_id), "site": f"/api/v1/business/sites/{site}"}

    return replies.called(body, call, links)


@api.post("/business/insights", responses={202: shapes.SubmittedModel, 404: RESPONSES[404], 409: RESPONSES[409]})
@idempotency.taken
def ask(body: QuestionsBody) -> Any:
    """Ask about a site that was scraped. Answers at once with a `task_id`; the answers are at `links.insights`."""
    with inputs.field("questions"):
        asked = insights.checked(body.questions)
    call = insights.call(jobs.answer_questions, body.site_name, asked, seen.owner(), body.priority)
    return replies.called(body, call, lambda job_id: {"insights": f"/business/insights/{job_id}", **replies.links(job_id)})


@api.get(
    "/business/insights/<task_id>", responses={200: InsightsModel, 202: InsightsModel, 404: RESPONSES[404], 410: RESPONSES[404]}
)
def answers(path: TaskPath) -> Any:
    """The answers; 202 with Retry-After while they are looked for."""
    job = seen.job(path.task_id)
    told = {"task_id": job.id, "job_id": job.id, "status": job.status.value, "state": job.state}
    if job.status not in states.ENDED:
        return told, 202, {"Retry-After": str(downloads.RETRY_AFTER_S)}
    return told | _found(job)


@api.get("/api/v1/business/sites", responses={200: Listed[SiteRow]})
def list_sites(query: ListQuery) -> Response:
    """Sites that were scraped, by name."""
    found, cursor = sites.listed(seen.owner(), query.cursor, query.limit)
    return listed(Listed[SiteRow], found, cursor)


@api.get("/api/v1/business/sites/<site>", responses={200: SiteModel, 404: RESPONSES[404]})
def show(path: SitePath) -> Any:
    """What the pages of a site say of it."""
    return sites.show(path.site, seen.owner())


def _found(job: Job) -> dict[str, Any]:
    if job.status is not JobStatus.COMPLETED:
        return {"answers": None, "error": shapes.job(job)["error_message"] or f"It is {job.status.value}."}
    if (found := insights.kept(job.id)) is None:
        raise Problem(410, f"The answers of {job.id} have expired (RESULT_DAYS): ask again.")
    return {name: found.get(name) for name in ("site", "scraped_at", "answers", "llm")}
