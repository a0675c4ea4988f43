"""Scraping: one page, a batch of pages, a site; and what is read from content that is there already."""

from typing import Any

import queues
from topics.scraping import cleaning, crawl, lanes, processing, single, site_map, tending
from topics.scraping import reparse as rereading


@queues.job(queue="default", kind="scrape", timeout_s=900, retries=3, pages=1)
def scrape_url(url: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
    """Scrape one page; its result is kept under the id of the job. A blocked page fails with its class, and is no result."""
    return single.run(url, config)


@queues.job(queue="default", kind="scrape", timeout_s=120, retries=3)
def scrape_batch(batch_id: str) -> dict[str, Any]:
    """Start a batch whose ledger is there (`topics.scraping.crawl.submit_batch` makes it)."""
    return crawl.begin_batch(batch_id)


@queues.job(queue="default", kind="scrape", timeout_s=3600, retries=3)
def crawl_site(crawl_id: str) -> dict[str, Any]:
    """Find the first pages of a site and start its crawl (`topics.scraping.crawl.submit_crawl` makes its ledger)."""
    return crawl.begin_crawl(crawl_id)


@queues.job(queue="default", kind="scrape", timeout_s=lanes.TIMEOUT_S, retries=3)
def crawl_pages(lane: str) -> dict[str, Any]:
    """Fetch pages of a batch or crawl for some seconds; the next job of the lane goes on. `lane`: <ledger>-<lane>-<round>."""
    return lanes.run(lane)


@queues.job(queue="default", kind="scrape", timeout_s=3600, retries=3)
def map_site(url: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
    """Find the addresses of a site by its sitemaps and first links; the list is kept under the id of the job."""
    return site_map.run(url, config)


@queues.job(queue="low", kind="scrape", timeout_s=3600, retries=1)
def reparse(id: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
    """Read the kept pages of a scrape, batch or crawl again; the result says what is different by the rules of today."""
    return rereading.report(id, config)


@queues.job(queue="low", kind="scrape", timeout_s=900, retries=0)
def process_content(
    content: str, url: str = "", content_type: str = "html", schema: dict[str, Any] | None = None, prompt: str = ""
) -> dict[str, Any]:
    """Read content that is there already: title, author, dates, language, main text, summary, entities, structured data.

    `schema` or `prompt` ask for an object besides.
    """
    return processing.run(content, url, content_type, schema, prompt)


@queues.job(queue="low", kind="scrape", timeout_s=120, retries=0)
def clean_data(data: dict[str, Any], schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """Validate and normalise a record; the result says what was changed and dropped."""
    return cleaning.run(data, schema)


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0)
def tend_crawls() -> dict[str, int]:
    """Give lanes of batches and crawls whose job is gone a new one."""
    return {"revived": tending.tend()}


@queues.job(queue="low", kind="maintenance", timeout_s=3600, retries=3)
def clean_up_pages() -> dict[str, int]:
    """Remove pages and results from object storage that are older than twice RESULT_DAYS."""
    return {"removed": tending.clean_up()}
