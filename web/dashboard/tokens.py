"""The token that a change at /rq must bring."""

import hmac
import secrets

from flask import Response, after_this_request, request

from web import access, cookies, security
from web.errors import Problem

#: Where nobody is logged in (the open server of this machine): the token of a browser, which scripts of pages cannot read.
COOKIE = "trawl_rq"

MISSING = "The token of the page is missing or old: load the page again."


def of_page() -> str:
    """The token that this page sends with each change: that of the session, else one that a cookie repeats; a key needs none."""
    who = access.caller()
    if who.key_id or who.session_id:
        return access.csrf_token()
    known = request.cookies.get(COOKIE, "")
    token = known if 20 <= len(known) <= 60 else secrets.token_urlsafe(24)

    def remember(reply: Response) -> Response:
        reply.set_cookie(COOKIE, token, path="/rq", httponly=True, samesite="Strict", secure=cookies.is_https())
        return reply

    if token != known:
        after_this_request(remember)
    return token


def check() -> None:
    """Raise Problem 403 unless the request holds the token of a page of ours.

    Where it came from, and the token of a session, was looked at before (web/security.py). A key is a program's, and passes.
    """
    who = access.caller()
    if who.key_id or who.session_id:
        return
    known, given = request.cookies.get(COOKIE, ""), request.headers.get(security.TOKEN_HEADER, "")
    if not known or not hmac.compare_digest(known.encode(), given.encode()):
        raise Problem(403, MISSING, code="csrf")
