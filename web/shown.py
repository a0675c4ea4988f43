"""A field that a route shows and cannot change is named so where it is sent back: people change one field of what GET told."""

import inspect
from typing import Any

from flask import Flask
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from web import docs, models

METHODS = ("PATCH", "PUT")


def register(app: Flask) -> None:
    """Note, for the body of each change, the fields that GET shows at the same address and that it does not take."""
    if not isinstance(app, OpenAPI):
        return
    for rule in app.url_map.iter_rules():
        body = _body_of(app.view_functions[rule.endpoint]) if rule.methods and rule.methods.intersection(METHODS) else None
        if body is not None:
            models.shown_only[body] = frozenset(_shown(app, docs.bare(rule.rule)) - _names(body))


def _body_of(view: Any) -> type[BaseModel] | None:
    parameter = inspect.signature(view).parameters.get("body")
    is_model = parameter is not None and isinstance(parameter.annotation, type) and issubclass(parameter.annotation, BaseModel)
    return parameter.annotation if is_model else None  # type: ignore[union-attr]


def _names(body: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in body.model_fields.items()}


def _shown(app: OpenAPI, path: str) -> set[str]:
    """The fields of the reply to GET; where a thing is shown in its list only, those of an item."""
    if found := _fields(app, _reply(app, path)):
        return found
    items = _fields_of(app, _reply(app, path.rpartition("/")[0])).get("items")
    return _fields(app, items.items if items is not None else None)


def _reply(app: OpenAPI, path: str) -> Any:
    """The schema of the reply to GET; None where there is none."""
    operation = getattr(app.paths.get(path), "get", None)
    reply = (operation.responses or {}).get("200") if operation else None
    media = (getattr(reply, "content", None) or {}).get("application/json")
    return getattr(media, "media_type_schema", None)


def _fields(app: OpenAPI, schema: Any) -> set[str]:
    return set(_fields_of(app, schema))


def _fields_of(app: OpenAPI, schema: Any) -> dict[str, Any]:
    name = (getattr(schema, "ref", None) or "").rpartition("/")[2]
    return getattr(app.components_schemas.get(name), "properties", None) or {}
