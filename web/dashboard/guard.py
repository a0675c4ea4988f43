"""What each request to /rq passes before a view of rq-dashboard sees it. It is a hook of the app.

The blueprint is one object for all apps of a process: a hook on it would break the second app.
"""

import secrets
from typing import Any

from flask import Response, after_this_request, g, request

import queues
from state.store import connection
from web import access
from web.dashboard import compiled, lists, tokens
from web.errors import Problem

BLUEPRINT = "rq_dashboard"

#: Views that read, files, and views that change something. A release with others does not mount.
READING = {"queues_overview", "workers_overview", "jobs_overview", "job_view"}
READING |= {"list_queues", "list_jobs", "job_info", "list_workers"}
FILES = {"favicon", "static"}
CHANGING = {"requeue_job_view", "requeue_all", "delete_job_view", "empty_queue", "compact_queue"}

#: Jobs on a page, and pages that can be asked for.
MOST_PER_PAGE, MOST_PAGES = 200, 10**9

#: A script and a sheet of styles need the nonce of this one page. Nothing else runs: no attribute, and no eval (compiled.py).
CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

ALL_JOBS = "rq-dashboard shows the jobs of all: log in as a person, or use a key of the role admin. /api/v1/jobs has your own."


def check() -> None:
    """Refuse what is not allowed, by a Problem; bound what is asked for."""
    if request.blueprint != BLUEPRINT:
        return
    view, args = str(request.endpoint).rpartition(".")[2], request.view_args or {}
    if view in FILES:
        return
    g.rq_nonce = secrets.token_urlsafe(18)
    after_this_request(_with_policy)
    if view in CHANGING and request.method != "POST":
        raise Problem(405, "This changes something: it takes POST only.", headers={"Allow": "POST"})
    with connection.errors_translated():
        connection.now()  # before rq-dashboard makes a page of the error
    if access.caller().key_id and access.caller().role is not access.Role.ADMIN:
        raise Problem(403, ALL_JOBS)
    if view in CHANGING:
        tokens.check()
    else:
        g.rq_token = tokens.of_page()
    _check_names(args)
    _bound(args)


def _check_names(args: dict[str, Any]) -> None:
    """Only what there is: one Redis, three queues, seven registries, two orders."""
    known = {
        "instance_number": (0,),
        "queue_name": (None, *queues.QUEUES),
        "registry_name": (lists.QUEUED, *lists.REGISTRIES),
        "order": ("asc", "dsc"),
    }
    for name, allowed in known.items():
        if name in args and args[name] not in allowed:
            words = ", ".join(str(one) for one in allowed if one is not None)
            raise Problem(404, f"There is no {name.partition('_')[0]} {str(args[name])[:60]!r}: there is {words}.")


def _bound(args: dict[str, Any]) -> None:
    """Numbers in the address are the client's: what is too large is made smaller."""
    for name, most in (("per_page", MOST_PER_PAGE), ("page", MOST_PAGES)):
        if name not in args:
            continue
        given = str(args[name])
        if not (given.isascii() and given.isdigit()):
            raise Problem(404, f"{name} must be a number, not {given[:40]!r}.")
        number = most if len(given) > 12 else max(1, min(int(given), most))
        args[name] = type(args[name])(number)


def _with_policy(reply: Response) -> Response:
    if reply.mimetype == "text/html":
        reply.set_data(compiled.page(reply.get_data(as_text=True)))
    reply.headers["Content-Security-Policy"] = CSP.format(nonce=g.rq_nonce)
    return reply
