"""The telling pages of a site, scraped as one batch under one job, and what they say kept by the name of the site.

The job looks at the first page for what the navigation names, starts the batch and parks until it is over. A second run of the
job, after a kill or a parking, finds the batch that the first one made.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import clock
import errors
import models
import queues
from clients import fetch
from parsing import charsets, site_pages, web_urls
from state.business import sites
from state.engine import dedup
from state.scraping import ledgers
from state.store import connection
from topics.business import facts
from topics.scraping import config as configs
from topics.scraping import crawl, progress, single, stored

#: Pages that are asked for where nobody names some.
DEFAULT = ("/", "/about", "/contact", "/terms")

#: Pages of one site at most.
MOST_PAGES = 50

#: The job that starts a batch, and how often it is asked for its state (s).
BATCH, EVERY_S = "jobs.scrape.scrape_batch", 2.0

#: A page that was read a moment ago, to see its navigation, is not fetched again (s).
JUST_READ_S = 900.0


def call(func: Any, url: str, pages: Sequence[str] = (), queue: str | None = None) -> models.Call:
    """The checked call that scrapes a site by the job `func`. `pages`: paths or addresses of the same site, default `DEFAULT`
    and what the navigation names. Raises DataError and ArgumentError before Redis is touched.
    """
    start = fetch.check_url(web_urls.typed(url))
    if len(pages) > MOST_PAGES:
        raise errors.ArgumentError(
            f"pages_to_scrape takes up to {MOST_PAGES} pages, not {len(pages)}: `scrape crawl` takes sites."
        )
    for address in addresses(start.href, pages):
        fetch.check_url(address)
    labels = {"host": start.host}
    return models.Call(func, (start.href, list(pages)), queue=queue, meta=labels, labels=labels)


def addresses(url: str, pages: Sequence[str]) -> list[str]:
    """The addresses of these pages, each once. Raises DataError for one of another site."""
    site, found = _site_of(url), list[str]()
    for page in pages:
        parsed = web_urls.parse(page.strip() or "/", url)
        if web_urls.site_of(parsed.host) != site:
            raise errors.DataError(f"{page!r:.100} is no page of {site}: give paths like /contact, or addresses of that site.")
        found.append(parsed.href.partition("#")[0])
    return list(dict.fromkeys(found))


def run(url: str, pages: Sequence[str] = ()) -> dict[str, Any]:
    """Scrape the pages of a site now. Raises NotNow until the batch is over, and DataError where no page could be read."""
    job_id = queues.current_job_id() or dedup.direct_owner()
    batch_id = hashlib.sha256(f"business:{job_id}".encode()).hexdigest()[:32]
    with connection.errors_translated():
        ledger = ledgers.read(batch_id)
    if ledger is None or ledger.state == "opening":
        crawl.submit(_plan(url, pages, job_id), batch_id, job_id)
    seen = progress.of(batch_id)
    queues.progress(int(seen.counts["done"]), int(seen.counts["found"]), "pages read")
    if seen.state in ("opening", "running"):
        raise errors.NotNow(clock.now() + timedelta(seconds=EVERY_S), f"its pages are being fetched (batch {batch_id})")
    with connection.errors_translated():
        return _kept(url, job_id, batch_id)


def _plan(url: str, pages: Sequence[str], job_id: str) -> crawl.Plan:
    wanted = addresses(url, pages) if pages else _usual(url, job_id)
    options = configs.ScrapingConfig(max_age=JUST_READ_S, extract_metadata=True)
    return crawl.plan_batch(queues.function(BATCH), wanted, options, queues.DEFAULT)


def _usual(url: str, job_id: str) -> list[str]:
    """The default pages, and those that the first page names. The navigation of a page that redirects is that of its target."""
    config = configs.ScrapingConfig(extract_raw_html=True, extract_content=False, max_age=JUST_READ_S)
    try:
        first = single.scrape(url, config, job_id)
    except (errors.DataError, errors.NotAllowed):
        return addresses(url, (url, *DEFAULT))
    base = first.get("final_url") or url
    named = site_pages.of(first.get("raw_html") or "", url=base)
    own = url if _site_of(url) == _site_of(base) else base  # example.com may send on to example.de
    return addresses(base, (own, *DEFAULT, *(page.url for page in named)))[:MOST_PAGES]


def _site_of(url: str) -> str:
    return web_urls.site_of(web_urls.parse(url).host)


def _kept(url: str, job_id: str, batch_id: str) -> dict[str, Any]:
    records = sorted(stored.records(batch_id), key=lambda record: record["n"])
    read = [facts.of_page(record, html) for record, html in pages_of(records)]
    missed = [missed_of(record) for record in records if record["outcome"] != "done"]
    if not read:
        why = "; ".join(f"{one['url']}: {one['why']}" for one in missed[:3])
        raise errors.DataError(f"No page of {web_urls.parse(url).host} could be read ({why or 'no page is HTML'}).")
    site = name_of(url)
    whole = facts.of_site(site, url, read, missed) | {"batch": batch_id, "scraped_at": clock.now().isoformat(timespec="seconds")}
    stored.put_result(job_id, whole)
    now_ms = round(clock.now().timestamp() * 1000)
    known = sites.Known(site, queues.current_owner(), job_id, whole["name"] or "", whole["domain"], len(read), now_ms)
    ledger = ledgers.read(batch_id)
    began = ledger.at("started_at") if ledger else None
    sites.put(known, round(began.timestamp() * 1000) if began else now_ms)
    return {"site": site, "name": whole["name"], "pages": len(read), "missed": len(missed), "batch": batch_id, "result": job_id}


def name_of(text: str) -> str:
    """The name under which a site is kept: its host without `www.`. Raises DataError for what is no address or host.

    >>> name_of("https://www.example.com/about"), name_of("Example.com")
    ('example.com', 'example.com')
    """
    text = text.strip()
    return web_urls.parse(text if "://" in text else f"http://{text}").host.removeprefix("www.")


def pages_of(records: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """The pages that were read, each address and each content once: many sites answer with the first page whatever is asked."""
    seen: set[str] = set()
    for record in records:
        if record["outcome"] != "done" or "object" not in record or "html" not in (record.get("content_type") or "html"):
            continue
        address = web_urls.canonical(record.get("final_url") or record["url"])
        is_new = seen.isdisjoint((address, record["sha256"]))
        body = stored.page(record["object"], record["sha256"]) if is_new else None
        if body is not None:
            seen.update((address, record["sha256"]))
            yield record, charsets.decode(body, record.get("content_type") or "text/html")[0]


def missed_of(record: dict[str, Any]) -> dict[str, Any]:
    """A page that was not read, and why."""
    return {"url": record["url"], "outcome": record["outcome"], "why": record.get("error") or record.get("reason") or ""}
