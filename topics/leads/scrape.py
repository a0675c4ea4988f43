"""One company by its site: its telling pages are scraped as `topics.business` does, and what they say is merged."""

from collections.abc import Sequence
from typing import Any

import errors
import models
import queues
from clients import fetch
from lead_models import Fact
from parsing import web_urls
from state.engine import dedup
from state.leads import companies
from state.leads.companies import Update
from state.store import connection
from topics.business import scrape as business
from topics.leads import keeping, reading, sites
from topics.scraping import stored

SCRAPE_COMPANY = "jobs.leads.scrape_company"


def call(func: Any, url: str, tags: Sequence[str] = (), queue: str | None = None) -> models.Call:
    """The checked call that scrapes a company by the job `func`; Redis is not touched. Raises DataError and ArgumentError."""
    address = address_of(url)
    labels = {"host": web_urls.parse(address).host}
    return models.Call(func, (address, keeping.tags_of(tags)), queue=queue, meta=labels, labels=labels)


def address_of(url: str) -> str:
    """The canonical address of a company's site. Raises DataError for none, and for a page on a host that many share."""
    site = sites.canonical(url)
    if sites.is_shared(site):
        raise errors.DataError(f"{url!r:.100} is a page on a host that many share: give the company's own site.")
    return fetch.check_url(site).href


def run(url: str, tags: Sequence[str] = ()) -> dict[str, Any]:
    """Scrape a company now. Raises NotNow while its pages are fetched, and DataError where none could be read."""
    seen = business.run(url)
    job_id = queues.current_job_id() or dedup.direct_owner()
    with connection.errors_translated():
        site = stored.result(job_id)
    if site is None:  # removed a moment after it was written
        raise errors.NotFound(f"What was read of {url} is gone: scrape it again.")
    facts = reading.of_site(site)
    made = _put(url, facts, tags)
    with connection.errors_translated():
        stored.put_result(job_id, site | {"company": made.id})
    told = {"company": made.id, "new": made.was_new, "changed": list(made.changed)}
    return told | {name: seen[name] for name in ("site", "name", "pages", "missed", "result")}


def _put(url: str, facts: dict[str, Fact], tags: Sequence[str]) -> companies.Put:
    """Merge the facts. A site that sends on to another one names the company too, unless another company has that name."""
    [made] = keeping.put([facts], tags)
    owner, asked = queues.current_owner(), sites.domain_of(url)
    with connection.errors_translated():
        if asked and companies.by_domain(owner, [asked]) == [None]:
            companies.put([Update(owner, "", asked, "", "", id=made.id)])
    return made
