"""Companies: the list by filters, one company with its facts, where from and how old, what was before, and its score."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

import errors
import models
import queues
from jobs import leads as jobs
from lead_models import Company
from topics.leads import keeping, many, processing, scrape, searches, uploads, views
from topics.tracking import uploads as kept
from web import access, seen
from web.access import Role
from web.errors import Problem
from web.pages import filters, frame, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

COMPANIES = (
    Column("name", "Company"),
    Column("domain", "Site"),
    Column("city", "Town"),
    Column("country", "Country"),
    Column("industry", "Industry"),
    Column("employees", "People", "How many work there", numeric=True),
    Column("facts", "Facts", "Fields of which something is known", numeric=True),
    Column("score", "Score", "0 to 100, by the points model", numeric=True),
    Column("tags", "Tags"),
    Column("updated", "Changed"),
)
FACTS = (
    Column("field", "Fact"),
    Column("value", "Value"),
    Column("source", "Source", "The page it was read from, or who typed or imported it"),
    Column("at", "Seen", "When it was seen last"),
    Column("snippet", "Where it stands"),
)
FORMER = (*FACTS[:3], Column("at", "Seen last"))
FINDINGS = (
    Column("field", "Fact"),
    Column("before", "Is"),
    Column("after", "Would be", "What processing makes of it"),
    Column("problem", "Problem"),
    Column("remedy", "Remedy"),
)
POINTS = (
    Column("part", "Part"),
    Column("points", "Points", numeric=True),
    Column("most", "Of", numeric=True),
    Column("reason", "Reason"),
    Column("evidence", "Evidence"),
)

FILTERS = (
    Filter("tag", "Tag"),
    Filter("text", "Text", hint="name, site, town, industry"),
    Filter("score", "Score at least", kind="number"),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/leads", "leads_page", leads_page)
    app.add_url_rule("/leads", "leads_start", start, methods=["POST"])
    app.add_url_rule("/leads/import", "leads_import", import_file, methods=["POST"])
    app.add_url_rule("/leads/<company_id>", "lead_page", lead_page)
    app.add_url_rule("/leads/<company_id>/tags", "lead_tags", tag, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/process", "lead_process", process, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/scrape", "lead_scrape", scrape_again, methods=["POST"])
    app.add_url_rule("/leads/<company_id>/remove", "lead_remove", remove, methods=["POST"])


@access.needs(Role.VIEWER)
def leads_page() -> Response:
    """All companies that fit the filters."""
    wanted = _wanted()

    def read(limit: int, cursor: str) -> Part:
        found, after = views.page(owner, wanted, cursor, limit)
        return Part([_row(one) for one in found], after)

    owner = seen.owner()
    if file := tables.wanted_file("leads", COMPANIES, read):
        return file
    empty = "No company: write the address of one above, or `python manage.py lead import FILE`."
    if wanted != views.Filters():
        empty = "No company fits these filters, as far as was looked."
    return frame.show(
        "leads.html",
        "Companies",
        found=tables.make("leads", "Companies", COMPANIES, read, empty),
        shown=filters.shown(FILTERS),
    )


@access.needs(Role.OPERATOR)
def start() -> Response:
    """Scrape sites, or search for some; the job is named."""
    form = request.form
    tags = _listed("tags")
    try:
        call = _search(form, tags) if "queries" in form else _scrape(form.get("urls", "").split(), tags)
    except errors.DataError as exc:
        return frame.done("/leads", f"Nothing was submitted: {exc}")
    made = queues.submit_many([call])[0]
    return frame.done(f"/jobs/{made.job_id}", "This job works on it; the companies are on the page Companies as they are read.")


@access.needs(Role.OPERATOR)
def import_file() -> Response:
    """Import a file of companies; a large one by a job."""
    file = request.files.get("file")
    body, name = (file.read(), kept.shown(file.filename or "")) if file else (b"", "")
    if not body.strip():
        return frame.done("/leads", "There is nothing to import: choose a file.")
    try:
        tags = keeping.tags_of(_listed("tags"))
        if len(body) > uploads.AT_ONCE_BYTES:
            job = queues.submit(jobs.import_companies, kept.keep(body), name, tags)
            return frame.done(
                f"/jobs/{job.job_id}", "The file is imported by this job; its result says what became of the lines."
            )
        told = uploads.import_body(body, name, access.owner(), tags)
    except errors.DataError as exc:
        return frame.done("/leads", f"Nothing was imported: {exc}")
    says = f"{told['added']:,} added, {told['known']:,} were there, {told['bad_count']:,} lines left out."
    more = [*told["notes"], *(f"Line {one['line']}: {one['reason']}" for one in told["bad"][:3])]
    return frame.done("/leads", " ".join([says, *more]))


@access.needs(Role.VIEWER)
def lead_page(company_id: str) -> Response:
    """One company."""
    company = views.find(company_id, seen.owner())
    told = {
        "facts": ("What is known", FACTS, _facts(company), "Nothing is known yet."),
        "former": ("What was known before", FORMER, [_fact(**one) for one in views.former(company.id)], "Nothing was replaced."),
        "findings": ("What is wrong, or missing", FINDINGS, _findings(company), "Nothing is wrong."),
        "points": ("Points", POINTS, _points(company), "It has no points."),
    }
    reads = {name: tables.all_at_once(rows) for name, (_, _, rows, _) in told.items()}
    for name, (_, columns, _, _) in told.items():
        if file := tables.wanted_file(name, columns, reads[name]):
            return file
    found = {name: tables.make(name, caption, columns, reads[name], empty) for name, (caption, columns, _, empty) in told.items()}
    scored_at = _at(company.score.at_ms) if company.score else None
    return frame.show(
        "lead.html", company.name or company.domain or company.id, company=company, scored_at=scored_at, found=found
    )


@access.needs(Role.OPERATOR)
def tag(company_id: str) -> Response:
    """Give a company tags, and take others from it."""
    company = views.find(company_id, seen.owner())
    try:
        changed = views.tag([company.id], seen.owner(), _listed("add"), _listed("take"))
    except errors.DataError as exc:
        return frame.done(f"/leads/{company.id}", f"Nothing was changed: {exc}")
    return frame.done(f"/leads/{company.id}", "Its tags are changed." if changed else "Nothing changed.")


@access.needs(Role.OPERATOR)
def process(company_id: str) -> Response:
    """Have the facts of a company brought to one spelling."""
    company = views.find(company_id, seen.owner())
    return _submitted(company, lambda: processing.call(jobs.process_data, [company.id], seen.owner()))


@access.needs(Role.OPERATOR)
def scrape_again(company_id: str) -> Response:
    """Have the site of a company scraped."""
    company = views.find(company_id, seen.owner())
    return _submitted(company, lambda: scrape.call(jobs.scrape_company, company.site))


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


def _submitted(company: Company, call: Callable[[], models.Call]) -> Response:
    try:
        made = queues.submit_many([call()])[0]
    except errors.DataError as exc:
        return frame.done(f"/leads/{company.id}", f"Nothing was submitted: {exc}")
    return frame.done(f"/leads/{company.id}", f"Job {made.job_id} works on it.")


def _listed(name: str) -> list[str]:
    """The tags in a field of the form."""
    return [tag.strip() for tag in request.form.get(name, "").split(",") if tag.strip()]


def _wanted() -> views.Filters:
    given = filters.values(FILTERS)
    try:
        least = float(given["score"]) if given["score"] else None
    except ValueError:
        raise Problem(422, f"A score is a number from 0 to 100, not {given['score']!r:.40}.") from None
    return views.Filters(given["tag"], given["text"], least)


def _scrape(urls: list[str], tags: list[str]) -> models.Call:
    if len(urls) == 1:
        return scrape.call(jobs.scrape_company, urls[0], tags)
    return many.call(jobs.scrape_companies, urls, tags)


def _search(form: Mapping[str, str], tags: list[str]) -> models.Call:
    queries = [line.strip() for line in form["queries"].splitlines() if line.strip()]
    most = form.get("most", "10")
    market = (form.get("country", "us"), form.get("language", "en"))
    return searches.call(jobs.search_companies, queries, int(most) if most.isdecimal() else 0, market, tags=tags)


def _row(company: Company) -> dict[str, Any]:
    return {**views.row(company), "updated": _at(company.updated_ms)}


def _facts(company: Company) -> list[dict[str, Any]]:
    facts = [(name, company.facts[name]) for name in views.ordered(company)]
    return [_fact(name, fact.value, fact.source, fact.at_ms, fact.snippet) for name, fact in facts]


def _fact(field: str, value: Any, source: str, at_ms: int, snippet: str = "") -> dict[str, Any]:
    told = {"field": field.replace("_", " "), "value": views.shown(value), "source": source}
    return told | {"at": _at(at_ms), "snippet": snippet}


def _findings(company: Company) -> list[dict[str, Any]]:
    told = [one.told() for one in processing.findings(company)]
    return [
        {**one, **{name: "" if one[name] is None else views.shown(one[name]) for name in ("before", "after")}} for one in told
    ]


def _points(company: Company) -> list[dict[str, Any]]:
    points = company.score.points if company.score else ()
    return [
        {"part": one.part, "points": one.points, "most": one.most, "reason": one.reason, "evidence": "; ".join(one.evidence)}
        for one in points
    ]


def _at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
