"""Puts rq-dashboard below /rq, with our classes, templates and rules."""

import logging
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

import rq_dashboard.web
from flask import Flask, Response, request

from engine.rq_job import JSONSerializer
from state.store import connection
from web.dashboard import changes, guard, lists, looks, templates
from web.errors import Problem, problem

log = logging.getLogger("trawl.web")

PREFIX = "/rq"

#: What the names in rq-dashboard's module stand for here.
NAMES = {
    "Job": looks.Job,
    "Queue": looks.Queue,
    "Worker": looks.Worker,
    "from_url": lambda *_, **__: (None, connection.client()),
    "serialize_queues": lists.rows_of,
    "get_queue_registry_jobs_count": lists.page_of,
    "requeue_job": changes.refuse,
}

#: Its views that change something, and what runs instead.
VIEWS: dict[str, Callable[..., Response]] = {
    "requeue_job_view": changes.requeue,
    "requeue_all": changes.requeue_all,
    "delete_job_view": changes.refuse,
    "empty_queue": changes.refuse,
    "compact_queue": changes.refuse,
}

SETTINGS = {"RQ_DASHBOARD_REDIS_URL": ("redis",), "RQ_DASHBOARD_DISABLE_DELETE": True, "RQ_DASHBOARD_SHOW_FULL_ARGS": False}


def register(app: Flask) -> None:
    """Mount it. Where the installed release is not the one that was made safe, /rq answers 503 and says so; the rest works."""
    try:
        check()
    except templates.OtherRelease as exc:
        log.error("rq-dashboard is not mounted: %s", exc)
        _say_why(app, str(exc))
        return
    _mount(app)


def check() -> None:
    """Raise OtherRelease unless names, views and templates of the installed rq-dashboard are those that were made safe."""
    module: Any = rq_dashboard.web
    names = [name for name in (*NAMES, "config") if not hasattr(module, name)]
    if names:
        raise templates.OtherRelease(f"rq-dashboard has no {' and no '.join(names)} any more.")
    probe = Flask("probe")
    probe.register_blueprint(module.blueprint)
    there = {name.rpartition(".")[2] for name in probe.view_functions if name.startswith(f"{guard.BLUEPRINT}.")}
    if there != guard.READING | guard.FILES | guard.CHANGING:
        raise templates.OtherRelease(f"rq-dashboard has other views than were made safe here: {sorted(there)}.")
    templates.check()


def _mount(app: Flask) -> None:
    module: Any = rq_dashboard.web
    for name, ours in NAMES.items():
        setattr(module, name, ours)
    module.config.serializer = JSONSerializer
    app.config.update(SETTINGS)
    app.redis_conn = None  # type: ignore[attr-defined]  # rq-dashboard asks for it before a page has set it: files, changes
    app.jinja_loader = templates.loader(app)
    app.register_blueprint(module.blueprint, url_prefix=PREFIX)
    for name, ours in VIEWS.items():
        app.view_functions[f"{guard.BLUEPRINT}.{name}"] = ours
    app.before_request(guard.check)
    app.after_request(_stay_here)
    app.register_error_handler(looks.Gone, _gone)


def _stay_here(reply: Response) -> Response:
    """A redirect between pages of /rq names no host: a proxy may have another, or https."""
    if reply.status_code == 308 and request.path.startswith(PREFIX):
        parts = urlsplit(reply.headers.get("Location", ""))
        reply.headers["Location"] = urlunsplit(("", "", parts.path, parts.query, ""))
    return reply


def _gone(exc: Exception) -> Any:
    says = f"No record of job {str(exc)[:80]!r}: it never existed, or RQ keeps it no more. /api/v1/jobs knows longer."
    return problem(Problem(404, says))


def _say_why(app: Flask, why: str) -> None:
    def unmounted(**_: Any) -> NoReturn:
        raise Problem(503, why)

    app.add_url_rule(f"{PREFIX}/", "rq_unmounted", unmounted)
    app.add_url_rule(f"{PREFIX}/<path:rest>", "rq_unmounted", unmounted)
