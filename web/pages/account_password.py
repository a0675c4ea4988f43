"""`/account/password`: another password of one's own, given with the old one."""

from flask import Flask, Response, redirect, request

from errors import ArgumentError, NotNow
from topics.access import logins
from topics.access.passwords import LONGEST, SHORTEST
from web import access, cookies, errors, peers
from web.access import Role
from web.errors import Problem
from web.pages import frame

WRONG = "The old password is wrong."


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/account/password", "account_password_page", account_password_page)
    app.add_url_rule("/account/password", "account_password", change, methods=["POST"])


@access.needs(Role.VIEWER)
def account_password_page() -> Response:
    """The form."""
    return _page()


@access.needs(Role.VIEWER)
def change() -> Response:
    """Set another password; all sessions of the person end, but that this browser gets a new one."""
    who, form = access.caller(), request.form
    if not who.session_id:
        raise Problem(403, "Only who is logged in has a password: log in at /login.", code="forbidden")
    try:
        secret = logins.change_password(who.name, form.get("old", ""), form.get("password", ""), peers.address(), _agent())
    except (ArgumentError, NotNow) as exc:
        problem = errors.of(exc)
        return _page(problem, 429 if isinstance(exc, NotNow) else problem.status)
    if secret is None:
        return _page(Problem(403, WRONG), 403)
    reply = frame.done("/account", "You have another password. All your other sessions ended.")
    return cookies.give(reply, secret)


def _agent() -> str:
    return request.user_agent.string


def _page(problem: Problem | None = None, status: int = 200) -> Response:
    if not access.caller().session_id:
        return redirect(request.script_root + "/account", 303)  # type: ignore[return-value]
    bounds = {"shortest": SHORTEST, "longest": LONGEST}
    page = frame.show("password.html", "Your password", status=status, problem=problem, typed={}, **bounds)
    page.headers.update(problem.headers if problem else {})
    return page
