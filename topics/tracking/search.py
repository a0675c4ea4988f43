"""A search by the provider of result pages, for whoever wants its hits and tracks nothing."""

import json
from dataclasses import replace
from typing import Any

import models
import queues
from errors import ConfigError, NetworkError
from state.engine import dedup, pauses
from state.scraping import pages
from state.store import connection
from state.tracking import halts
from topics.tracking import answering, check, paying, scan

#: Hits of one search, 10 a page.
MOST = 100


def run(query: models.SerpQuery, limit: int) -> dict[str, Any]:
    """Search; the hits are kept under the id of the job, and their number is returned.

    Each hit has `url`, `title` and `position`. Raises NotNow while the provider is paused, ConfigError where it refuses us, and
    what a check raises: BlockedError, NetworkError, ParseFailure.
    """
    job_id = queues.current_job_id() or dedup.direct_owner()
    pause, halt = pauses.why([pauses.of_provider()]), halts.halted()
    if pause:
        raise pause.not_now()
    if halt:
        raise ConfigError(halt.reason)
    hits, cost = _hits(query, min(limit, MOST), job_id)
    record = {"kind": "search", "query": query.text, "hits": hits, "cost": cost}
    with connection.errors_translated():
        pages.put_result(job_id, json.dumps(record).encode())
    return {"result": job_id, "count": len(hits), "cost": cost}


def _hits(query: models.SerpQuery, limit: int, owner: str) -> tuple[list[dict[str, Any]], float]:
    bill, replies = paying.Bill(check.tools().provider, "", owner), list[models.SerpReply]()
    with bill.pages(-(-limit // check.RESULTS_PER_PAGE), lambda: bill.told(replies)):
        return _read(query, limit, replies), sum(reply.cost or 0.0 for reply in replies)


def _read(query: models.SerpQuery, limit: int, replies: list[models.SerpReply]) -> list[dict[str, Any]]:
    """The hits; every reply that was bought is added to `replies`."""
    using, count = check.tools(), scan.Count()
    hits: list[dict[str, Any]] = []
    for start in range(0, limit, check.RESULTS_PER_PAGE):
        reply = using.provider.page(query, start=start)
        replies.append(reply)
        page = check.read(reply.body, reply.format, reply.url, reply.charset)
        error = answering.refusal(page, query.text, f"(results from {start + 1})")
        if error and not hits:
            raise error
        if error:
            break
        _, page = count.add(page, _resolved)
        hits += [{"url": one.url, "title": one.title} for one in page.organic if one.url]
        if count.is_over or len(hits) >= limit:
            break
    return [{**hit, "position": number} for number, hit in enumerate(hits[:limit], 1)]


def _resolved(page: models.SerpPage) -> models.SerpPage:
    """The page with the targets of its opaque links, as far as they can be had."""
    return replace(page, organic=tuple(_opened(one) for one in page.organic))


def _opened(result: models.Organic) -> models.Organic:
    if result.url or not result.goto_url:
        return result
    try:
        return replace(result, url=check.tools().provider.resolve(result.goto_url))
    except NetworkError:
        return result
