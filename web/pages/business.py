"""Businesses: the sites whose telling pages were scraped."""

from datetime import UTC, datetime

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

import errors
import queues
from jobs import business as jobs
from topics.business import scrape, sites
from web import access, seen
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column, Part

SITES = (Column("site", "Site"), Column("name", "Name"), Column("pages", "Pages read", numeric=True), Column("at", "Scraped"))


class SiteName(BaseConverter):
    """A site in an address: not the word that the route of questions has in its place."""

    regex = r"(?!insights$)[^/]+"


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.url_map.converters["site_name"] = SiteName
    app.add_url_rule("/business", "businesses_page", businesses_page)
    app.add_url_rule("/business", "business_scrape", scrape_site, methods=["POST"])


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


def _sites(limit: int, cursor: str) -> Part:
    found, after = sites.listed(seen.owner(), cursor, limit)
    rows = [{**one._asdict(), "at": datetime.fromtimestamp(one.at_ms / 1000, UTC)} for one in found]
    return Part(rows, after)
