"""POST /search: the hits of the provider of result pages, and where it is asked for the pages behind them."""

from typing import Any

from flask import Response, jsonify

import clock
import config
import errors as trawl
import queues
from clients import fetch
from clients import serp as providers
from jobs import scrape, serp
from models import Submission
from state.scraping import ledgers
from state.store import connection
from topics.operations.job_records import Job
from topics.scraping import crawl, documents, stored
from topics.scraping.config import ScrapingConfig
from web import access, budget, hub
from web.firecrawl import bodies, errors, failures, options, routes, search_words, unsupported, waits
from web.firecrawl.bodies import Search

SearchBody = bodies.documented(bodies.Search)

LIMIT, TIMEOUT_S = 5, 60.0

#: Kinds of hits that clients ask for besides, and that this provider does not have: they stay empty.
SOURCES = ("web", "news", "images", "alexandria")


@routes.route("post", "/search")
@access.needs(access.Role.OPERATOR)
def search(body: SearchBody) -> Response:  # type: ignore[valid-type]
    """Search the web by SERP_PROVIDER. With `scrapeOptions.formats` each hit comes with its page."""
    given = bodies.read(Search, unsupported.without(body.fields))  # type: ignore[attr-defined]
    _check_sources(given)
    began, timeout_s = clock.monotonic(), given.timeout / 1000 if given.timeout else TIMEOUT_S
    query, narrowed = search_words.of(given)
    wanted = given.scrape_options if given.scrape_options and given.scrape_options.formats else None
    scraping, warnings = options.config_of(wanted, {"max_retries": 0}, many=True) if wanted else (None, [])
    found = waits.result_of(_submitted(given, query), timeout_s, waits.JOB)
    if isinstance(found, Job):
        return failures.reply(found)
    hits = [{**hit, "description": ""} for hit in found["hits"]]
    if scraping and hits:
        hits = _with_pages(hits, scraping, waits.left_s(began, timeout_s))
    warnings = [*warnings, *narrowed]
    said = {"warning": " ".join(warnings)} if warnings else {}
    return jsonify(success=True, data=hits if routes.version() == "v1" else {"web": hits}, **said)


def _check_sources(given: Search) -> None:
    for one in given.sources or ():
        name = one if isinstance(one, str) else str(one.get("type", ""))
        if name not in SOURCES:
            raise errors.refused(f"sources: {name[:60]!r} is no source; there is web", path=("sources",))


def _submitted(given: Search, query: str) -> Submission:
    """The job that searches. Raises Problem 400 that names the setting, where no provider is set up."""
    try:
        providers.make(config.settings())
    except trawl.ConfigError as exc:
        raise errors.refused(f"search needs a provider of result pages: {exc}", "UNSUPPORTED_ENDPOINT") from None
    language = (given.lang or "en").lower()
    country = (given.country or "us").lower()
    return queues.submit(serp.search_web, query, given.limit or LIMIT, country, language, given.location or "", queue="high")


def _with_pages(hits: list[dict[str, Any]], scraping: ScrapingConfig, timeout_s: float) -> list[dict[str, Any]]:
    """The hits, each with its document where that came in time."""
    good = [url for hit in hits if (url := _href(hit["url"]))]
    if not good:
        return [hit | _page(None, hit) for hit in hits]
    made = crawl.submit_batch(scrape.scrape_batch, good, scraping, "high")
    with budget.waiting():
        hub.hub().wait(made.job_id, timeout_s)
    with connection.errors_translated():
        found = {_href(record["url"]): record for record in stored.records(made.job_id)}
        ledger = ledgers.read(made.job_id)
    if ledger is not None and not ledger.is_over:
        crawl.stop(made.job_id, "the search that asked for it is over")
    return [hit | _page(found.get(_href(hit["url"])), hit) for hit in hits]


def _href(url: str) -> str:
    """An address as it would be fetched; "" where it cannot be."""
    try:
        return fetch.check_url(url).href
    except trawl.DataError:
        return ""


def _page(record: dict[str, Any] | None, hit: dict[str, Any]) -> dict[str, Any]:
    """What a hit has of its page; where none came, its metadata say why. Clients read title and address from there alone."""
    if record is not None and record["outcome"] == "done":
        return documents.of(record)
    says = "the page did not come in time" if record is None else record.get("error") or record.get("reason", "")
    return {"metadata": {"title": hit["title"], "sourceURL": hit["url"], "url": hit["url"], "error": says}, "markdown": ""}
