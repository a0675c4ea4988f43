"""What every page shares: the layout with its menu, what the viewer may do, and the message after a change.

A page is a plain view that ends in `show`. A form posts to a view that ends in `done`: the browser is led to a page, which says
once what was done. `confirm` asks before what cannot be taken back, with the number that the server counted.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, render_template, request

import clock
import config
from errors import SystemFault
from state.store import connection
from topics.access import opening
from web import access, cookies, looks
from web.access import Caller, Role
from web.errors import Problem
from web.pages import assets, drawings, menu, words

#: The cookie of a message that is shown once, and its longest text.
SAID, LONGEST = "trawl_said", 600


def register(app: Flask) -> None:
    """What templates may call."""
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals["drawings"] = drawings
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def show(template: str, title: str, *, status: int = 200, **values: Any) -> Response:
    """The page of a template below `templates/pages/`, in the layout. `title` names it in one line."""
    g.shown = title
    page = render_template(f"pages/{template}", title=title, **{**_shared(status), **values})
    reply = Response(page, status, mimetype="text/html")
    if g.get("said") is not None:
        reply.delete_cookie(SAID, path="/")
    return reply


def done(path: str, says: str) -> Response:
    """Lead to a page of ours that says once what was done. `path` begins with /."""
    reply: Response = redirect(request.script_root + path, 303)  # type: ignore[assignment]
    text = base64.urlsafe_b64encode(json.dumps(says[:LONGEST]).encode()).decode()
    reply.set_cookie(SAID, text, path="/", max_age=60, secure=cookies.is_https(), httponly=True, samesite="Lax")
    return reply


def confirm(title: str, says: str, action: str, *, button: str, back: str, fields: Mapping[str, str] | None = None) -> Response:
    """Ask before a change: `says` names how many and what; the form posts `fields` to `action` with `confirmed=1`."""
    return show("confirm.html", title, says=says, action=action, button=button, back=back, fields=fields or {})


def is_confirmed() -> bool:
    """Whether the form of `confirm` was sent."""
    return request.form.get("confirmed") == "1"


def may(role: Role) -> bool:
    """Whether the viewer may do what needs this role: no page shows a button that its viewer may not press."""
    return access.caller().role >= role


def here(**changed: str | None) -> str:
    """The address of this page with its filters, some of them changed; None leaves one out."""
    kept = {**request.args.to_dict(), **changed}
    found = {name: value for name, value in kept.items() if value not in (None, "")}
    return request.script_root + request.path + (f"?{urlencode(found)}" if found else "")


def _shared(status: int) -> dict[str, Any]:
    """What the layout and every template know."""
    who, signed_in = _viewer(status)
    shown = [(group, [entry for entry in entries if who.role >= entry.role]) for group, entries in menu.MENU]
    return {
        "base": request.script_root,
        "path": request.path,
        "who": who,
        "signed_in": signed_in,
        "health": looks.latest().report.status.value.lower() if signed_in and status != 503 else "",
        "rendered_at": clock.now(),
        "token": access.csrf_token(),
        "menu": shown if signed_in else [],
        "asset": assets.url,
        "here": here,
        "may": {role.word: signed_in and who.role >= role for role in Role},
        "said": _said(),
        "is_invented": config.settings().serp_provider == "sandbox",
    }


def _viewer(status: int) -> tuple[Caller, bool]:
    """Who looks, also at a page that is public or not there, and whether we know them. While Redis is away we do not."""
    who = access.caller()
    if who is not access.NOBODY:
        return who, True
    try:
        with connection.errors_translated():
            if status != 503 and (cookies.secret() or not opening.has_callers()):
                return access.identified(), True
    except (Problem, SystemFault):
        pass
    return who, False


def _said() -> str:
    """The message that the last change left; "" = none."""
    text = request.cookies.get(SAID)
    if text is None:
        return ""
    g.said = ""
    try:
        told = json.loads(base64.urlsafe_b64decode(text))
        g.said = told[:LONGEST].encode(errors="replace").decode() if isinstance(told, str) else ""
    except (ValueError, RecursionError):  # somebody else wrote it: a page does not fail of it
        pass
    return str(g.said)
