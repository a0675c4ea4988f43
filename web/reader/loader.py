"""POST /r: what Open WebUI's external web loader sends (EXTERNAL_WEB_LOADER_URL = http://…/r), read from its source in 2026-11.

    {"urls": ["https://…", …]}  →  [{"page_content": "…", "metadata": {"source": "https://…", "title": "…"}}, …]

It sends 20 addresses at a time. A page that fails is left out: the reader could not tell an error from a text.
"""

import logging

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import errors as trawl
from clients import fetch
from jobs import scrape
from parsing import web_urls
from state.scraping import ledgers
from state.store import connection
from topics.scraping import crawl, stored
from web import access, budget, hub
from web.errors import Field as Wrong
from web.errors import Problem
from web.models import Strict
from web.reader import asked, pages, written

log = logging.getLogger("trawl.web")

api = APIBlueprint("loader", __name__, abp_tags=[Tag(name="Reader")])

#: Addresses in one request: Open WebUI sends 20.
MOST_URLS = 100


class LoaderBody(Strict):
    """The pages to read, or one page as Jina's reader takes it."""

    urls: list[str] = Field(default_factory=list, max_length=MOST_URLS)
    url: str = Field("", max_length=8_000)


@api.post("/r", responses={200: {"description": "The pages that could be read, as markdown."}}, strict_slashes=False)
@access.needs(access.Role.OPERATOR)
def load_pages(body: LoaderBody) -> Response:
    """Read pages; those that could not be read are left out. 502 where that is all of them. With `url`: as GET /r/ADDRESS."""
    if bool(body.url) == bool(body.urls):
        raise Problem(
            422, "Name the pages: `urls`, or one page as `url`.", fields=[Wrong("urls", "or url is needed")], code="invalid"
        )
    if body.url:
        return pages.shown(pages.with_scheme(body.url), asked.of(dict(request.headers)))
    wanted = asked.of({}, {"extract_content": True, "concurrency": len(body.urls)})
    good = list(dict.fromkeys(url for url in map(web_urls.typed, body.urls) if _can_be_fetched(url)))
    if not good:
        raise Problem(422, f"None of the addresses can be fetched: {body.urls[0]!r:.200}.", code="invalid")
    made = crawl.submit_batch(scrape.scrape_batch, good, wanted.config, "high")
    with budget.waiting():
        is_over = hub.hub().wait(made.job_id, wanted.timeout_s)
    with connection.errors_translated():
        found = {record["url"]: record for record in stored.records(made.job_id)}
        if not is_over and ledgers.read(made.job_id):
            crawl.stop(made.job_id, "its reader waits no longer")
    read = [found[url] for url in good if found.get(url, {}).get("outcome") == "done"]
    if not read:
        first = next(iter(found.values()), {})
        raise Problem(502, str(first.get("error") or first.get("reason") or "No page came in time."), code="unreadable")
    return jsonify([written.document_of(record) for record in read])


def _can_be_fetched(url: str) -> bool:
    try:
        return bool(fetch.check_url(url).href)
    except trawl.DataError as exc:
        log.info("An address of a loader was left out: %s", exc)
        return False
