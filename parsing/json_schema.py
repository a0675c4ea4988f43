"""Whether a value keeps to a JSON schema: the part of JSON Schema that answers of language models are asked for.

Known: type (also a list, and `nullable`), enum, const, properties, required, additionalProperties, items, prefixItems, minItems,
maxItems, uniqueItems, minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum, anyOf, oneOf, allOf
and `$ref` within the schema. Other words of a schema, `format` among them, are notes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from errors import ArgumentError, DataError
from parsing import linear_regex

MAX_SCHEMA_CHARS, MAX_DEPTH, MAX_PROBLEMS = 32 * 1024, 40, 20

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}

#: The type of what stands behind a word of a schema.
SHAPES: dict[str, Any] = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), int),
    **dict.fromkeys(("minimum", "maximum"), int | float),
    **dict.fromkeys(("enum", "required", "anyOf", "oneOf", "allOf", "prefixItems"), list),
    **dict.fromkeys(("properties", "$defs", "definitions"), Mapping),
    **dict.fromkeys(("pattern", "$ref"), str),
}


def check(schema: Mapping[str, Any]) -> None:
    """Raises ArgumentError for a schema that nothing can be held against, with the remedy."""
    try:
        size = len(json.dumps(schema))
    except (TypeError, ValueError, RecursionError):
        raise ArgumentError("the schema cannot be written as JSON.") from None
    if size > MAX_SCHEMA_CHARS:
        raise ArgumentError(f"the schema has {size:,} characters; at most {MAX_SCHEMA_CHARS:,}.")
    _check(schema, schema, 0)


def _check(one: Any, root: Mapping[str, Any], depth: int) -> None:
    if isinstance(one, bool):
        return
    if not isinstance(one, Mapping):
        raise ArgumentError(f"{one!r:.60} is no schema: write an object such as {{'type': 'string'}}.")
    if depth > MAX_DEPTH:
        raise ArgumentError(f"the schema is nested more than {MAX_DEPTH} deep.")
    for name, wanted in SHAPES.items():
        if name in one and (not isinstance(one[name], wanted) or (isinstance(one[name], bool) and wanted is not bool)):
            raise ArgumentError(f"{name}={one[name]!r:.60} of the schema is of the wrong type.")
    for kind in types(one):
        if kind not in TYPES:
            raise ArgumentError(f"{kind!r:.60} is no type of a schema; there are {', '.join(TYPES)}.")
    if "pattern" in one:
        try:
            linear_regex.compiled(str(one["pattern"]))
        except DataError as exc:
            raise ArgumentError(f"the schema's pattern {one['pattern']!r:.60} is not read: {exc}") from None
    if "$ref" in one:
        target(str(one["$ref"]), root)
    for inner in _inner(one):
        _check(inner, root, depth + 1)


def _inner(one: Mapping[str, Any]) -> Iterator[Any]:
    for name in ("properties", "$defs", "definitions"):
        yield from one.get(name, {}).values()
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        yield from one.get(name, [])
    yield from (one[name] for name in ("items", "additionalProperties") if name in one)


def problems(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with a value, each with its place; [] where it keeps to the schema. At most 20 are named.

    >>> problems({"price": "12"}, {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["name"]})
    ['$: `name` is missing', '$.price: is string, not number']
    """
    found: list[str] = []
    for problem in _problems(value, schema, schema, "$", 0):
        found.append(problem)
        if len(found) >= MAX_PROBLEMS:
            break
    return found


def keeps(value: Any, schema: Any, root: Mapping[str, Any]) -> bool:
    """Whether a value keeps to a part of a schema, whose `$ref` are those of the whole, `root`."""
    return next(_problems(value, schema, root, "$", 0), None) is None


