"""GET /r/ADDRESS."""

import re
from typing import Any
from urllib.parse import unquote

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import errors as trawl
from jobs import scrape
from topics.operations.job_records import Job
from topics.scraping import single
from web import access
from web.errors import Problem
from web.firecrawl import failures, waits
from web.models import Strict
from web.reader import asked, written

api = APIBlueprint("reader", __name__, abp_tags=[Tag(name="Reader", description="Pages for people with curl.")])

#: An address that was encoded as a whole, as programs put one into a path.
ENCODED = re.compile("https?%3a(?:%2f|/)", re.IGNORECASE)

#: How a failure is told: what a gateway says where the page's server is to blame.
STATUSES = {500: 502}


class PageAddress(Strict):
    """The address of a page, as it is, behind /r/."""

    address: str = Field(max_length=8_000)


@api.get("/r/<path:address>", responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}, merge_slashes=False)
@access.needs(access.Role.OPERATOR)
def read_page(path: PageAddress) -> Response:
    """A page as markdown, text or JSON, as the headers ask: X-Return-Format, X-Target-Selector, X-Timeout … Blocked: 403."""
    return shown(address_of(path.address), asked.of(dict(request.headers)))


def shown(address: str, wanted: asked.Asked) -> Response:
    """The reply with a page: as JSON where that is asked for, else as text."""
    found = fetched(address, wanted)
    if request.accept_mimetypes.best_match(["text/plain", "application/json"]) == "application/json":
        return jsonify(written.json_of(found, wanted))
    return Response(written.text_of(found, wanted).encode("utf-8", "replace"), mimetype="text/plain")


def address_of(decoded: str) -> str:
    """The address as it was asked for, where the server keeps that: the path that routes see is decoded."""
    raw = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or ""
    found = raw.partition("/r/")[2] or decoded + (f"?{request.query_string.decode('latin-1')}" if request.query_string else "")
    return with_scheme(unquote(found) if ENCODED.match(found) else found)


def with_scheme(found: str) -> str:
    """An address as it was meant.

    >>> with_scheme("https:/a.example/b"), with_scheme("a.example")
    ('https://a.example/b', 'https://a.example')
    """
    scheme, slashes, rest = found.partition(":/")  # a proxy may have merged the slashes
    if slashes and scheme.lower() in ("http", "https"):
        return f"{scheme}://{rest.lstrip('/')}"
    return found if "://" in found.partition("?")[0] else f"https://{found}"


def fetched(address: str, wanted: asked.Asked) -> dict[str, Any]:
    """The record of a page. Raises Problem."""
    try:
        made = single.submit(scrape.scrape_url, address, wanted.config, "high")
    except trawl.DataError as exc:
        raise Problem(422, str(exc), code="invalid") from None
    found = waits.result_of(made, wanted.timeout_s)
    if not isinstance(found, Job):
        return found
    message = found.error_message or "The page could not be read."
    failure = failures.of(found.error_category or "system", message)
    raise Problem(STATUSES.get(failure.status, failure.status), message, code=failure.code.lower())
