"""Errors as pages, for people who look at pages: what is wrong, which field, and what to do. Programs get them as JSON.

Where Redis is away, the page's last good rendering is shown below a banner with its time (kept.py).
"""

from flask import Flask, Response, current_app, request

from web import access, errors, urls
from web.errors import Problem
from web.pages import frame, kept

#: Below these prefixes errors are for programs, or have a shape of their own.
FOR_PROGRAMS = ("/api/", "/rq", "/static/", "/r/", "/openapi.json", "/metrics")

#: Rooms of views that answer with pages.
ROOMS = ("web.pages.", "web.login", "web.docs")

#: Characters of an address to which a link leads back.
LONGEST = 500

#: Seconds between two tries to load a page that Redis could not fill.
AGAIN_S = 3


def register(app: Flask) -> None:
    """Have errors of pages written here."""
    errors.page = page


def page(found: Problem) -> Response | None:
    """The page of a problem; None where the request is a program's, or leads elsewhere."""
    if found.status < 400 or not is_for_a_person():
        return None
    is_away = found.extra.get("code") == "store_unreachable"
    again_s = AGAIN_S if is_away and request.method == "GET" else 0
    if is_away and request.method == "GET" and (old := kept.find()):
        at, text = old
        return Response(_below_a_banner(text, f"{at:%H:%M:%S} UTC", found), found.status, mimetype="text/html")
    title, says = ("Redis does not answer", found.says) if is_away else (f"{found.status} {found.title}", _says(found))
    return frame.show("problem.html", title, status=found.status, found=found, says=says, again_s=again_s, back=_back())


def is_for_a_person() -> bool:
    """Whether the request is for a page, by a browser."""
    wants = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    if wants != "text/html" or access.given_token() is not None or request.path.startswith((*FOR_PROGRAMS, *errors.writers)):
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return view is None or "_page" in str(request.endpoint) or view.__module__.startswith(ROOMS)


def _says(found: Problem) -> str:
    """What people are told: of an address that is not there no list for programs, and of a token no header."""
    if found.extra.get("code") == "csrf":
        return "This form is from an earlier session of yours: load the page again, and send it once more."
    return "There is no page at this address." if found.says == errors.DETAILS[404] else found.says


def _below_a_banner(text: str, at: str, found: Problem) -> str:
    """A kept page as it is shown while Redis is away."""
    banner = current_app.jinja_env.get_template("pages/old.html").render(at=at, says=found.says, again_s=AGAIN_S)
    return text.replace(kept.BANNER, banner, 1)


def _back() -> str:
    """The path of our page from which the browser came; "" = none, or this very one."""
    came, root = request.referrer or "", request.host_url.rstrip("/") + request.script_root
    path = came.removeprefix(root) if came.startswith(root + "/") else ""
    is_another = path != request.full_path.rstrip("?") and len(path) <= LONGEST
    return path if is_another and urls.is_ours(path) else ""
