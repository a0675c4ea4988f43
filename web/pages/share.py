"""What a share link opens: read-only pages without cookies, scripts or ways to other pages. No search engine keeps them.

A link that is unknown, over or revoked is answered alike. An address may look so often a minute, and download less often.
"""

from typing import Any

from flask import Flask, Response, render_template, request

import config
import queues
from errors import TrawlError, UnsafeStore
from jobs import tracking
from state.store import connection
from topics.access.share_links import KEYWORDS, OVERVIEW
from topics.operations import shares
from topics.operations.shares import Counted, Shared
from web import access, errors, peers
from web.errors import Problem
from web.pages import assets, rank_drawings, share_charts, share_logo, share_tables, tables
from web.pages.tables import Column, Part

COLUMNS = (
    Column("keyword", "Keyword"),
    Column("says", "Rank", numeric=True),
    Column("change_7", "7 d", "places won or lost since seven days before, between known ranks", numeric=True),
    Column("line", "30 days", "a line with gaps: a dot is unknown, a dash below is not found"),
    Column("url", "Page"),
    Column("volume", "Searches a month", numeric=True),
    Column("tags", "Tags"),
    Column("day", "Checked"),
)

#: Downloads a minute: of one address, and of all who have one link.
MOST_FILES, MOST_FILES_OF_LINK = 6, 20

#: These pages load a style sheet, an icon and the picture of SHARE_LOGO; they send nothing, and nobody may frame them.
LOADS = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

HEADERS = {
    "Content-Security-Policy": LOADS,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}

GONE = "There is nothing at this address: the link is wrong, or it is over. Ask whoever gave it to you for another one."

LATER = "The figures cannot be read at this moment. Load this page again in some minutes."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/share/<token>", "share_page", share_page)
    app.add_url_rule("/share/<token>/keywords", "share_keywords_page", share_keywords_page)


@access.public
def share_page(token: str) -> Response:
    """How the project stands."""
    return _open(token, OVERVIEW, _overview)


@access.public
def share_keywords_page(token: str) -> Response:
    """Its keywords, where the link shows them."""
    return _open(token, KEYWORDS, _keywords)


def _open(token: str, scope: str, page: Any) -> Response:
    """The page that a token opens, or the one that says that there is nothing."""
    try:
        with connection.errors_translated():
            peers.count_public("share", config.settings().address_rate)
            found = shares.opened(token, scope)
            reply: Response = page(found, token) if found else _show("share_gone.html", "Nothing here", 404, says=GONE)
    except Problem as exc:
        reply = _refused(exc)
    except TrawlError as exc:
        reply = _refused(errors.of(exc))
    reply.headers.update(HEADERS)
    return reply


def _refused(problem: Problem) -> Response:
    """Why nothing is shown; what is wrong with the server is nobody's outside."""
    says = problem.detail if problem.status < 500 else LATER
    reply = _show("share_gone.html", problem.title, problem.status, says=says)
    reply.headers.update(problem.headers)
    return reply


def _overview(found: Shared, token: str) -> Response:
    facts = _counted(found).facts
    _count_file(found)
    made = share_tables.of(facts) if facts else {}
    file: Response | None = share_tables.file(made)
    if file:
        return file
    shown: dict[str, Any] = {"facts": facts, "tables": made, "charts": share_charts.of(facts) if facts else []}
    stands = [(label, facts["distribution"][column]) for column, (label, _) in rank_drawings.STANDS.items()] if facts else []
    return _show("share.html", found.title, token=token, found=found, stands=stands, **shown)


def _counted(found: Shared) -> Counted:
    """How the project stands; a large project is counted anew by a job, of which there is one at a time."""
    counted = shares.counted(found.project)
    if counted.is_old:
        try:
            queues.submit(tracking.make_overview, found.project.id, labels={"project": found.project.id})
        except UnsafeStore:  # Redis is full: the figures stay as old as they are, and their day is told
            if counted.facts is None:
                raise
    return counted


def _keywords(found: Shared, token: str) -> Response:
    def read(limit: int, cursor: str) -> Part:
        return Part(*shares.keyword_rows(found.project, limit, cursor))

    _count_file(found)
    if file := tables.wanted_file("keywords", COLUMNS, read):
        return file
    table = tables.make("keywords", "Keywords as they were checked last", COLUMNS, read, "No keyword is tracked yet.")
    return _show("share_keywords.html", found.title, token=token, found=found, table=table, course=rank_drawings.course)


def _count_file(found: Shared) -> None:
    """Count a download. Raises Problem 429."""
    if "format" in request.args:
        peers.count_public("share-file", MOST_FILES)
        peers.count_public("share-file", MOST_FILES_OF_LINK, found.share.id)


def _show(template: str, title: str, status: int = 200, **values: Any) -> Response:
    """A page without the layout: it knows nobody, and sets no cookie."""
    whose = {"logo": share_logo.address(), "by": config.settings().share_name}
    page = render_template(f"pages/{template}", title=title, base=request.script_root, asset=assets.url, **whose, **values)
    return Response(page, status, mimetype="text/html")
