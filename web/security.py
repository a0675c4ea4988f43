"""What keeps other sites' pages from asking in our users' names, and headers that tell browsers what our pages may do.

A request that changes something and holds no key must come from a page of ours (Sec-Fetch-Site, else Origin). With a session it
must also hold the session's token, as `X-CSRFToken` or as the field `csrf_token` of a form.
"""

import functools
import hmac

from flask import Flask, Response, g, request

from web import access, cookies, urls
from web.errors import Problem

#: What pages may load, unless a room says otherwise: our own files, and nothing inline.
PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

#: What is no page loads nothing.
DATA = "default-src 'none'; frame-ancestors 'none'"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

#: On https, browsers come by https for so long (s).
HSTS = "max-age=31536000"

#: Headers of replies that are none of ours.
ORDINARY = frozenset({"content-type", "content-length", "location", "retry-after", "www-authenticate"})

TOKEN_HEADER, TOKEN_FIELD = "X-CSRFToken", "csrf_token"


def register(app: Flask) -> None:
    """Check every request, dress every reply."""
    app.before_request(check)
    app.after_request(dress)


def check() -> None:
    """Refuse what a page of another site sent. Raises Problem 403."""
    who = access.caller()
    has_key = bool(who.key_id) and who is not access.NOBODY
    is_by_itself = has_key and is_basic()  # browsers send a name and password again, whoever asks
    if not is_by_itself and (has_key or request.method in access.SAFE):
        return
    if not is_same_origin():
        raise Problem(
            403, "This came from a page of another site: send it from a page of this one, or with an API key.", code="origin"
        )
    if who.session_id and not (given() and hmac.compare_digest(given(), access.csrf_token())):
        detail = f"A session needs its token: send it as {TOKEN_HEADER} (GET /api/v1/me says it), or use an API key."
        raise Problem(403, detail, code="csrf")


def is_same_origin() -> bool:
    """Whether a page of ours sent this, or no page at all."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin in (urls.origin(), request.host_url.rstrip("/"))


def is_basic() -> bool:
    """Whether the request holds a name and a password."""
    return request.headers.get("Authorization", "").strip().lower().startswith("basic ")


def given() -> str:
    """The token that the request holds."""
    token = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD, "")
    return token if token.isascii() else ""


def dress(reply: Response) -> Response:
    """Set the headers that are not there yet."""
    is_page = reply.mimetype in ("text/html", "application/xhtml+xml", "image/svg+xml")
    is_private = is_page or request.method not in access.SAFE or access.caller() is not access.NOBODY
    wanted = _wanted(is_page, is_private, cookies.is_https())
    there = {name.lower() for name, _ in reply.headers}
    if there <= ORDINARY:
        reply.more = wanted  # type: ignore[attr-defined]
    else:
        reply.headers.extend([(name, value) for name, value in wanted if name.lower() not in there])
    if limits := g.get("rate_headers"):
        reply.headers.update(limits)
    return reply


@functools.cache
def _wanted(is_page: bool, is_private: bool, is_https: bool) -> tuple[tuple[str, str], ...]:
    wanted = {**HEADERS, "Content-Security-Policy": PAGES if is_page else DATA}
    if is_private:
        wanted["Cache-Control"] = "no-store"
    if is_https:
        wanted["Strict-Transport-Security"] = HSTS
    return tuple(wanted.items())
