"""Errors as Firecrawl's clients read them: `{"success": false, "error": "…", "code": "…", "details": […]}`.

The clients show `error`, and Python's appends `details`. A bad request is 400: what is 422 elsewhere becomes that.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from flask import Response, request

import errors as trawl
from web import errors
from web.errors import Field, Problem

#: Statuses of ours that these clients do not know → those that they do.
STATUSES = {413: 400, 415: 400, 422: 400}

#: Routes of theirs that look like one of ours with another method.
NOT_OURS = re.compile(r"/v[0-2]/crawl/params-preview")

#: What they read as "try again": JavaScript's and Python's send such a request once more by themselves.
TOO_MANY = 429


def register() -> None:
    """Have errors below /v1/ and /v2/ written so."""
    errors.writers |= {"/v0/": written, "/v1/": written, "/v2/": written}
    errors.outside |= dict.fromkeys(errors.writers, outside)


def outside(status: int, detail: str) -> tuple[int, dict[str, Any]]:
    """The status and body for what the server itself refuses, e.g. a body that is too large."""
    return STATUSES.get(status, status), {"success": False, "error": detail, "code": "BAD_REQUEST"}


def written(status: int, detail: str, fields: Sequence[Field], code: str) -> Response:
    """An error of the web part in their form."""
    if (status == 404 and request.url_rule is None) or (status == 405 and NOT_OURS.fullmatch(request.path)):
        detail = f"{request.path} is not offered by this server; {_remedy(request.path)}."
        return reply(404, detail, "UNSUPPORTED_ENDPOINT")
    status = TOO_MANY if code == "busy" else STATUSES.get(status, status)
    details = [{"path": one.field.split("."), "message": one.message} for one in fields]
    return reply(status, detail, "BAD_REQUEST" if status == 400 and code in ("invalid", "bad_json") else code.upper(), details)


def _remedy(path: str) -> str:
    if re.match(r"/v[0-2]/v[0-2]/", path):
        return "the base address of this client must not end in a version: leave the /v1 or /v2 at its end out"
    if path.startswith("/v0/"):
        return "it answers v1 and v2"
    return "it answers scrape, batch/scrape, crawl, map, search and team"


def reply(status: int, error: str, code: str, details: Any = None) -> Response:
    """An error. `details`: in the form of zod, `[{"path": ["x"], "message": "…"}]`."""
    body = {"success": False, "error": error, "code": code} | ({"details": details} if details else {})
    return Response(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), status, mimetype="application/json")


def refused(message: str, code: str = "BAD_REQUEST", path: Sequence[str] = (), status: int = 400) -> Problem:
    """A problem of a request, to be raised. `path`: the option that it is about."""
    fields = [Field(".".join(path), message)] if path else []
    return Problem(status, message, fields=fields, code=code)


def of_input(exc: trawl.TrawlError, path: Sequence[str] = ()) -> Problem:
    """What was wrong with a request: whatever it lacks, asking for it is a bad request."""
    if isinstance(exc, trawl.DataError | trawl.ConfigError):
        return refused(str(exc), "UNSUPPORTED_OPTION" if isinstance(exc, trawl.ConfigError) else "BAD_REQUEST", path)
    return errors.of(exc)
