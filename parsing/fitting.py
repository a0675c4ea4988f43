"""Values made to fit a JSON schema where no doubt is possible: `"3"` for 3, `"High"` for `high`, a list written as a text.

Nothing is invented, and nothing is hidden: what is missing stays missing, what nobody asked for stays, except null. Whoever calls
this holds the result against the schema.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from parsing import json_schema, loose_json

MAX_DEPTH = 20
WHOLE, NUMBER = re.compile(r"-?\d{1,18}"), re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
WORDS = {"true": True, "false": False}

#: What stands around an answer where a server puts it into an object of its own.
WRAPPERS = ("answer", "arguments", "parameters", "input", "output", "data", "result", "response", "json", "properties")


def fitted(value: Any, schema: Mapping[str, Any]) -> Any:
    """The value as the schema wants it, as far as that is sure.

    >>> fitted({"n": "3", "more": 1}, {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False})
    {'n': 3, 'more': 1}
    """
    return _fitted(_unwrapped(value, schema), schema, schema, 0)


def _unwrapped(value: Any, schema: Mapping[str, Any]) -> Any:
    """What an object holds under the one name that says nothing, perhaps beside the name of the tool."""
    own = schema.get("properties")
    if not isinstance(value, dict) or not isinstance(own, Mapping) or set(value) & set(own):
        return value
    inner = [value[name] for name in WRAPPERS if name in value]
    is_wrapper = set(value) <= {*WRAPPERS, "name", "type", "id"} and len(inner) == 1
    return inner[0] if is_wrapper else value


def _fitted(value: Any, schema: Any, root: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return value
    if isinstance(target := schema.get("$ref"), str):
        return _fitted(value, json_schema.target(target, root), root, depth + 1)
    for name in ("anyOf", "oneOf"):
        if isinstance(schema.get(name), list):
            return _of_choices(value, schema[name], root, depth)
    kinds = json_schema.types(schema)
    if isinstance(value, str):
        value = _of_text(value, kinds, schema.get("enum"))
    if isinstance(value, int) and not isinstance(value, bool) and kinds == ["string"]:
        value = str(value)
    if isinstance(value, dict):
        return _of_object(value, schema, root, depth)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        return [_fitted(one, schema["items"], root, depth + 1) for one in value]
    return value


def _of_choices(value: Any, choices: Sequence[Any], root: Mapping[str, Any], depth: int) -> Any:
    """The first choice that the value keeps to, as it is or made to fit."""
    fits = [value, *(_fitted(value, one, root, depth + 1) for one in choices)]
    return next((one for one in fits if any(json_schema.keeps(one, each, root) for each in choices)), value)


def _of_text(value: str, kinds: Sequence[str], allowed: Any) -> Any:
    plain = value.strip()
    if isinstance(allowed, list) and value not in allowed:
        same = [one for one in allowed if isinstance(one, str) and one.lower() == plain.lower()]
        return same[0] if len(same) == 1 else value
    if not kinds or "string" in kinds:
        return value
    if "integer" in kinds and WHOLE.fullmatch(plain):
        return int(plain)
    if "number" in kinds and NUMBER.fullmatch(plain):
        return float(plain) if "." in plain else int(plain)
    if "boolean" in kinds and plain.lower() in WORDS:
        return WORDS[plain.lower()]
    if "null" in kinds and plain.lower() in ("null", "none", ""):
        return None
    if ("array" in kinds and plain[:1] == "[") or ("object" in kinds and plain[:1] == "{"):
        try:
            inner, end = loose_json.read(plain)
        except ValueError:
            return value
        return inner if end == len(plain) else value
    return value


def _of_object(value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Its properties made to fit; without null where nothing has to be said."""
    known = schema.get("properties")
    known = known if isinstance(known, Mapping) else {}
    required = schema.get("required") or ()
    made = {}
    for name, one in value.items():
        if name not in known:
            made[name] = one
            continue
        fit = _fitted(one, known[name], root, depth + 1)
        if fit is not None or name in required or json_schema.keeps(fit, known[name], root):
            made[name] = fit
    return made
