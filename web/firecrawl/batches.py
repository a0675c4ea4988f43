"""POST /batch/scrape: a list of pages."""

from typing import Any

from flask import Response, jsonify

import errors as trawl
from clients import fetch
from jobs import scrape
from topics.scraping import crawl
from web import access, idempotency, urls
from web.firecrawl import bodies, errors, hooks, notes, options, routes, unsupported

BatchBody = bodies.documented(bodies.Batch)

#: More pages at a time than this no batch may ask for.
MOST_CONCURRENCY = 100


@routes.route("post", "/batch/scrape")
@idempotency.taken
@access.needs(access.Role.OPERATOR)
def start_batch(body: BatchBody) -> Response:  # type: ignore[valid-type]
    """Scrape pages; the reply has the address under which they come."""
    fields: dict[str, Any] = body.fields  # type: ignore[attr-defined]
    given = bodies.read(bodies.Batch, unsupported.without(fields))
    skips = routes.version() == "v2" if given.ignore_invalid_urls is None else given.ignore_invalid_urls
    good, bad = _sorted(given.urls) if skips else (given.urls, [])
    if not good:
        raise errors.refused(f"None of the {len(bad):,} addresses is one that can be fetched: {bad[0]!r:.200}", path=("urls",))
    lanes = {"concurrency": min(MOST_CONCURRENCY, given.max_concurrency)} if given.max_concurrency else {}
    config, warnings = options.config_of(given, lanes, many=True)
    told = hooks.of(given.webhook)
    try:
        plan = notes.added(crawl.plan_batch(scrape.scrape_batch, good, config), fields, warnings)
    except trawl.TrawlError as exc:
        raise errors.of_input(exc, ("urls",)) from None
    made = idempotency.once(hooks.submitting(plan, told))
    reply = {"success": True, "id": made.job_id, "url": urls.external(f"/{routes.version()}/batch/scrape/{made.job_id}")}
    said = {"warning": " ".join([*warnings, *made.warnings])} if warnings or made.warnings else {}
    return jsonify(reply | said | ({"invalidURLs": bad} if skips else {}))


def _sorted(addresses: list[str]) -> tuple[list[str], list[str]]:
    """Those that can be fetched, and the others."""
    good, bad = [], []
    for address in addresses:
        try:
            fetch.check_url(address)
        except trawl.DataError:
            bad.append(address)
        else:
            good.append(address)
    return good, bad
