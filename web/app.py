"""The Flask application: every file of `web/api/` and every room of the web part is registered here."""

import importlib
import importlib.util
import pkgutil
from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.models.path_item import PathItem
from flask_openapi3.openapi import OpenAPI

import config
import web.api
from web import errors, incoming, quick, urls

#: Modules with a function `register(app)`, in this order: hooks of the first run first.
ROOMS = (
    "errors",
    "incoming",
    "cors",
    "access",
    "security",
    "audit",
    "lasting",
    "idempotency",
    "shown",
    "login",
    "health",
    "docs",
    "metrics",
    "streams",
    "firecrawl",
    "reader",
    "pages",
    "dashboard",
)

#: How a caller says who it is.
SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: `python manage.py apikey add NAME` makes one."}
}

METHODS = ("get", "post", "put", "patch", "delete")

INFO = Info(
    title="Trawl",
    version="1.0.0",
    description="Jobs, pages, crawls and search ranks over HTTP. Errors are `application/problem+json` (RFC 9457).",
)


def create_app() -> OpenAPI:
    """A new application. Settings are read now; Redis is not asked before the first request."""
    app = quick.App(
        "web",
        info=INFO,
        security_schemes=SECURITY,  # type: ignore[arg-type]  # it takes plain dicts, too
        doc_ui=False,
        validation_error_callback=errors.refuse_fields,
        static_folder=None,
        template_folder="templates",
    )
    app.request_class = incoming.Request
    app.config["MAX_CONTENT_LENGTH"] = config.settings().web_max_body_kb * 1024
    app.url_map.merge_slashes = False  # /r/https://… is one address, and no redirect leads elsewhere
    urls.trust_proxies(app)
    for module in api_modules():
        register_api(app, module.api)
    for name in ROOMS:
        if importlib.util.find_spec(f"web.{name}"):
            importlib.import_module(f"web.{name}").register(app)
    return app


def api_modules() -> list[Any]:
    """Every module of `web/api/` that has an `api`, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(web.api.__path__))
    modules = [importlib.import_module(f"web.api.{name}") for name in names]
    return [module for module in modules if hasattr(module, "api")]


def register_api(app: OpenAPI, api: Any) -> None:
    """Register a blueprint. Two of them may have one path with different methods: flask-openapi3 would document the last only."""
    known = dict(app.paths)
    app.register_api(api)
    for path in api.paths.keys() & known.keys():
        both = {method: getattr(item, method) for item in (known[path], api.paths[path]) for method in METHODS}
        both |= {method: getattr(known[path], method) for method in METHODS if getattr(known[path], method, None)}
        app.paths[path] = PathItem(**{method: operation for method, operation in both.items() if operation})
