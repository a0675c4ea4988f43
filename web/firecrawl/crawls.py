"""POST /crawl, the crawls that run, and DELETE of crawls and batches."""

from typing import Any

from flask import Response, jsonify

import errors as trawl
from jobs import scrape
from state.scraping import ledgers, outcome_lists
from state.store import connection
from topics.scraping import crawl
from web import access, idempotency, urls
from web.firecrawl import account, bodies, errors, hooks, notes, options, routes, states, unsupported, visible
from web.firecrawl.bodies import Crawl

CrawlBody = bodies.documented(bodies.Crawl)

#: Pages of a crawl that names no limit, as at Firecrawl.
LIMIT = 10_000

#: More pages at a time than this no crawl may ask for, and deeper than this it does not go.
MOST_CONCURRENCY, MOST_DEPTH = 100, 100


@routes.route("post", "/crawl")
@idempotency.taken
@access.needs(access.Role.OPERATOR)
def start_crawl(body: CrawlBody) -> Response:  # type: ignore[valid-type]
    """Crawl a site; the reply has the address under which its pages come."""
    fields = unsupported.without(body.fields)  # type: ignore[attr-defined]
    if isinstance(fields.get("scrapeOptions"), dict):
        inner = {name: value for name, value in fields["scrapeOptions"].items() if value is not None}
        fields["scrapeOptions"] = unsupported.without(inner, ("scrapeOptions",))
    given = bodies.read(Crawl, fields)
    limit, cut = _limit(given)
    scraping, scope = given.scrape_options or bodies.Scraping(), {**_scope(given), "expected_pages": limit}
    config, warnings = options.config_of(scraping, scope, many=True)
    warnings += cut
    told = hooks.of(given.webhook)
    try:
        plan = notes.added(crawl.plan_crawl(scrape.crawl_site, given.url, config), fields, warnings)
    except trawl.TrawlError as exc:
        raise errors.of_input(exc, ("url",)) from None
    made = idempotency.once(hooks.submitting(plan, told))
    said = {"warning": " ".join([*warnings, *made.warnings])} if warnings or made.warnings else {}
    return jsonify(success=True, id=made.job_id, url=urls.external(f"/{routes.version()}/crawl/{made.job_id}"), **said)


def _limit(given: Crawl) -> tuple[int, list[str]]:
    """The most pages, and a warning where the key has fewer left. With none left it is refused at submit."""
    wanted, left = given.limit or LIMIT, account.pages_left()
    if left is None or left >= wanted or left == 0:
        return wanted, []
    return left, [f"The crawl ends after {left:,} pages: that is what the key has left this month."]


def _scope(given: Crawl) -> dict[str, Any]:
    """Which pages of a site they ask for."""
    mode = given.sitemap or ("skip" if given.ignore_sitemap else "include")
    fields: dict[str, Any] = {
        "use_sitemaps": mode != "skip",
        "follow_links": mode != "only",
        "subdomains": bool(given.allow_subdomains),
        "other_sites": bool(given.allow_external_links),
        "ignore_query": bool(given.ignore_query_parameters),
        "similar_once": given.deduplicate_similar_urls is not False,
        "below_start": not (given.crawl_entire_domain or given.allow_backward_links),
        "include_regex": given.include_paths or (),
        "exclude_regex": given.exclude_paths or (),
        "regex_on_url": bool(given.regex_on_full_url),
    }
    fields |= {"max_depth": min(MOST_DEPTH, given.max_discovery_depth)} if given.max_discovery_depth is not None else {}
    fields |= {"max_path_depth": min(MOST_DEPTH, given.max_depth)} if given.max_depth is not None else {}
    fields |= {"obey_robots": False} if given.ignore_robots_txt else {}
    fields |= {"robots_agent": given.robots_user_agent} if given.robots_user_agent else {}
    fields |= {"delay_between_requests": given.delay} if given.delay else {}
    return fields | ({"concurrency": min(MOST_CONCURRENCY, given.max_concurrency)} if given.max_concurrency else {})


@routes.route("get", "/crawl/active", "/crawl/ongoing")
def active_crawls() -> Response:
    """The crawls that run, of those that the caller may see."""
    with connection.errors_translated():
        found = ledgers.read_many(outcome_lists.active())
    runs = [
        one
        for one in found
        if one is not None and one.kind == "crawl" and access.may_see(visible.owner_of(one)) and states.runs(one)
    ]
    crawls = [
        {"id": one.id, "teamId": team(), "url": one.fields.get("url", ""), "options": notes.read(one)["options"]} for one in runs
    ]
    return jsonify(success=True, crawls=crawls)


def team() -> str:
    """The name of the caller's key."""
    return access.caller().name or "trawl"


@routes.route("delete", "/crawl/<string:job_id>", "/batch/scrape/<string:job_id>")
@access.needs(access.Role.OPERATOR)
def cancel(path: visible.ScrapeId) -> Response:
    """Cancel a crawl or batch. One that is over already is answered with 409."""
    ledger = visible.ledger(path.job_id)
    state = states.of(ledger)
    if state.status in ("completed", "failed"):
        return errors.reply(409, f"It is {state.status} already.", "CONFLICT")
    crawl.stop(ledger.id, "cancelled")
    with connection.errors_translated():
        after = ledgers.read(ledger.id)
    if after is not None and (state := states.of(after)).status in ("completed", "failed"):  # it ended meanwhile
        return errors.reply(409, f"It is {state.status} already.", "CONFLICT")
    return jsonify(success=True, status="cancelled", message="Pages in flight end; no other is fetched.")
