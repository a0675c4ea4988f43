"""An object as a JSON schema asks for it, filled from what a page says for machines. Nothing is guessed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from errors import ArgumentError
from parsing import structured
from parsing.structured import Structured

MAX_PROPERTIES, MAX_DEPTH, MAX_ITEMS, MAX_TEXT = 100, 4, 200, 20_000
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")

#: Other names under which pages say the same, by the name in lower case without `_` and `-`.
ALIASES = {
    "title": ("headline", "name"),
    "name": ("title", "headline"),
    "date": ("published", "datepublished"),
    "publishedat": ("published", "datepublished"),
    "datepublished": ("published",),
    "datemodified": ("modified",),
    "author": ("authors",),
    "sitename": ("publisher",),
    "currency": ("pricecurrency",),
    "rating": ("ratingvalue", "aggregaterating"),
    "lang": ("language",),
}


def check(schema: Mapping[str, Any]) -> None:
    """Raises ArgumentError for a schema that cannot be filled so, with the remedy."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        raise ArgumentError(
            "the schema has no `properties`: name the fields, as in {'properties': {'title': {'type': 'string'}}}"
        )
    if len(properties) > MAX_PROPERTIES:
        raise ArgumentError(f"the schema has {len(properties)} properties; at most {MAX_PROPERTIES}")
    for name, wanted in properties.items():
        if not isinstance(wanted, Mapping):
            raise ArgumentError(f"the property {str(name)[:60]!r} of the schema is no object: write {{'type': 'string'}}")


def fill(schema: Mapping[str, Any], facts: Structured, about: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of a schema's properties, and the names of those that the page does not say. `about`: its metadata.

    >>> about = {"title": "Oak", "language": "en"}
    >>> fill({"properties": {"title": {"type": "string"}, "price": {"type": "number"}}}, Structured(), about)
    ({'title': 'Oak'}, ['price'])
    """
    sources = [*structured.nodes(facts), _short(facts.opengraph), _short(facts.twitter), dict(about)]
    return _filled(schema, [{_plain(name): value for name, value in one.items()} for one in sources], 0)


def _filled(schema: Mapping[str, Any], sources: list[dict[str, Any]], depth: int) -> tuple[dict[str, Any], list[str]]:
    found, missing = {}, []
    properties = schema.get("properties")
    for name, wanted in properties.items() if isinstance(properties, Mapping) else ():
        values = (_as(value, wanted, depth) for value in _values(_plain(str(name)), sources))
        value = next((one for one in values if one is not None), None)
        if value is None:
            missing.append(str(name))
        else:
            found[str(name)] = value
    return found, missing


def _values(name: str, sources: list[dict[str, Any]]) -> Iterator[Any]:
    for one in (name, *ALIASES.get(name, ())):
        yield from (source[one] for source in sources if source.get(one) not in (None, "", [], {}))


def _as(value: Any, wanted: Any, depth: int) -> Any:
    """A value as the type of its property asks; None where it is none of that type."""
    kind = wanted.get("type", "string") if isinstance(wanted, Mapping) else "string"
    kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
    if kind == "array":
        items = value if isinstance(value, list) else [value]
        made = [_as(one, wanted.get("items", {}), depth + 1) for one in items[:MAX_ITEMS]] if depth < MAX_DEPTH else []
        return [one for one in made if one is not None] or None
    value = structured.first(value)
    if kind == "object":
        inside = {_plain(name): one for name, one in value.items()} if isinstance(value, dict) and depth < MAX_DEPTH else {}
        return (_filled(wanted, [inside], depth + 1)[0] if wanted.get("properties") else inside) or None
    return _scalar(value, kind)


def _scalar(value: Any, kind: str) -> Any:
    if isinstance(value, dict):
        value = next((value[name] for name in ("name", "@value", "value", "price", "ratingValue", "url") if name in value), None)
    if value is None or isinstance(value, dict | list):
        return None
    if kind == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    if kind in ("number", "integer"):
        return _number(value, kind)
    return str(value)[:MAX_TEXT]


def _number(value: Any, kind: str) -> int | float | None:
    match = NUMBER.fullmatch(str(value).strip())
    if not match or isinstance(value, bool):
        return None
    try:
        number = float(match[0].replace(",", "") if "." in match[0] else match[0].replace(",", "."))
    except ValueError:
        return None
    return int(number) if kind == "integer" or number.is_integer() else number


def _short(metas: Mapping[str, Any]) -> dict[str, Any]:
    """`og:title` as `title`."""
    return {name.rpartition(":")[2]: value for name, value in reversed(list(metas.items()))}


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
