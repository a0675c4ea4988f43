"""Companies by searches: the provider of result pages finds hosts, directories are left out, the others are scraped.

Each search is a job of its own, so that none is paid for twice, and is budgeted like every search.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import errors
import models
import queues
from parsing import urls as addresses
from parsing import web_urls
from state.engine import dedup
from state.store import connection
from topics.leads import child_outcomes, children, keeping, many, scrape, sites, tables
from topics.scraping import stored
from topics.tracking import search

SEARCH = "jobs.serp.search_web"

#: Queries of one job, and characters of one.
MOST_QUERIES, MOST_CHARS = 50, 300


def call(func: Any, queries: Sequence[str], most: int, market: Sequence[str] = (), **options: Any) -> models.Call:
    """The checked call that searches by the job `func`. `market`: country, language, location of the searches.

    `options`: tags, queue. Raises ArgumentError for no, too many or too long queries, and for too many results.
    """
    asked = list(dict.fromkeys(" ".join(one.split()) for one in queries))
    if not 1 <= len(asked) <= MOST_QUERIES:
        raise errors.ArgumentError(f"Give 1 to {MOST_QUERIES} search queries at once, not {len(asked)}.")
    for number, one in enumerate(asked, 1):
        if not 1 <= len(one) <= MOST_CHARS:
            raise errors.ArgumentError(f"Search query {number} has {len(one)} characters: write 1 to {MOST_CHARS}.")
    if not 1 <= most <= search.MOST:
        raise errors.ArgumentError(f"max_results_per_query is 1 to {search.MOST}, not {most}.")
    tables.listed()
    queue = options.get("queue")
    args = (asked, most, list(market), keeping.tags_of(options.get("tags", ())), queue or queues.HIGH)
    return models.Call(func, args, queue=queue)


def run(queries: Sequence[str], most: int, market: Sequence[str], tags: Sequence[str], queue: str) -> dict[str, Any]:
    """Search, then scrape what was found. Raises NotNow until all is over, DataError where no search gave a page.

    Where none of the companies could be scraped, what was found is kept all the same, and it fails as `many.run` does.
    """
    job_id = queues.current_job_id() or dedup.direct_owner()
    func = queues.function(SEARCH)
    calls = [children.call(job_id, f"search {one}", models.Call(func, (one, most, *market), queue=queue)) for one in queries]
    seen = children.follow(calls)
    over = sum(bool(one.state) for one in seen)
    if over < len(seen):
        queues.progress(over, len(queries) * (1 + most), f"{over} of {len(seen)} searches done")
    children.wait(seen, "searches")
    if not any(one.is_done for one in seen):
        raise errors.DataError(f"No search gave results: {seen[0].error or seen[0].state}.")
    searches = [_told(query, child) for query, child in zip(queries, seen, strict=True)]
    found, left_out = hosts(hit["url"] for one in searches for hit in one["hits"])
    told, scraped = many.follow(job_id, found, tags, queue, len(queries))
    if told["outcome"] == "complete" and not all(one.is_done for one in seen):
        told["outcome"] = "partial"
    counts = {
        "queries": len(queries),
        "searches_failed": sum(not one.is_done for one in seen),
        "left_out": dict(left_out),
        "cost": sum(one["cost"] for one in searches),
    }
    whole = told | counts | {"searches": [{**one, "hits": len(one["hits"])} for one in searches]}
    with connection.errors_translated():
        stored.put_result(job_id, whole)
    child_outcomes.check_any(job_id, scraped, "scraped")
    return {name: value for name, value in told.items() if name != "items"} | counts | {"result": job_id}


def hosts(urls: Iterable[str]) -> tuple[list[str], Counter[str]]:
    """The sites behind addresses, one of each domain, without those on the list; and how many were left out, by what they are."""
    listed, found, left_out = tables.listed(), dict[str, str](), Counter[str]()
    for url in urls:
        kind = "search engine" if addresses.is_own(url) else listed.kind_of(url)
        if kind:
            left_out[kind] += 1
            continue
        try:
            site = scrape.address_of(web_urls.parse(url).origin)
        except errors.DataError:
            left_out["refused"] += 1
            continue
        found.setdefault(sites.domain_of(site), site)
    return list(found.values()), left_out


def _told(query: str, child: children.Child) -> dict[str, Any]:
    with connection.errors_translated():
        result = stored.result(child.id) if child.is_done else None
    hits, cost = (result["hits"], result["cost"]) if result else ([], 0.0)
    return {"query": query, "hits": hits, "cost": cost, "error": child.error, "job": child.id}
