"""Every change by a route leaves a line: who, what, when, from where. GET /api/v1/audit shows them to admins."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, g, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, Field

import clock
from state.store import connection, riders
from topics.access import audit
from web import access, peers
from web.access import Role
from web.models import Strict

log = logging.getLogger("trawl.web")

api = APIBlueprint("audit", __name__, abp_tags=[Tag(name="Access")])

#: Fields of a body that tell what was changed and hold no secret; others are not written.
TOLD = (
    *("name", "role", "scope", "reason", "status", "state", "kind", "queue", "host", "project", "domain", "keyword", "limit"),
    *("priority", "action", "days", "rate", "pages_a_month", "job_id", "id", "url", "max_pages", "event", "events", "format"),
    "company_url",
)

PLACES = {name: place for place, name in enumerate(TOLD)}

#: The address of a webhook is often a secret itself.
UNTOLD = {("webhooks.add_webhook", "url"), ("webhooks_add", "url")}

#: Below these paths there are many changes: jobs are submitted, cancelled, run again.
ROUTINE = ("/scrape", "/api/v1/jobs", "/api/v1/scrapes", "/v1/", "/v2/", "/r")

#: Of a key that is refused there is a line so often (s) at most.
REFUSAL_S = 60.0

_told_of: dict[str, float] = {}


class AuditQuery(Strict):
    """Which changes."""

    cursor: str = Field("", max_length=60, description="That of the last reply")
    limit: int = Field(100, ge=1, le=1000)
    who: str = Field("", max_length=80, description="Only changes by names that hold this")
    what: str = Field("", max_length=200, description="Only changes of what holds this, e.g. DELETE or /keys")


class AuditLine(BaseModel):
    """One change. `how`: key:<id>, session, command or local. `outcome`: an HTTP status, or how a command ended."""

    id: str
    at: str
    who: str
    how: str
    what: str
    details: str
    outcome: str
    origin: str


class AuditList(BaseModel):
    """Changes, the newest first."""

    items: list[AuditLine]
    next: str | None


@api.get("/api/v1/audit", responses={200: AuditList})
@access.needs(Role.ADMIN)
def audit_lines(query: AuditQuery) -> dict[str, Any]:
    """Who changed what, when and from where."""
    found, cursor = audit.page(query.limit, query.cursor, who=query.who, what=query.what)
    names = ("id", "who", "how", "what", "details", "outcome", "origin")
    items = [
        {**{name: getattr(one, name) for name in names}, "at": one.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        for one in found
    ]
    return {"items": items, "next": cursor or None}


def note(text: str) -> None:
    """Add to the line of this request what neither its path nor its body says."""
    g.audit_notes = [*g.get("audit_notes", ()), text]


def register(app: Flask) -> None:
    """Write a line after each request that may change something."""
    app.after_request(_after)
    if isinstance(app, OpenAPI):
        app.register_api(api)


@contextmanager
def with_the_job(status: int) -> Iterator[None]:
    """The line of this request goes with the job that is submitted inside, in one round trip. `status`: what the reply will say.

    Where no job is written, or the reply says something else, the line is written after the request, as of all others.
    """
    who = access.caller()
    if who is access.NOBODY:
        yield
        return
    with riders.riding(lambda job_id: audit.with_job(job_id, *_line(who, status))) as ride:
        try:
            yield
        finally:
            if ride.is_done:
                g.audit_told = status


def _after(reply: Response) -> Response:
    if request.method in access.SAFE and "refused_key" not in g:
        return reply
    who = access.caller()
    is_change = request.method not in access.SAFE and request.endpoint and reply.status_code != 503  # then nothing was done
    if is_change and who is not access.NOBODY:
        if g.get("audit_told") != reply.status_code:
            write(who, reply.status_code)
    elif (key := g.get("refused_key")) and reply.status_code == 401 and _is_news(key.id):
        write(access.Caller(key.name, key.role, key_id=key.id), 401)
    return reply


def _is_news(key_id: str) -> bool:
    """Whether this process told of no refusal of that key in the last minute."""
    now = clock.monotonic()
    if now - _told_of.get(key_id, -REFUSAL_S) < REFUSAL_S:
        return False
    _told_of[key_id] = now
    return True


def write(who: access.Caller, status: int) -> None:
    """Write the line of this request. What was done stays done where that fails; the log says so."""
    try:
        with connection.errors_translated():
            actor, what, details, outcome, is_routine = _line(who, status)
            audit.write(actor, what, details, outcome, is_routine=is_routine)
    except Exception as exc:
        log.warning(
            "A change is not in the audit: %s", exc, extra={"who": who.name, "method": request.method, "path": request.path}
        )


def _line(who: access.Caller, status: int) -> tuple[audit.Actor, str, str, str, bool]:
    """Who did what, with its details and its outcome; whether there are many such lines."""
    asked = request._get_current_object()  # type: ignore[attr-defined]  # each use of the proxy looks it up
    path = asked.path
    details = " ".join([*g.get("audit_notes", ()), *_told()])
    actor = audit.Actor(who.name, who.how, peers.address())
    return actor, f"{asked.method} {path}", details, str(status), status >= 400 or path.startswith(ROUTINE)


def _told() -> Iterator[str]:
    """What the body names, as far as it may be written."""
    body, endpoint = getattr(request, "_value", None), request.endpoint
    if body is None:  # the form of a page, where it was read
        body = dict(vars(request).get("form") or {})
    if isinstance(body, dict):
        for name in sorted(PLACES.keys() & body.keys(), key=PLACES.__getitem__):
            if isinstance(value := body.get(name), str | int | float | bool) and (endpoint, name) not in UNTOLD:
                yield f"{name}={value!s:.100}"
