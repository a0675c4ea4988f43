"""POST /map: the addresses of a site."""

from typing import Any

from flask import Response, jsonify

import errors as trawl
from jobs import scrape
from topics.operations.job_records import Job
from topics.scraping import config as configs
from topics.scraping import single
from web import access
from web.firecrawl import bodies, errors, failures, routes, unsupported, waits
from web.firecrawl.bodies import Map

MapBody = bodies.documented(bodies.Map)

#: Addresses where a request names no limit, and seconds that it waits.
LIMIT, TIMEOUT_S = 5_000, 60.0


@routes.route("post", "/map")
@access.needs(access.Role.OPERATOR)
def map_site(body: MapBody) -> Response:  # type: ignore[valid-type]
    """The addresses that the sitemaps and first pages of a site name."""
    given = bodies.read(Map, unsupported.without(body.fields))  # type: ignore[attr-defined]
    limit = given.limit or LIMIT
    try:
        config = configs.of(_fields(given, limit))
        made = single.submit(scrape.map_site, given.url, config, "high")
    except trawl.TrawlError as exc:
        raise errors.of_input(exc, ("url",)) from None
    found = waits.result_of(made, given.timeout / 1000 if given.timeout else TIMEOUT_S, waits.JOB)
    if isinstance(found, Job):
        return failures.reply(found)
    urls = _matching(found["urls"], given.search or "")[:limit]
    links: list[Any] = urls if routes.version() == "v1" else [{"url": url} for url in urls]
    return jsonify(success=True, links=links)


def _fields(given: Map, limit: int) -> dict[str, Any]:
    mode = given.sitemap or ("skip" if given.ignore_sitemap else "only" if given.sitemap_only else "include")
    return {
        "expected_pages": limit if not given.search else max(limit, LIMIT),
        "use_sitemaps": mode != "skip",
        "follow_links": mode != "only",
        "subdomains": given.include_subdomains is not False,
        "ignore_query": given.ignore_query_parameters is not False,
        "similar_once": True,
        "max_retries": 0,
        **({"headers": given.headers} if given.headers else {}),
    }


def _matching(urls: list[str], search: str) -> list[str]:
    """Those that hold a word that is searched for, those with most of them first; all where nothing is searched for."""
    words = search.lower().split()
    if not words:
        return urls
    counted = [(sum(word in url.lower() for word in words), url) for url in urls]
    return [url for count, url in sorted(counted, key=lambda one: -one[0]) if count]
