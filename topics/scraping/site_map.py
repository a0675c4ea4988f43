"""The addresses of a site, without its pages: what its sitemaps name, and what its first pages link to."""

from collections.abc import Iterable, Mapping
from typing import Any

import errors
import queues
from clients import fetch
from parsing import links, tree, web_urls
from state.engine import dedup
from state.store import connection
from topics.scraping import config as configs
from topics.scraping import outcomes, places, scope, seeds, stored, visits
from topics.scraping.config import ScrapingConfig

#: Pages that are fetched for their links, where sitemaps do not name enough.
MOST_PAGES = 10


def run(url: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Map a site; the list of addresses is kept under the id of the job, and their number is returned. Raises NotNow."""
    checked = configs.of(config)
    start = fetch.check_url(web_urls.typed(url)).href
    job_id = queues.current_job_id() or dedup.direct_owner()
    with places.place(start), connection.errors_translated():
        found, by = addresses(start, checked, job_id)
        record = {"url": start, "urls": found, "count": len(found), "by": by, "complete": len(found) < checked.pages}
        stored.put_result(job_id, record)
    return {"result": job_id, "url": start, "count": len(found), "by": by}


def addresses(start: str, config: ScrapingConfig, holder: str) -> tuple[list[str], dict[str, int]]:
    """Up to `expected_pages` addresses of a site in the order found, each page once; and how many came from where."""
    where = scope.Scope(start, config)
    found: dict[bytes, str] = {}
    by = {"sitemaps": 0, "links": 0}

    def add(urls: Iterable[str], depth: int, source: str) -> None:
        for offer in where.offers(urls, depth):
            if not offer.reason and offer.fingerprint not in found and len(found) < config.pages:
                found[offer.fingerprint] = offer.url
                by[source] += 1

    add([start], 0, "links")
    if config.use_sitemaps:
        add(seeds.from_sitemaps(start, config, holder, config.pages * 2), 0, "sitemaps")
    fetched: set[str] = set()
    while config.follow_links and len(fetched) < MOST_PAGES and len(found) < config.pages:
        page = next((one for one in found.values() if one not in fetched), None)
        if page is None:
            break
        fetched.add(page)
        queues.progress(len(found), config.pages, "addresses found")
        add(_links(page, config, holder, is_start=page == start), 1, "links")
    return list(found.values()), by


def _links(page: str, config: ScrapingConfig, holder: str, *, is_start: bool) -> list[str]:
    try:
        visit = visits.fetched(page, config, holder)
        if visit.error:
            raise visit.error
        if visit.reply is None or not outcomes.is_html(visit):
            return []
        found = tree.parse(visit.reply.text)
        return links.urls(found, visit.reply.final_url) + links.related(found, visit.reply.final_url)
    except errors.NotNow:
        raise
    except errors.TrawlError:
        if is_start:
            raise
        return []
