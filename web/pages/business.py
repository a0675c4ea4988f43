"""Businesses: the sites whose telling pages were scraped, what these say and where, and questions about them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

import errors
import queues
from jobs import business as jobs
from topics.business import facts, insights, scrape, sites
from web import access, seen
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column, Part

SITES = (Column("site", "Site"), Column("name", "Name"), Column("pages", "Pages read", numeric=True), Column("at", "Scraped"))
FACTS = (
    Column("kind", "What"),
    Column("says", "Says"),
    Column("url", "Page"),
    Column("source", "Source", "How the page says it: in data for machines, in markup, by a link, or in its text"),
    Column("snippet", "Where it stands"),
)
PAGES = (
    Column("url", "Page"),
    Column("kind", "Kind"),
    Column("title", "Title"),
    Column("fetched_at", "Fetched"),
    Column("why", "Problem"),
)

WORDS = {
    "names": "name",
    "emails": "e-mail",
    "phones": "phone",
    "addresses": "address",
    "hours": "opening hours",
    "social": "profile",
    "people": "person",
}
PARTS = {**facts.KINDS, "phones": "written"}

#: Questions that a form takes at once.
MOST_ASKED = 10


class SiteName(BaseConverter):
    """A site in an address: not the word that the route of questions has in its place."""

    regex = r"(?!insights$)[^/]+"


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.url_map.converters["site_name"] = SiteName
    app.add_url_rule("/business", "businesses_page", businesses_page)
    app.add_url_rule("/business", "business_scrape", scrape_site, methods=["POST"])
    app.add_url_rule("/business/<site_name:site>", "business_page", business_page)


@access.needs(Role.VIEWER)
def businesses_page() -> Response:
    """All sites that were scraped, by name."""
    if file := tables.wanted_file("businesses", SITES, _sites):
        return file
    empty = "No site was scraped yet: write its address above, or `python manage.py business scrape URL`."
    return frame.show(
        "businesses.html", "Businesses", found=tables.make("businesses", "Sites that were scraped", SITES, _sites, empty)
    )


@access.needs(Role.OPERATOR)
def scrape_site() -> Response:
    """Scrape a site; its job is shown."""
    try:
        call = scrape.call(jobs.scrape_business, request.form.get("url", "").strip(), request.form.get("pages", "").split())
    except errors.DataError as exc:
        return frame.done("/business", f"Nothing was scraped: {exc}")
    made = queues.submit_many([call])[0]
    site = scrape.name_of(str(call.args[0]))
    return frame.done(
        "/business", f"The pages of {site} are being scraped (job {made.job_id}). It is listed here when they are read."
    )


@access.needs(Role.VIEWER)
def business_page(site: str) -> Response:
    """What is known of a site, and the answers to the questions in the address."""
    known = sites.show(site, seen.owner())
    read, pages = tables.all_at_once(list(_facts(known))), tables.all_at_once(list(_pages(known)))
    if file := tables.wanted_file("facts", FACTS, read) or tables.wanted_file("pages", PAGES, pages):
        return file
    asked = [line.strip() for line in request.args.get("q", "").splitlines() if line.strip()][:MOST_ASKED]
    answers, problem = _answers(known, asked)
    return frame.show(
        "business.html",
        known["name"] or known["site"],
        known=known,
        found=tables.make("facts", "What its pages say", FACTS, read, "These pages name no contacts."),
        pages=tables.make("pages", "Pages", PAGES, pages),
        asked="\n".join(asked),
        answers=answers,
        problem=problem,
    )


def _answers(known: Mapping[str, Any], asked: list[str]) -> tuple[list[dict[str, Any]], str]:
    """The answers, and what is wrong with the questions; a form asks so few that no job is needed."""
    if not asked:
        return [], ""
    try:
        call = insights.call(jobs.answer_questions, known["site"], asked, seen.owner())
    except errors.ArgumentError as exc:
        return [], str(exc)
    return insights.answer(*call.args, by_rules=True)["answers"], ""  # whoever looks spends nothing


def _sites(limit: int, cursor: str) -> Part:
    found, after = sites.listed(seen.owner(), cursor, limit)
    rows = [{**one._asdict(), "at": datetime.fromtimestamp(one.at_ms / 1000, UTC)} for one in found]
    return Part(rows, after)


def _facts(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"kind": WORDS[kind], "says": _says(kind, one), **{name: where[name] for name in ("url", "source", "snippet")}}
        for kind in facts.KINDS
        for one in known["contacts"][kind]
        for where in one["evidence"][:3]
    ]


def _says(kind: str, fact: Mapping[str, Any]) -> str:
    role = f" ({fact['role']})" if kind == "people" and fact["role"] else ""
    return f"{fact[PARTS[kind]]}{role}"


def _pages(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    read = [{**{name: page[name] for name in ("url", "kind", "title", "fetched_at")}, "why": ""} for page in known["pages"]]
    missed = [{"url": page["url"], "kind": "", "title": "", "fetched_at": "", "why": page["why"]} for page in known["missed"]]
    return [*read, *missed]
