"""What is done with a company: it is tagged, brought to one spelling, scraped again, scored, enriched, removed."""

from collections.abc import Callable

from flask import Flask, Response

import errors
import models
import queues
from jobs import lead_scores
from jobs import leads as jobs
from topics.leads import enrichments, processing, scrape, views
from web import access, seen
from web.access import Role
from web.pages import frame, lead_starts


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/leads/<company_id>/tags", "lead_tags", tag, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/process", "lead_process", process, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/scrape", "lead_scrape", scrape_again, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/score", "lead_score_again", score_again, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/enrich", "lead_enrich", enrich, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/remove", "lead_remove", remove, methods=["POST"])


@access.needs(Role.OPERATOR)
def tag(company_id: str) -> Response:
    """Give a company tags, and take others from it."""
    company = views.find(company_id, seen.owner())
    try:
        changed = views.tag([company.id], seen.owner(), lead_starts.tags_in("add"), lead_starts.tags_in("take"))
    except errors.DataError as exc:
        return frame.done(f"/leads/{company.id}", f"Nothing was changed: {exc}")
    return frame.done(f"/leads/{company.id}", "Its tags are changed." if changed else "Nothing changed.")


@access.needs(Role.OPERATOR)
def process(company_id: str) -> Response:
    """Have the facts of a company brought to one spelling."""
    company = views.find(company_id, seen.owner())
    return _submitted(f"/leads/{company.id}", lambda: processing.call(jobs.process_data, [company.id], seen.owner()))


@access.needs(Role.OPERATOR)
def scrape_again(company_id: str) -> Response:
    """Have the site of a company scraped."""
    company = views.find(company_id, seen.owner())
    return _submitted(f"/leads/{company.id}", lambda: scrape.call(jobs.scrape_company, company.site))


@access.needs(Role.OPERATOR)
def score_again(company_id: str) -> Response:
    """Score a company; the job is named."""
    company = views.find(company_id, seen.owner())
    ids, here = [company.id], f"/leads/{company.id}/score"
    return _submitted(here, lambda: processing.call(lead_scores.score_companies, ids, seen.owner()))


@access.needs(Role.OPERATOR)
def enrich(company_id: str) -> Response:
    """Enrich a company; the job is named."""
    company = views.find(company_id, seen.owner())
    ids, here = [company.id], f"/leads/{company.id}/score"
    return _submitted(here, lambda: enrichments.call(lead_scores.enrich_companies, ids, seen.owner()))


@access.needs(Role.OPERATOR)
def remove(company_id: str) -> Response:
    """Remove a company, after a question."""
    company = views.find(company_id, seen.owner())
    name, here = company.name or company.domain or company.id, f"/leads/{company.id}"
    if not frame.is_confirmed():
        says = f"Remove {name} with {len(company.facts)} facts and its scores? This cannot be taken back."
        return frame.confirm("Remove a company", says, f"{here}/remove", button="Remove", back=here)
    views.remove(company.id, seen.owner())
    return frame.done("/leads", f"{name} is removed.")


def _submitted(here: str, call: Callable[[], models.Call]) -> Response:
    try:
        made = queues.submit_many([call()])[0]
    except errors.DataError as exc:
        return frame.done(here, f"Nothing was submitted: {exc}")
    return frame.done(here, f"Job {made.job_id} works on it.")
