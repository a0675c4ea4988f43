"""One page: POST /scrape waits for it, GET /scrape/ID has it again."""

from dataclasses import replace
from typing import Any

from flask import Response, jsonify

import errors as trawl
import queues
from jobs import scrape
from state.store import connection
from topics.operations.job_records import Job
from topics.scraping import documents, single, stored
from web import access, idempotency
from web.firecrawl import bodies, errors, failures, options, routes, unsupported, visible, waits

#: Seconds that a client waits where it does not say, by the version of the protocol.
TIMEOUTS_S = {"v1": 30.0, "v2": 60.0}

ScrapeBody = bodies.documented(bodies.Scrape)


@routes.route("post", "/scrape")
@idempotency.taken
@access.needs(access.Role.OPERATOR)
def scrape_page(body: ScrapeBody) -> Response:  # type: ignore[valid-type]
    """Scrape a page, and wait for it. A blocked page is an error: 403 with code BLOCKED."""
    given = bodies.read(bodies.Scrape, unsupported.without(body.fields))  # type: ignore[attr-defined]
    timeout_s = given.timeout / 1000 if given.timeout else TIMEOUTS_S[routes.version()]
    config, warnings = options.config_of(given, {"max_retries": 0})
    try:
        call = single.call(scrape.scrape_url, given.url, config, "high")
    except trawl.TrawlError as exc:
        raise errors.of_input(exc, ("url",)) from None
    made = idempotency.once(lambda job_id: queues.submit_many([replace(call, job_id=job_id)])[0])
    return written(waits.result_of(made, timeout_s), made.job_id, warnings)


def written(found: dict[str, Any] | Job, job_id: str, warnings: list[str]) -> Response:
    """The reply with a document, or with the error that came instead."""
    if isinstance(found, Job):
        return failures.reply(found)
    if found.get("kind") == "file" and "text" not in found:
        said = f"{found['url']} is a file of type {found.get('content_type') or 'unknown'}: no text can be read from it here."
        return errors.reply(400, said, "SCRAPE_UNSUPPORTED_FILE_ERROR")
    document = documents.of(found, job_id)
    said = " ".join([*warnings, *filter(None, [document.get("warning")])])
    return jsonify(success=True, data=document | ({"warning": said} if said else {}), scrape_id=job_id)


@routes.route("get", "/scrape/<string:job_id>")
def scraped_page(path: visible.ScrapeId) -> Response:
    """The stored document of a scrape."""
    visible.check_job(path.job_id)
    with connection.errors_translated():
        found = stored.result(path.job_id)
    if found is None or "urls" in found:
        raise visible.no_job()
    return written(found, path.job_id, [])
