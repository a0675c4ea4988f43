"""`/login/link/TOKEN`: a link that logs somebody in once. To open it shows a button, so that no preview of a link uses it up."""

from typing import Any

from flask import Flask, Response, redirect, request

from topics.access import login_links, sessions
from web import access, audit, cookies, login, peers
from web.access import Caller, Role
from web.errors import Problem
from web.pages import frame

#: Neither caches, other sites nor search engines learn of the link.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}

OVER = "This link was used, or is over. `python manage.py web-login NAME` prints another one."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/login/link/<token>", "login_link_page", login_link_page)
    app.add_url_rule("/login/link", "login_link", log_in, methods=["POST"])


@access.public
def login_link_page(token: str) -> Response:
    """Who would be logged in, and the button that does it."""
    _refuse_plain_http()
    user = login_links.person(token)
    if user is None:
        peers.count_failure()
        return _page(404, says=OVER)
    return _page(200, name=user.name, link=token)


@access.public
def log_in() -> Any:
    """Log in by the link, which is used by that. The session that the browser had ends."""
    _refuse_plain_http()
    found = login_links.log_in(request.form.get("token", ""), peers.address(), request.user_agent.string)
    if found is None:
        peers.count_failure()
        audit.write(Caller("a used or wrong link", Role.VIEWER), 401)
        return _page(401, says=OVER)
    user, secret = found
    audit.write(Caller(user.name, user.role, session_id="-"), 303)
    if old := cookies.secret():
        sessions.end_held(old)
    reply: Response = redirect(request.script_root + "/", 303)  # type: ignore[assignment]
    reply.headers.update(HEADERS)
    return cookies.give(reply, secret)


def _refuse_plain_http() -> None:
    """Sessions begin over https or on this machine only. Raises Problem 403."""
    if not cookies.is_https() and not peers.is_local():
        raise Problem(403, login.NEEDS_HTTPS, code="forbidden", headers=HEADERS)


def _page(status: int, **shown: Any) -> Response:
    page = frame.show("login_link.html", "Log in by a link", status=status, **shown)
    page.headers.update(HEADERS)
    return page
