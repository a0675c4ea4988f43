"""`clean_data`: a record held to a schema, with a report of every change and of every value that was dropped."""

import json
from dataclasses import dataclass, field
from typing import Any

from errors import DataError
from parsing import patterns, values
from topics.scraping import cleaning_schema
from topics.scraping.cleaning_schema import Field

MAX_DEPTH = 30
MAX_VALUES = 100_000
MAX_REPORTED = 1_000
MAX_SHOWN_CHARS = 200
#: Names of rules of the report, besides the types.
UNIQUE, CUT, DEFAULT, WRAPPED = "unique", "max", "default", "list"


@dataclass(slots=True)
class Cleaned:
    """The cleaned record and what was done to it. The lists hold at most `MAX_REPORTED` entries, the counts all."""

    record: dict[str, Any] = field(default_factory=dict)
    changed: list[dict[str, Any]] = field(default_factory=list)  # path, before, after, rule
    dropped: list[dict[str, Any]] = field(default_factory=list)  # path, value, reason
    missing: list[str] = field(default_factory=list)  # paths of required fields without a value
    changes: int = 0
    drops: int = 0

    @property
    def valid(self) -> bool:
        """Whether every required field has a value."""
        return not self.missing

    def change(self, path: str, before: Any, after: Any, rule: str) -> None:
        self.changes += 1
        if len(self.changed) < MAX_REPORTED:
            self.changed.append({"path": path, "before": _shown(before), "after": _shown(after), "rule": rule})

    def drop(self, path: str, value: Any, reason: str) -> None:
        self.drops += 1
        if len(self.dropped) < MAX_REPORTED:
            self.dropped.append({"path": path, "value": _shown(value), "reason": reason})


class _Nothing:
    """Stands for a value that was dropped; None is a value."""


NOTHING = _Nothing()


def run(data: dict[str, Any], schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """`clean` with its report as JSON: record, changed, dropped, missing, valid, changes, drops."""
    found = clean(data, schema)
    names = ("record", "valid", "missing", "changed", "dropped", "changes", "drops")
    return {name: getattr(found, name) for name in names}


def clean(record: dict[str, Any], schema: dict[str, Any] | None = None) -> Cleaned:
    """Hold a record to a schema (see `topics/scraping/cleaning_schema.py`); without one only its texts are tidied.

    Nothing is guessed: a value that is none of its field's type is dropped, with the reason. The result is JSON. Raises DataError
    for a bad schema, for a record that is no object, is nested above `MAX_DEPTH` or has above `MAX_VALUES` values.

    >>> found = clean({"price": "1.299,00 €", "when": "5. Mai 2021"}, {"price": {"type": "number", "min": 0}, "when": "date"})
    >>> found.record, found.changed[0]["rule"]
    ({'price': 1299, 'when': '2021-05-05'}, 'number')
    """
    whole = cleaning_schema.read(schema) if schema is not None else Field(type="object")
    if not isinstance(record, dict):
        raise DataError(f"a record is an object, not {type(record).__name__}: {{'title': …}}")
    _refuse_if_large(record)
    found = Cleaned()
    found.record = _object(record, whole, "", found)
    return found


def _object(value: dict[Any, Any], one: Field, path: str, report: Cleaned) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, given in value.items():
        name = values.line(key, values.PLAIN) if isinstance(key, str) else None
        place = f"{path}.{key if name is None else name}".lstrip(".")[:500]
        if name is None or (name in made and name != key):
            report.drop(place, given, "its name is no text" if name is None else "another field has its name")
        elif name in one.fields:
            kept = _value(given, one.fields[name], place, report)
            if not isinstance(kept, _Nothing):
                made[name] = kept
        elif one.keeps_unknown:
            kept = _loose(given, place, report)
            if not isinstance(kept, _Nothing):
                made[name] = kept
        else:
            report.drop(place, given, "the schema does not name it")
    _fill(made, one, path, report)
    return made


def _fill(made: dict[str, Any], one: Field, path: str, report: Cleaned) -> None:
    """Defaults for fields without a value, and the list of required ones that stay without."""
    for name, wanted in one.fields.items():
        if made.get(name) is not None:
            continue
        place = f"{path}.{name}".lstrip(".")
        if wanted.default is not None:
            report.change(place, made.get(name), wanted.default, DEFAULT)
            made[name] = wanted.default
        elif wanted.required:
            report.missing.append(place)


def _value(value: Any, one: Field, path: str, report: Cleaned) -> Any:
    if value is None:
        return None
    if one.type == "object":
        if isinstance(value, dict):
            return _object(value, one, path, report)
        return _dropped(path, value, "it is no object", report)
    if one.type == "list":
        return _list(value, one, path, report)
    if one.type == "any":
        made = _loose(value, path, report)
        return made if isinstance(made, _Nothing) else _allowed(made, one, path, report)
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list | dict):
        report.change(path, value, value[0], WRAPPED)
        value = value[0]
    if isinstance(value, str) and not value.strip():
        return _dropped(path, value, "it is empty", report)
    made = values.READERS[one.type](value, one.style)
    if made is None:
        return _dropped(path, value, f"it is no {one.type}", report)
    if made != value or type(made) is not type(value):
        report.change(path, value, made, one.type)
    return _allowed(made, one, path, report)


