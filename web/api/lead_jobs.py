"""Jobs about companies: scrapes of their sites, searches that find some, and processing of what is known.

A number as priority counts up here: 9 is the most urgent.
"""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from jobs import leads as jobs
from topics.leads import many, processing, scrape, searches
from web import idempotency, inputs, replies, seen, shapes
from web.api.lead_models import CompaniesBody, CompanyBody, ProcessBody, ResultModel, SearchBody
from web.errors import RESPONSES, Problem

api = APIBlueprint(
    "lead-jobs",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="companies", description="Companies: what is known of each, where from, and its score.")],
    abp_responses=RESPONSES,
)

ACCEPTED: dict[Any, Any] = {202: shapes.SubmittedModel, 409: RESPONSES[409]}


@api.post("/jobs/scrape/company", responses=ACCEPTED)
@idempotency.taken
def scrape_company(body: CompanyBody) -> Any:
    """Scrape the site of a company: its telling pages become facts, each with page and time, merged into what is known."""
    with inputs.field("company_url"):
        call = scrape.call(jobs.scrape_company, body.company_url, body.tags, body.priority)
    return replies.called(body, call, _links)


@api.post("/jobs/scrape/companies", responses=ACCEPTED)
@idempotency.taken
def scrape_companies(body: CompaniesBody) -> Any:
    """Scrape the sites of many companies. One that fails does not stop the others; `links.companies` lists them at the end."""
    with inputs.field("company_urls"):
        call = many.call(jobs.scrape_companies, body.company_urls, body.tags, body.priority)
    return replies.called(body, call, _links)


@api.post("/jobs/scrape/batch", responses=ACCEPTED)
@idempotency.taken
def search_companies(body: SearchBody) -> Any:
    """Search the web, leave out directories and social networks, and scrape the sites that were found, each domain once."""
    market = (body.country.lower(), body.language, body.location)
    with inputs.field("search_queries"):
        most = body.max_results_per_query
        call = searches.call(jobs.search_companies, body.search_queries, most, market, tags=body.tags, queue=body.priority)
    return replies.called(body, call, _links)


@api.post("/jobs/process/data", responses={**ACCEPTED, 404: RESPONSES[404]})
@idempotency.taken
def process_data(body: ProcessBody) -> Any:
    """Bring facts to one spelling: names, sites, phones, countries, sizes, industries. Each company gets a report."""
    call = processing.call(jobs.process_data, body.company_ids, seen.owner(), body.priority)
    return replies.called(body, call, _links)


@api.get("/companies/results/<job_id>", responses={200: ResultModel, 404: RESPONSES[404], 410: RESPONSES[404]})
def result(path: inputs.JobPath) -> Any:
    """What such a job found, company by company. 410: it is not kept any more, or the job is not over."""
    job = seen.job(path.job_id)
    found = many.kept(job.id) if job.kind == "leads" else None
    if found is None:
        raise Problem(410, f"Job {job.id} has no list of companies: it is {job.status.value}, or that has expired (RESULT_DAYS).")
    return {name: value for name, value in found.items() if name not in ("pages", "contacts")} | {"job_id": job.id}


def _links(job_id: str) -> dict[str, str]:
    return {**replies.links(job_id), "companies": f"/api/v1/companies/results/{job_id}"}
