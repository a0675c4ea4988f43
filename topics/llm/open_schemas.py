"""Schemas that leave room for what a page does not say: nothing is required, and everything may be null."""

from collections.abc import Mapping
from typing import Any

from parsing import json_schema

INNER = ("properties", "$defs", "definitions")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


def opened(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in which each property may be null or missing. Raises ArgumentError for one that is none.

    >>> opened({"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]})
    {'type': 'object', 'properties': {'price': {'anyOf': [{'type': 'number'}, {'type': 'null'}]}}, 'additionalProperties': False}
    """
    json_schema.check(schema)
    made: dict[str, Any] = _opened(schema)
    if isinstance(made.get("properties"), Mapping):
        made.setdefault("additionalProperties", False)
    return made


def said(value: Any) -> Any:
    """A value without what is null: the page does not say it."""
    if isinstance(value, dict):
        return {name: said(one) for name, one in value.items() if one is not None}
    return [said(one) for one in value if one is not None] if isinstance(value, list) else value


def _opened(one: Any) -> Any:
    if not isinstance(one, Mapping):
        return one
    made = {name: value for name, value in one.items() if name != "required"}
    for name in INNER:
        if name in made:
            made[name] = {key: _opened(value) for key, value in made[name].items()}
    for name in LISTS:
        if name in made:
            made[name] = [_opened(value) for value in made[name]]
    for name in ("items", "additionalProperties"):
        if name in made:
            made[name] = _opened(made[name])
    if "properties" in made:
        made["properties"] = {key: _nullable(value) for key, value in made["properties"].items()}
    return made


def _nullable(one: Any) -> Any:
    return {"anyOf": [one, {"type": "null"}]} if isinstance(one, Mapping) and one else one
