"""Logging in and out, and the sessions of who is logged in: as JSON, and as plain pages that need no script."""

from typing import Any

from flask import Flask, Response, jsonify, redirect, request

from errors import NotNow
from topics.access import logins, sessions
from web import access, audit, cookies, errors, peers, urls
from web.access import Caller, Role
from web.errors import Problem
from web.pages import frame

NEEDS_HTTPS = (
    "Passwords are taken over https only, or on this machine. Put a proxy with TLS in front, and set PUBLIC_URL=https://… "
    "(or TRUSTED_PROXIES, where the proxy sends X-Forwarded-Proto)."
)

WRONG = "The name or the password is wrong."


def register(app: Flask) -> None:
    """The routes of this file."""
    app.add_url_rule("/login", "login_page", login_page)
    app.add_url_rule("/login", "login", login, methods=["POST"])
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])
    app.add_url_rule("/account", "account", account)
    app.add_url_rule("/account/sessions/<session_id>/end", "end_session", end_session, methods=["POST"])


@access.public
def login_page() -> Any:
    """The form."""
    return _form(request.args.get("next", ""))


@access.public
def login() -> Any:
    """Log in: JSON `{"name", "password"}` or the form. The reply sets the cookie of a new session."""
    if not cookies.is_https() and not peers.is_local():
        raise Problem(403, NEEDS_HTTPS, code="forbidden")
    is_json = request.is_json
    given = request.get_json() if is_json else request.form
    name, password = (given.get(field) for field in ("name", "password")) if hasattr(given, "get") else (None, None)
    if not isinstance(name, str) or not isinstance(password, str):
        raise Problem(422, 'Send {"name": "…", "password": "…"}.', fields=[errors.Field("name", "is needed, and password")])
    try:
        found = logins.log_in(name, password, peers.address(), request.user_agent.string)
    except NotNow as exc:
        return _refused(errors.of(exc), is_json, given, status=429)
    if found is None:
        audit.write(Caller(name[:60], Role.VIEWER), 401)
        return _refused(Problem(401, WRONG, code="unauthorized"), is_json, given)
    user, secret = found
    audit.write(Caller(user.name, user.role, session_id="-"), 200)
    if old := cookies.secret():  # a session that somebody planted here must not live on
        sessions.end_held(old)
    if is_json:
        body = {"name": user.name, "role": user.role.word, "csrf_token": sessions.csrf_token(secret)}
        return cookies.give(jsonify(body), secret)
    return cookies.give(_to(given.get("next", "")), secret)


def _refused(problem: Problem, is_json: bool, given: Any, status: int | None = None) -> Any:
    """Why nobody was logged in: for a program, or on the form."""
    problem.status = status or problem.status
    if is_json:
        problem.title = "Too Many Requests" if status == 429 else problem.title
        return errors.problem(problem)
    page = _form(str(given.get("next", "")), says=problem.detail, status=problem.status)
    page.headers.update(problem.headers)
    return page


def _form(then: str, says: str = "", status: int = 200) -> Response:
    return frame.show("login.html", "Log in", status=status, then=then if urls.is_ours(then) else "", says=says)


def _to(then: str) -> Response:
    path = then if urls.is_ours(then) else "/account"
    return redirect(request.script_root + path, 303)  # type: ignore[return-value]


@access.needs(Role.VIEWER)
def logout() -> Any:
    """End the session, and have the browser forget it."""
    if access.caller().session_id:
        sessions.end_held(cookies.secret())
    if request.is_json or "text/html" not in request.headers.get("Accept", ""):
        return cookies.take_back(jsonify({"logged_out": True}))
    return cookies.take_back(redirect(request.script_root + "/login", 303))  # type: ignore[arg-type]


def account() -> Response:
    """Who is logged in, and their sessions."""
    who = access.caller()
    found = sessions.of_user(who.name) if who.session_id else []
    return frame.show("account.html", who.name, found=found)


@access.needs(Role.VIEWER)
def end_session(session_id: str) -> Response:
    """End one of one's own sessions by the form."""
    who = access.caller()
    if not who.session_id or not sessions.end(who.name, session_id):
        raise Problem(404, "There is no such session of yours: it may be over by now.")
    return redirect(request.script_root + "/account", 303)  # type: ignore[return-value]
