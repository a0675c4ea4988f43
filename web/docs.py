"""/openapi.json, what there is as OpenAPI 3.1; /docs, the same for people: one page, without scripts and without a CDN."""

import re
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, current_app
from flask_openapi3.models.schema import Schema
from flask_openapi3.openapi import OpenAPI

from web import access, docs_page, errors, urls
from web.models import FieldModel, ProblemModel
from web.pages import frame

TEMPLATE = "#/components/schemas/{model}"

#: Replies that every route may give. A route that documents one of them itself keeps its own words.
ALWAYS = (400, 401, 403, 404, 422, 429, 503)

#: With a body there are two more.
OF_BODIES = {413: "The body is larger than WEB_MAX_BODY_KB", 415: "The body is no application/json"}

STYLE = (Path(__file__).parent / "templates" / "docs.css").read_text(encoding="utf-8")

#: The page needs nothing but its own style sheets and icon.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def register(app: Flask) -> None:
    """The routes of this file."""
    app.add_url_rule("/openapi.json", "openapi", openapi)
    app.add_url_rule("/docs", "docs", docs)
    app.add_url_rule("/docs.css", "docs_style", docs_style)


@access.public
def openapi() -> dict[str, Any]:
    """The document of this application."""
    return {**document(cast(OpenAPI, current_app)), "servers": [{"url": urls.external("").rstrip("/")}]}


@access.public
def docs() -> Response:
    """The same, for people."""
    found = document(cast(OpenAPI, current_app))
    info = found["info"]
    page = frame.show("docs.html", f"{info['title']}: the API", info=info, groups=docs_page.groups(found))
    page.headers["Content-Security-Policy"] = POLICY
    return page


@access.public
def docs_style() -> Response:
    """The style sheet of /docs."""
    return Response(STYLE, mimetype="text/css", headers={"Cache-Control": "max-age=3600"})


def document(app: OpenAPI) -> dict[str, Any]:
    """The OpenAPI document, made at the first call."""
    if not app.spec_json:
        for model in (FieldModel, ProblemModel):
            schema = model.model_json_schema(ref_template=TEMPLATE)
            schema.pop("$defs", None)
            app.components_schemas[model.__name__] = Schema(**schema)
        app.generate_spec_json()  # type: ignore[no-untyped-call]
        _complete(app.spec_json, _public_operations(app))
    found: dict[str, Any] = app.api_doc
    return found


def _public_operations(app: OpenAPI) -> set[tuple[str, str]]:
    """Path and method of the operations that need no key."""
    rules = [rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "is_public", False)]
    return {(bare(rule.rule), method.lower()) for rule in rules for method in rule.methods or ()}


def bare(rule: str) -> str:
    """A rule of Flask's as OpenAPI writes it: `/jobs/<string:id>` → `/jobs/{id}`."""
    return re.sub(r"<(?:[^<:]+:)?([^>]+)>", r"{\1}", rule)


def _complete(found: dict[str, Any], public: set[tuple[str, str]]) -> None:
    """Add what flask-openapi3 leaves to each route: who may ask, the usual errors; descriptions as text instead of with <br/>."""
    found["security"] = [{"key": []}]
    del found["components"]["schemas"]["ValidationErrorModel"]
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if (path, method) in public:
                operation["security"] = []
            _complete_replies(operation, is_ours=not path.startswith(tuple(errors.writers)))
            if "description" in operation:
                operation["description"] = operation["description"].replace("<br/>", "\n").strip()


def _complete_replies(operation: dict[str, Any], is_ours: bool) -> None:
    """Add the usual errors to the replies of a route. Not `is_ours`: its room writes errors in a shape of its own."""
    replies = operation["responses"]
    if "application/json" in replies["422"].get("content", {}):  # flask-openapi3's own words
        del replies["422"]
    usual = {status: errors.RESPONSES[status] for status in ALWAYS}
    if "requestBody" in operation:
        usual |= {status: {**errors.RESPONSES[400], "description": says} for status, says in OF_BODIES.items()}
    for status, reply in usual.items():
        shape = {} if is_ours else {"content": {"application/json": {"schema": {"type": "object"}}}}
        replies.setdefault(str(status), {**reply, **shape})
