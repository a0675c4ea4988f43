"""The schema of `clean_data`: the type of each field, and what is allowed in it.

    {"fields": {"title": "string", "price": {"type": "number", "min": 0, "required": true}}, "unknown": "drop"}

A field is the name of its type, or an object with `type` and any of `OPTIONS`. `items` is the field of a list's values, `fields`
are those of an object. A mapping of fields alone, without `fields`, is a schema too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from errors import DataError
from parsing import patterns, values

TYPES = (*values.READERS, "list", "object")
OPTIONS = (
    "type", "required", "default", "min", "max", "pattern", "one_of", "region", "language", "decimal", "base", "items", "fields",
    "unique", "unknown",
)  # fmt: skip
UNKNOWN = ("keep", "drop")
MAX_FIELDS = 500
MAX_DEPTH = 10
MAX_CHOICES = 1_000


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `min` and `max` bound a number, the characters of a text, or the values of a list."""

    type: str = "any"
    required: bool = False
    default: Any = None
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    one_of: tuple[Any, ...] = ()
    style: values.Style = values.PLAIN
    items: "Field | None" = None
    fields: dict[str, "Field"] = field(default_factory=dict)
    unique: bool = True  # of a list: each value once
    keeps_unknown: bool = True  # of an object: fields that the schema does not name


def read(schema: Any) -> Field:
    """The schema as the field of a whole record. Raises DataError that names the part that cannot be read."""
    if not isinstance(schema, Mapping):
        raise DataError(f"a schema is an object, not {type(schema).__name__}: {{'fields': {{'title': 'string'}}}}")
    is_whole = isinstance(schema.get("fields"), Mapping) and not {"type"} & set(schema)
    whole = {**schema, "type": "object"} if is_whole else {"type": "object", "fields": schema}
    found = _field("", whole, 0)
    if (count := _count(found)) > MAX_FIELDS:
        raise DataError(f"a schema of {count:,} fields is too large: give at most {MAX_FIELDS}")
    return found


def _field(path: str, spec: Any, depth: int) -> Field:
    if isinstance(spec, str):
        spec = {"type": spec}
    if not isinstance(spec, Mapping) or depth > MAX_DEPTH:
        raise _bad(path, f"it is the name of a type or an object, at most {MAX_DEPTH} deep")
    if unknown := [str(key)[:50] for key in spec if key not in OPTIONS]:
        raise _bad(path, f"{unknown[0]!r} is no option: give some of {', '.join(OPTIONS)}")
    kind = spec.get("type", "list" if "items" in spec else "object" if "fields" in spec else "any")
    if kind not in TYPES:
        raise _bad(path, f"{str(kind)[:50]!r} is no type: give one of {', '.join(TYPES)}")
    fields = spec.get("fields", {})
    if not isinstance(fields, Mapping) or len(fields) > MAX_FIELDS or not all(isinstance(name, str) for name in fields):
        raise _bad(path, f"`fields` is an object of at most {MAX_FIELDS} fields")
    return Field(
        type=kind,
        required=_flag(path, spec, "required", False),
        default=spec.get("default"),
        min=_bound(path, spec, "min"),
        max=_bound(path, spec, "max"),
        pattern=_pattern(path, spec.get("pattern")),
        one_of=_choices(path, spec.get("one_of", [])),
        style=_style(path, spec),
        items=_field(f"{path}[]", spec["items"], depth + 1) if "items" in spec else None,
        fields={name: _field(f"{path}.{name}".lstrip("."), one, depth + 1) for name, one in fields.items()},
        unique=_flag(path, spec, "unique", True),
        keeps_unknown=_unknown(path, spec.get("unknown", "keep")),
    )


def _flag(path: str, spec: Mapping[str, Any], name: str, default: bool) -> bool:
    value = spec.get(name, default)
    if not isinstance(value, bool):
        raise _bad(path, f"`{name}` is true or false")
    return value


def _bound(path: str, spec: Mapping[str, Any], name: str) -> float | None:
    value = spec.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise _bad(path, f"`{name}` is a number")
    return value


def _pattern(path: str, pattern: Any) -> str | None:
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise _bad(path, "`pattern` is a text")
    try:
        patterns.compiled(pattern)
    except DataError as error:
        raise _bad(path, str(error).rstrip(".")) from None
    return pattern


def _choices(path: str, choices: Any) -> tuple[Any, ...]:
    if not isinstance(choices, list) or len(choices) > MAX_CHOICES:
        raise _bad(path, f"`one_of` is a list of at most {MAX_CHOICES:,} values")
    return tuple(choices)


def _style(path: str, spec: Mapping[str, Any]) -> values.Style:
    told = {name: spec.get(name) for name in ("region", "language", "decimal", "base")}
    if wrong := [name for name, value in told.items() if value is not None and not isinstance(value, str)]:
        raise _bad(path, f"`{wrong[0]}` is a text")
    if told["decimal"] not in (None, ".", ","):
        raise _bad(path, "`decimal` is '.' or ','")
    region = told["region"]
    return values.Style(region.upper() if region else None, told["language"] or "", told["decimal"], told["base"])


def _unknown(path: str, word: Any) -> bool:
    if word not in UNKNOWN:
        raise _bad(path, "`unknown` is 'keep' or 'drop'")
    return bool(word == "keep")


def _count(one: Field) -> int:
    return 1 + sum(map(_count, one.fields.values())) + (_count(one.items) if one.items else 0)


def _bad(path: str, fault: str) -> DataError:
    return DataError(f"schema of {path or 'the record'}: {fault}.")