def _list(value: Any, one: Field, path: str, report: Cleaned) -> Any:
    if not isinstance(value, list):
        report.change(path, value, [value], WRAPPED)
        value = [value]
    item = one.items or Field()
    made: list[Any] = []
    seen: set[str] = set()
    for number, given in enumerate(value):
        kept = _value(given, item, f"{path}[{number}]", report)
        if kept is None or isinstance(kept, _Nothing):
            continue
        mark = json.dumps(kept, sort_keys=True)
        if one.unique and mark in seen:
            report.drop(f"{path}[{number}]", given, UNIQUE)
            continue
        seen.add(mark)
        made.append(kept)
    return _allowed(made, one, path, report)


def _allowed(made: Any, one: Field, path: str, report: Cleaned) -> Any:
    """Hold a value to `min`, `max`, `pattern` and `one_of`. A text or a list that is too long is cut."""
    size = made if isinstance(made, int | float) else len(made) if isinstance(made, str | list) else None
    if one.min is not None and size is not None and size < one.min:
        return _dropped(path, made, f"it is below min {one.min:g}", report)
    if one.max is not None and size is not None and size > one.max:
        if isinstance(made, int | float):
            return _dropped(path, made, f"it is above max {one.max:g}", report)
        cut = made[: int(one.max)]
        report.change(path, made, cut, CUT)
        made = cut
    if one.pattern is not None and not (isinstance(made, str) and patterns.matches(one.pattern, made)):
        return _dropped(path, made, f"it does not fit the pattern {one.pattern!r}", report)
    if one.one_of and made not in one.one_of:
        same = [choice for choice in one.one_of if isinstance(made, str) and str(choice).casefold() == made.casefold()]
        if not same:
            return _dropped(path, made, "it is none of one_of", report)
        report.change(path, made, same[0], "one_of")
        return same[0]
    return made


def _loose(value: Any, path: str, report: Cleaned) -> Any:
    """A value without a schema: texts tidied, the rest as it is."""
    if isinstance(value, dict):
        return _object(value, Field(type="object"), path, report)
    if isinstance(value, list):
        kept = [_loose(one, f"{path}[{number}]", report) for number, one in enumerate(value)]
        return [one for one in kept if not isinstance(one, _Nothing)]
    if isinstance(value, str):
        made = values.text(value)
        if made != value:
            report.change(path, value, made, "text")
        return made
    if value is None or isinstance(value, bool) or values.is_number(value):
        return value
    return _dropped(path, value, "it is no JSON", report)


def _dropped(path: str, value: Any, reason: str, report: Cleaned) -> _Nothing:
    report.drop(path, value, reason)
    return NOTHING


def _refuse_if_large(record: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(record, 1)]
    count = 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_VALUES:
            raise DataError(f"the record has above {MAX_DEPTH} levels or {MAX_VALUES:,} values: clean it in parts")
        if isinstance(value, dict):
            waiting.extend((one, depth + 1) for one in value.values())
        elif isinstance(value, list):
            waiting.extend((one, depth + 1) for one in value)


def _shown(value: Any) -> Any:
    """A value short enough for a report."""
    if value is None or isinstance(value, bool) or values.is_number(value):
        return value
    if isinstance(value, str):
        return value[:MAX_SHOWN_CHARS].encode("utf-8", "replace").decode("utf-8")
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, list | dict) else type(value).__name__
