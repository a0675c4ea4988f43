"""What /docs shows: the OpenAPI document as groups of routes, each with its fields in rows."""

from collections.abc import Iterator
from typing import Any

from web.app import METHODS

Json = dict[str, Any]

#: Limits of a field as people read them.
LIMITS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "like {}",
}


#: Groups in the order of the page, and the tags of the routes in each.
GROUPS = {
    "Scraping": ("scrape", "scrapes", "submits", "reader"),
    "Jobs": ("jobs", "job lists", "job reports", "job figures", "failures", "task status", "events", "default", "webhooks"),
    "Tracking": ("projects", "keywords", "ranks", "serp", "shares"),
    "Sites": ("business", "forms"),
    "Companies": ("companies", "analytics"),
    "What runs, and what waits": (
        *("status", "queues", "workers", "limits", "policy", "budgets", "pauses", "hosts", "schedule", "maintenance"),
        *("claims", "health", "alerts"),
    ),
    "Who may ask": ("access", "views"),
    "Everything as a file": ("transfer",),
    "Clients of Firecrawl": ("firecrawl v1", "firecrawl v2"),
}
OTHERS = "More"


def groups(document: Json) -> list[Json]:
    """`[{name, routes: [{method, path, id, summary, description, rows, replies}]}]`; rows are of parameters and body."""
    found: dict[str, list[tuple[int, Json]]] = {name: [] for name in (*GROUPS, OTHERS)}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                group, place = _place((item[method].get("tags") or [""])[0].lower())
                found[group].append((place, _route(document, path, method, item[method])))
    return [{"name": name, "routes": _in_order(routes)} for name, routes in found.items() if routes]


def _place(tag: str) -> tuple[str, int]:
    return next(((name, tags.index(tag)) for name, tags in GROUPS.items() if tag in tags), (OTHERS, 0))


def _in_order(routes: list[tuple[int, Json]]) -> list[Json]:
    return [route for _, route in sorted(routes, key=lambda pair: pair[0])]


def _route(document: Json, path: str, method: str, operation: Json) -> Json:
    return {
        "method": method.upper(),
        "path": path,
        "id": operation["operationId"],
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "rows": [*_parameters(document, operation), *_body(document, operation)],
        "replies": [_reply(document, status, reply) for status, reply in sorted(operation["responses"].items())],
    }


def _parameters(document: Json, operation: Json) -> Iterator[Json]:
    for each in operation.get("parameters", []):
        row = _row(document, each["name"], each.get("schema", {}), bool(each.get("required")))
        yield {**row, "where": each["in"], "says": each.get("description") or row["says"]}


def _body(document: Json, operation: Json) -> Iterator[Json]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        where = "body" if kind == "application/json" else kind
        yield from ({**row, "where": where} for row in _fields(document, content.get("schema", {})))


def _fields(document: Json, schema: Json) -> Iterator[Json]:
    whole = resolved(document, schema)
    needed = whole.get("required") or []
    for name, each in (whole.get("properties") or {}).items():
        yield _row(document, name, each, name in needed)


def _row(document: Json, name: str, schema: Json, is_needed: bool) -> Json:
    whole = resolved(document, schema)
    limits = [words.format(_plain(whole[limit])) for limit, words in LIMITS.items() if limit in whole]
    default = f"default {whole['default']!r}" if whole.get("default") not in (None, "", [], {}) else ""
    says = ". ".join(part for part in (whole.get("description", ""), ", ".join([*limits, default]).strip(", ")) if part)
    return {"name": name, "type": type_of(document, schema), "needed": is_needed, "says": says}


def _plain(limit: Any) -> Any:
    """A limit as people write it: 1000, not 1000.0."""
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _reply(document: Json, status: str, reply: Json) -> Json:
    schema: Json = next((content.get("schema", {}) for content in (reply.get("content") or {}).values()), {})
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    rows = list(_fields(document, schema)) if name != "ProblemModel" else []
    return {"status": status, "says": reply.get("description", ""), "rows": rows}


def resolved(document: Json, schema: Json) -> Json:
    """A schema with the one it refers to in place; of alternatives with null the other one."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {**document["components"]["schemas"].get(name, {}), **{key: schema[key] for key in schema if key != "$ref"}}
    others = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    return {**resolved(document, others[0]), **schema} if len(others) == 1 else schema


def type_of(document: Json, schema: Json) -> str:
    """The type of a field in words: `integer`, `list of string`, `"a" or "b"`, `ScrapeConfig`."""
    if "$ref" in schema:
        whole = resolved(document, schema)
        return type_of(document, {"enum": whole["enum"]}) if whole.get("enum") else str(schema["$ref"].rpartition("/")[2])
    if schema.get("enum"):
        return " or ".join(f'"{each}"' if isinstance(each, str) else str(each) for each in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"' if isinstance(schema["const"], str) else str(schema["const"])
    if schema.get("anyOf"):
        return " or ".join(dict.fromkeys(type_of(document, each) for each in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {type_of(document, schema.get('items') or {})}"
    return str(schema.get("type", "any"))
