"""Stored pages as they came. They are hostile: they run nothing, load nothing and reach nothing, whoever opens them and how.

The default is a download as text. The view shows a page in a frame without any right: the frame's address answers with a policy
that lets nothing run or load, also where somebody opens it by itself. Before that, the tags by which a page acts without a
script are disarmed: `<link>` connects to hosts that no policy names, `<meta>` moves on, `<base>` gives addresses another meaning,
and at a press on `<a>` a browser connects before it asks the policy (Chromium, 2026-11).
"""

import re
from datetime import date

from flask import Flask, Response, redirect, request

from topics.tracking import projects, stored_days, stored_pages
from topics.tracking.stored_pages import Evidence
from web import access, security
from web.access import Role
from web.errors import Problem
from web.pages import frame

#: What a stored page may do: be seen.
POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)

#: What is said beside it, only here.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

#: Tags that act without a script. A name of a tag follows its `<` at once, so nothing else can be one.
ACTING = re.compile(r"<(?=(?:a|area|link|meta|base|iframe|frame|object|embed|portal|fencedframe)(?![a-z0-9-]))", re.IGNORECASE)

#: The page that holds the frame may hold one.
FRAMING = f"{security.PAGES}; frame-src 'self'"


def register(app: Flask) -> None:
    """The addresses of stored pages."""
    at = "/keywords/<keyword_id>/days/<day>/page/<int:number>"
    app.add_url_rule(at, "evidence_page", download)
    app.add_url_rule(f"{at}/shown", "evidence_shown_page", shown)
    app.add_url_rule(f"{at}/framed", "evidence_framed_page", framed)


@access.needs(Role.VIEWER)
def download(keyword_id: str, day: str, number: int) -> Response:
    """The page byte for byte, as a text to keep."""
    on, found = _found(keyword_id, day, number)
    name = f"{keyword_id}_{on}_page{number}.{found.format}.txt"  # a browser that opens it by .html would run it
    reply = Response(found.body, content_type=f"text/plain; charset={found.charset}")
    reply.headers.update({"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})
    reply.headers["Content-Security-Policy"] = f"sandbox; {security.DATA}"
    return reply


@access.needs(Role.VIEWER)
def shown(keyword_id: str, day: str, number: int) -> Response:
    """A page of ours with the stored one in a frame."""
    keyword, on = projects.find_keyword(keyword_id), stored_days.parsed(day)
    found = stored_pages.page(keyword, on, number)
    reply = frame.show("evidence.html", f"{keyword.text} on {on}, page {number}", keyword=keyword, day=on, found=found)
    reply.headers["Content-Security-Policy"] = FRAMING
    return reply


@access.needs(Role.VIEWER)
def framed(keyword_id: str, day: str, number: int) -> Response:
    """What stands in the frame. Opened by itself it leads to the page that holds it."""
    if request.headers.get("Sec-Fetch-Dest", "iframe") != "iframe":
        return redirect(f"{request.script_root}/keywords/{keyword_id}/days/{day}/page/{number}/shown", 303)  # type: ignore[return-value]
    _, found = _found(keyword_id, day, number)
    text = found.text if found.format == "json" else ACTING.sub("<x-", found.text)
    kind = "text/plain" if found.format == "json" else "text/html"
    reply = Response(text.encode(errors="replace"), content_type=f"{kind}; charset=utf-8")
    reply.headers.update(HEADERS)
    return reply


def _found(keyword_id: str, day: str, number: int) -> tuple[date, Evidence]:
    """The page. Raises Problem for a number that no check has."""
    if not 1 <= number <= 100:
        raise Problem(404, f"There is no page {number}.")
    on = stored_days.parsed(day)
    return on, stored_pages.page(projects.find_keyword(keyword_id), on, number)
