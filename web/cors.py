"""Pages of other sites that may ask the API, with a key: those that CORS_ORIGINS names.

Browsers ask first whether they may (a preflight, without a key), and read a reply only where it names their origin. Sessions of
people are of no use to such a page: it gets no cookie.
"""

from flask import Flask, Response, request

import config
from environment import origins

#: What a page may send, beside what any page may.
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"

#: What a page may read of a reply's head, beside what any page may.
SHOWN = "ETag, Idempotency-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"

#: A browser asks again after so long (s).
KEPT_S = 7200


def register(app: Flask) -> None:
    """Answer preflights, and name the origin in replies."""
    app.before_request(preflight)
    app.after_request(named)


def preflight() -> Response | None:
    """The answer to a browser that asks whether a page may ask; None for other requests."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers or not _may_ask():
        return None
    asked = request.headers.get("Access-Control-Request-Headers", "")
    reply = Response(status=204)
    reply.headers["Access-Control-Allow-Methods"] = METHODS
    reply.headers["Access-Control-Max-Age"] = str(KEPT_S)
    if asked:
        reply.headers["Access-Control-Allow-Headers"] = asked
    reply.vary.update(("Access-Control-Request-Method", "Access-Control-Request-Headers"))
    return reply


def named(reply: Response) -> Response:
    """The reply, which its page may read."""
    if config.settings().cors_origins:
        reply.vary.add("Origin")
        if _may_ask():
            reply.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            reply.headers["Access-Control-Expose-Headers"] = SHOWN
    return reply


def _may_ask() -> bool:
    origin, given = request.headers.get("Origin"), config.settings().cors_origins
    return bool(origin and given) and (given == origins.ANY or origin in origins.listed(given))
