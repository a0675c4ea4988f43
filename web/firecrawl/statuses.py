"""GET of a batch or crawl: how far it is, and its documents page by page; and what went wrong.

Clients ask every two seconds, and each time for all documents from the first on. So a page comes from the list of what is over,
with an ETag that costs one look at the ledger, and packed.
"""

import gzip
import hashlib
import json
from typing import Any

from flask import Response, jsonify, make_response, request
from pydantic import Field

from state.store import connection
from topics.scraping import documents, finished
from web import access, urls
from web.firecrawl import failures, full_pages, notes, routes, states, visible
from web.models import Strict

#: Documents in one reply at most, and their bytes, unless one alone has more.
MOST, MOST_BYTES = 100, 10 * 2**20

#: A smaller reply is not packed.
WORTH_BYTES = 1_400

#: Problems that are listed.
MOST_PROBLEMS = 10_000


#: Addresses that stand in guides of theirs, and so in people's own clients.
ALSO = ("/crawl/status/<string:job_id>", "/batch/scrape/status/<string:job_id>")


class PageOfStatus(Strict):
    """Which documents: `skip` of them are left out, and `limit` come at most."""

    skip: int = Field(0, ge=0, le=2**40)
    limit: int = Field(MOST, ge=0, le=10_000)


@routes.route("get", "/crawl/<string:job_id>", "/batch/scrape/<string:job_id>", *ALSO)
@access.uncounted
def status(path: visible.ScrapeId, query: PageOfStatus) -> Response:
    """How far it is, with up to 100 documents. `next` is there only where a further document is there now."""
    ledger = visible.ledger(path.job_id)
    state = states.of(ledger)
    facts = [ledger.id, *map(str, (state, ledger.done, query.skip, query.limit)), request.host_url, request.path]
    etag = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]
    if request.if_none_match.contains_weak(etag):
        return _marked(Response(status=304), etag)
    texts = _page(ledger.id, query.skip, min(MOST, query.limit))
    head = {
        "success": True,
        "status": state.status,
        "completed": state.completed,
        "total": state.total,
        "creditsUsed": state.credits,
        "expiresAt": states.expires_at(ledger),
    }
    after = query.skip + len(texts)
    if texts and after < ledger.done:
        head["next"] = urls.external(f"{request.path}?skip={after}&limit={query.limit}")
    if said := " ".join([*notes.read(ledger)["warnings"], *filter(None, [state.warning, _first_problem(ledger.id, state)])]):
        head["warning"] = said
    return _packed(head, texts, etag)


def _first_problem(ledger_id: str, state: states.State) -> str:
    """Where nothing could be read: what went wrong first. Clients show this, and ask for no list."""
    if state.status != "failed":
        return ""
    with connection.errors_translated():
        records, _ = finished.problems(ledger_id, 0, 1)
    return next((f"First: {one['url']}: {one['error']}." for one in records if one.get("error")), "")


def _page(ledger_id: str, skip: int, limit: int) -> list[str]:
    """Documents from the `skip`th on, each as JSON."""
    kept = full_pages.find((ledger_id, skip, limit))
    if kept is not None:
        return kept
    with connection.errors_translated():
        records, count = finished.done(ledger_id, skip, limit)
    texts = _texts(records)
    if len(texts) == limit or skip + len(texts) < count:
        full_pages.keep((ledger_id, skip, limit), texts)
    return texts


def _texts(records: list[dict[str, Any]]) -> list[str]:
    """Documents as JSON, as many as one reply takes."""
    texts: list[str] = []
    size = 0
    for record in records:
        text = json.dumps(documents.of(record), ensure_ascii=False)
        size += len(text.encode("utf-8", "replace"))
        if texts and size > MOST_BYTES:
            break
        texts.append(text)
    return texts


def _packed(head: dict[str, Any], texts: list[str], etag: str) -> Response:
    body = f'{json.dumps(head)[:-1]}, "data": [{",".join(texts)}]}}'.encode("utf-8", "replace")
    reply = Response(body, mimetype="application/json")
    if len(body) > WORTH_BYTES and request.accept_encodings["gzip"] > 0:
        reply = Response(gzip.compress(body, 1, mtime=0), mimetype="application/json", headers={"Content-Encoding": "gzip"})
    return _marked(reply, etag)


def _marked(reply: Response, etag: str) -> Response:
    reply.set_etag(etag, weak=True)
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.vary.add("Accept-Encoding")
    reply.vary.add("Authorization")
    return reply


@routes.route("get", "/crawl/<string:job_id>/errors", "/batch/scrape/<string:job_id>/errors")
def problems(path: visible.ScrapeId) -> Response:
    """The pages that failed, each with the reason, and those that robots.txt forbids."""
    ledger = visible.ledger(path.job_id)
    with connection.errors_translated():
        records, _ = finished.problems(ledger.id, 0, MOST_PROBLEMS)
    failed = [_told(ledger.id, record) for record in records if record["outcome"] == "failed"]
    robots = [record["url"] for record in records if record["outcome"] != "failed"]
    return make_response(jsonify(success=True, errors=failed, robotsBlocked=robots))


@routes.route("delete", "/crawl/<string:job_id>/errors", "/batch/scrape/<string:job_id>/errors")
def problems_by_delete(path: visible.ScrapeId) -> Response:
    """The same, and nothing is deleted: JavaScript's client of version 1 asks for it so."""
    found: Response = problems(path)
    return found


def _told(ledger_id: str, record: dict[str, Any]) -> dict[str, Any]:
    says = record.get("error", "")
    code = failures.of(record.get("category", "system"), says).code
    told = {"id": f"{ledger_id}-{record['n']}", "url": record["url"], "error": says, "code": code}
    return told | ({"timestamp": states.moment(record["failed_at"])} if "failed_at" in record else {})