def _problems(value: Any, schema: Any, root: Mapping[str, Any], at: str, depth: int) -> Iterator[str]:
    if schema is True or schema == {}:
        return
    if schema is False:
        yield f"{at}: is not allowed"
        return
    if depth > MAX_DEPTH:
        yield f"{at}: is nested too deep"
        return
    if "$ref" in schema:
        yield from _problems(value, target(str(schema["$ref"]), root), root, at, depth + 1)
    kinds = types(schema)
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{at}: is {_kind(value)}, not {' or '.join(kinds)}"
        return
    yield from _of_choice(value, schema, at)
    yield from _of_parts(value, schema, root, at, depth)
    if isinstance(value, str):
        yield from _of_text(value, schema, at)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(value, schema, at)
    elif isinstance(value, list):
        yield from _of_list(value, schema, root, at, depth)
    elif isinstance(value, dict):
        yield from _of_object(value, schema, root, at, depth)


def _of_choice(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        yield f"{at}: {_shown(value)} is none of {_shown(schema['enum'])}"
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{at}: {_shown(value)} is not {_shown(schema['const'])}"


def _of_parts(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str, depth: int) -> Iterator[str]:
    def fits(one: Any) -> bool:
        return next(_problems(value, one, root, at, depth + 1), None) is None

    for one in schema.get("allOf", []):
        yield from _problems(value, one, root, at, depth + 1)
    if "anyOf" in schema and not any(map(fits, schema["anyOf"])):
        yield f"{at}: fits none of anyOf"
    if "oneOf" in schema and (count := sum(map(fits, schema["oneOf"]))) != 1:
        yield f"{at}: fits {count} of oneOf, not one"


def _of_text(value: str, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{at}: is shorter than {schema['minLength']}"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{at}: is longer than {schema['maxLength']}"
    if "pattern" in schema and not linear_regex.compiled(str(schema["pattern"])).search(value):
        yield f"{at}: does not match {schema['pattern']}"


def _of_number(value: float, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield f"{at}: is below {schema['minimum']}"
    if value > schema.get("maximum", value):
        yield f"{at}: is above {schema['maximum']}"
    low, high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if _is(low, "number") and value <= low:  # type: ignore[operator]
        yield f"{at}: is not above {low}"
    if _is(high, "number") and value >= high:  # type: ignore[operator]
        yield f"{at}: is not below {high}"


def _of_list(value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str, depth: int) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{at}: has {len(value)} items"
    if schema.get("uniqueItems") and len({json.dumps(one, sort_keys=True) for one in value}) < len(value):
        yield f"{at}: has an item twice"
    first = schema.get("prefixItems", [])
    for number, one in enumerate(value):
        wanted = first[number] if number < len(first) else schema.get("items", True)
        yield from _problems(one, wanted, root, f"{at}[{number}]", depth + 1)


def _of_object(value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str, depth: int) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{at}: `{name}` is missing" for name in schema.get("required", []) if name not in value)
    for name, one in value.items():
        wanted = known[name] if name in known else schema.get("additionalProperties", True)
        if wanted is False:
            yield f"{at}: `{name[:60]}` is not asked for"
        else:
            yield from _problems(one, wanted, root, f"{at}.{name[:60]}", depth + 1)


def types(schema: Mapping[str, Any]) -> list[str]:
    """The types that a schema names; [] = any."""
    given = schema.get("type")
    kinds = [str(one) for one in given] if isinstance(given, list) else [str(given)] if given is not None else []
    return [*kinds, "null"] if kinds and schema.get("nullable") is True else kinds


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and kind == "integer":
        return value.is_integer()
    return isinstance(value, TYPES.get(kind, ()))


def _kind(value: Any) -> str:
    return next((kind for kind in ("boolean", "integer", "number", "string", "array", "object") if _is(value, kind)), "null")


def _same(value: Any, other: Any) -> bool:
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:100] + " …"


def target(reference: str, root: Mapping[str, Any]) -> Any:
    """What a `$ref` names within the schema. Raises ArgumentError where it names nothing there."""
    found: Any = root
    if not re.match(r"#(/|$)", reference):
        raise ArgumentError(f"$ref {reference!r:.80} of the schema leads outside it: only #/… is read.")
    for part in reference[1:].split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            raise ArgumentError(f"$ref {reference!r:.80} of the schema names nothing in it.")
        found = found[name]
    return found
