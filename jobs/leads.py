"""Companies: scraped by their sites, found by searches, brought to one spelling."""

from collections.abc import Sequence
from typing import Any

import queues
from topics.leads import many, processing, scrape, searches, uploads


@queues.job(queue="high", kind="leads", timeout_s=900, retries=3, pages=1)
def scrape_company(url: str, tags: Sequence[str] = ()) -> dict[str, Any]:
    """Scrape the telling pages of a company's site; the facts are merged into the company, each with its page and time."""
    return scrape.run(url, tags)


@queues.job(queue="high", kind="leads", timeout_s=900, retries=3)
def scrape_companies(urls: Sequence[str], tags: Sequence[str] = (), queue: str = queues.HIGH) -> dict[str, Any]:
    """Scrape many companies, each as a job of its own; waits for them, and keeps the list of what became of each."""
    return many.run(urls, tags, queue)


@queues.job(queue="high", kind="leads", timeout_s=900, retries=3)
def search_companies(
    search_queries: Sequence[str],
    max_results_per_query: int = 10,
    market: Sequence[str] = (),
    tags: Sequence[str] = (),
    queue: str = queues.HIGH,
) -> dict[str, Any]:
    """Search, leave out directories and social networks, and scrape the sites that were found. `market`: country, language …"""
    return searches.run(search_queries, max_results_per_query, market, tags, queue)


@queues.job(queue="default", kind="leads", timeout_s=3600, retries=3)
def import_companies(key: str, name: str, tags: Sequence[str] = (), encoding: str | None = None) -> dict[str, Any]:
    """Import a file of companies that lies in object storage; what became of its lines. Safe to repeat."""
    return uploads.import_kept(key, name, queues.current_owner(), tags, encoding, queues.progress)


@queues.job(queue="default", kind="leads", timeout_s=3600, retries=3)
def process_data(company_ids: Sequence[str]) -> dict[str, Any]:
    """Bring facts of companies to one spelling; the report says of each what was changed, what cannot be read, what it lacks."""
    return processing.run(company_ids)
