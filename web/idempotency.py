"""`Idempotency-Key`: a request that is sent again is answered with the job of the first one, for a day.

    @api.post("/scrape", …)
    @idempotency.taken
    def scrape(body: Body) -> …:
        made = idempotency.once(lambda job_id: …)

The key may also be sent as `X-Idempotency-Key`. It belongs to its caller: another API key's keys are others.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask_openapi3.models.parameter import Parameter
from flask_openapi3.openapi import OpenAPI

from models import Submission
from topics.operations import repeats
from web import access
from web.errors import Field, Problem

HEADER, OTHER = "Idempotency-Key", "X-Idempotency-Key"

KEY = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")

View = TypeVar("View", bound=Callable[..., Any])

ABOUT = "A key of yours, e.g. a UUID. Sent again with the same body it gives the first job; with another body 409. Kept 24 h."


DOCUMENTED = Parameter.model_validate(
    {"name": HEADER, "in": "header", "description": ABOUT, "schema": {"type": "string", "minLength": 1, "maxLength": 255}}
)


def taken(view: View) -> View:
    """Mark a view that takes a key. It stands below the route's decorator."""
    view.takes_idempotency_key = True  # type: ignore[attr-defined]
    return view


def once(submit: repeats.Submit) -> Submission:
    """Submit, or answer with the job that the key of this request stands for. Without a key: submit.

    `submit` is called with the id that the job is to have, None = any. Raises Problem 422 for what is no key, and Conflict (409)
    where it stands for another request.
    """
    key = _key()
    return submit(None) if key is None else repeats.once(access.owner(), key, _print(), submit)


def named(name: str, work: Any, submit: repeats.Submit, job_id: str | None) -> Submission:
    """Submit, or answer with the job that does work of this name and is not over. `work` tells work apart, as JSON."""
    return repeats.while_it_goes_on(access.owner(), name, digest(work), submit, job_id)


def digest(work: Any) -> str:
    """A short name for a JSON value."""
    return hashlib.sha256(json.dumps(work, sort_keys=True).encode()).hexdigest()


def _key() -> str | None:
    key = request.headers.get(HEADER, request.headers.get(OTHER))
    if key is not None and not KEY.fullmatch(key):
        message = f"must be 1 to 255 printable ASCII characters, not {key!r:.60}"
        raise Problem(422, f"{HEADER} {message}.", fields=[Field(HEADER, message, "send a UUID")])
    return key


def _print() -> str:
    """Tells requests apart; how their JSON is written does not matter."""
    body = json.dumps(request.get_json(), sort_keys=True) if request.get_data() else ""
    return hashlib.sha256("\n".join([request.method, request.full_path, body]).encode(errors="surrogatepass")).hexdigest()


def register(app: Flask) -> None:
    """Document the header at each route that takes it."""
    if not isinstance(app, OpenAPI):
        return
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], "takes_idempotency_key", False):
            path = app.paths[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)]
            path.post.parameters = [*(path.post.parameters or []), DOCUMENTED]
