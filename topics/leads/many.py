"""Many companies by their sites: each is a job of its own, and one job waits for them and says how far they are."""

from collections.abc import Sequence
from typing import Any

import errors
import models
import queues
from state.engine import dedup
from state.leads import companies
from state.store import connection
from topics.leads import child_outcomes, children, keeping, scrape, sites
from topics.leads.children import Child
from topics.scraping import stored

#: Sites of one job.
MOST_URLS = 5000

#: Companies of one result that are listed.
MOST_LISTED = 5000


def call(func: Any, urls: Sequence[str], tags: Sequence[str] = (), queue: str | None = None) -> models.Call:
    """The checked call that scrapes companies by the job `func`. Raises DataError, which names the first wrong addresses."""
    addresses = _checked(urls)
    return models.Call(func, (addresses, keeping.tags_of(tags), queue or queues.HIGH), queue=queue)


def run(urls: Sequence[str], tags: Sequence[str], queue: str) -> dict[str, Any]:
    """Scrape them all. Raises NotNow until each is over; a company that fails does not stop the others.

    Where none could be scraped, the list is kept all the same, and an error of the category of most of theirs is raised.
    """
    job_id = queues.current_job_id() or dedup.direct_owner()
    told, seen = follow(job_id, urls, tags, queue)
    with connection.errors_translated():
        stored.put_result(job_id, told)
    child_outcomes.check_any(job_id, seen, "scraped")
    return {name: value for name, value in told.items() if name != "items"} | {"result": job_id}


def follow(
    job_id: str, urls: Sequence[str], tags: Sequence[str], queue: str, before: int = 0
) -> tuple[dict[str, Any], list[Child]]:
    """The same, below a job: its result, and the jobs. `before`: steps that this job did before. Raises NotNow."""
    func = queues.function(scrape.SCRAPE_COMPANY)
    calls = [children.call(job_id, one, models.Call(func, (one, list(tags)), queue=queue, labels=_labels(one))) for one in urls]
    seen = children.follow(calls)
    child_outcomes.progress(seen, "companies scraped", before)
    children.wait(seen, "companies")
    told = {"companies": child_outcomes.counts(seen)["done"], **child_outcomes.outcome(seen)}
    return {**told, "items": _items(urls, seen)}, seen


def kept(job_id: str) -> dict[str, Any] | None:
    """The result of such a job; None where it is not kept (any more)."""
    with connection.errors_translated():
        return stored.result(job_id)


def _items(urls: Sequence[str], seen: Sequence[Child]) -> list[dict[str, Any]]:
    with connection.errors_translated():
        ids = companies.by_domain(queues.current_owner(), [sites.domain_of(one) for one in urls])
    rows = zip(urls, seen, ids, strict=True)
    return [
        {"url": url, "status": child.state, "company": company if child.is_done else None, "error": child.error, "job": child.id}
        for url, child, company in rows
    ][:MOST_LISTED]


def _labels(url: str) -> dict[str, str]:
    return {"host": sites.host_of(url)}


def _checked(urls: Sequence[str]) -> list[str]:
    if not 1 <= len(urls) <= MOST_URLS:
        raise errors.ArgumentError(f"Give 1 to {MOST_URLS:,} sites at once, not {len(urls):,}.")
    found, wrong = list[str](), list[str]()
    for number, url in enumerate(urls, 1):
        try:
            found.append(scrape.address_of(url))
        except errors.DataError as exc:
            wrong.append(f"address {number}: {str(exc).rstrip('.')}")
    if wrong:
        more = f" and {len(wrong) - 3:,} more" if len(wrong) > 3 else ""
        raise errors.DataError(f"{'; '.join(wrong[:3])}{more}. Nothing was submitted.")
    first: dict[str, str] = {}
    for one in found:
        first.setdefault(sites.domain_of(one), one)
    return list(first.values())
