"""`clean_data`: what is changed, what is dropped, and that both are said."""

import json
from typing import Any

import pytest

from errors import DataError
from topics.scraping import cleaning


def value(given: Any, field: Any) -> Any:
    """What becomes of one field; "dropped: …" where it is dropped."""
    found = cleaning.run({"x": given}, {"x": field})
    json.dumps(found, allow_nan=False).encode()
    return found["record"]["x"] if "x" in found["record"] else f"dropped: {found['dropped'][0]['reason']}"


@pytest.mark.parametrize(
    ("given", "field", "made"),
    [
        ("  Cafe\u0301\x00 \u00a0au\nlait ", "string", "Caf\u00e9 au lait"),
        ("1.234,56", "number", 1234.56),
        ("1,234.56", "number", 1234.56),
        ("12 345,6 kr", "number", 12345.6),
        ("$1,299", "number", 1299),
        ("1.234", {"type": "number", "decimal": "."}, 1.234),
        ("-3,5 %", "number", -3.5),
        ("٣٫٥", "number", 3.5),
        (7, "number", 7),
        (True, "number", "dropped: it is no number"),
        (float("nan"), "number", "dropped: it is no number"),
        ("about 5", "number", "dropped: it is no number"),
        (12.0, "integer", 12),
        ("12.5", "integer", "dropped: it is no integer"),
        ("5. Mai 2021", "date", "2021-05-05"),
        ("3/4/2020", {"type": "date", "language": "en-US"}, "2020-03-04"),
        ("3/4/2020", {"type": "date", "language": "en-GB"}, "2020-04-03"),
        ("2020-02-30", "date", "dropped: it is no date"),
        ("2020-03-20T10:00:00+0530", "datetime", "2020-03-20T10:00:00+05:30"),
        ("HTTP://Example.com:80/a?utm_source=x&b=1#top", "url", "http://example.com/a?b=1"),
        ("example.com/a", "url", "https://example.com/a"),
        ("../x", {"type": "url", "base": "https://example.com/a/b"}, "https://example.com/x"),
        ("javascript:alert(1)", "url", "dropped: it is no url"),
        ("mailto:Ada@EXAMPLE.com", "email", "Ada@example.com"),
        ("ada [at] example [dot] com", "email", "ada@example.com"),
        ("020 7946 0958", {"type": "phone", "region": "gb"}, "+442079460958"),
        ("12", {"type": "phone", "region": "GB"}, "dropped: it is no phone"),
        ("Ja", "boolean", True),
        ("нет", "boolean", False),
        (0, "boolean", False),
        ("maybe", "boolean", "dropped: it is no boolean"),
        ("Deutschland", "country", "DE"),
        ("pt_BR", "language", "pt"),
        ("€", "currency", "EUR"),
        ("usd", "currency", "USD"),
        ("", "string", "dropped: it is empty"),
        (["one"], "string", "one"),
        (["one", "two"], "string", "dropped: it is no string"),
        ("a", {"type": "string", "min": 2}, "dropped: it is below min 2"),
        ("abcdef", {"type": "string", "max": 3}, "abc"),
        (11, {"type": "number", "max": 10}, "dropped: it is above max 10"),
        ("AB-12", {"type": "string", "pattern": "[A-Z]{2}-[0-9]+"}, "AB-12"),
        ("ab-12", {"type": "string", "pattern": "[A-Z]{2}-[0-9]+"}, "dropped: it does not fit the pattern '[A-Z]{2}-[0-9]+'"),
        ("RED", {"type": "string", "one_of": ["red", "green"]}, "red"),
        ("blue", {"type": "string", "one_of": ["red"]}, "dropped: it is none of one_of"),
        (["a", " a ", "b", "", None], {"items": "string"}, ["a", "b"]),
        ("a", "list", ["a"]),
        ([1, "1"], {"type": "list", "items": "integer", "unique": False}, [1, 1]),
        ({"a": "1", "b": 2}, {"fields": {"a": "integer"}, "unknown": "drop"}, {"a": 1}),
        (None, "string", None),
    ],
)
def test_a_value_comes_out_in_the_one_form_of_its_type_or_is_dropped(given: Any, field: Any, made: Any) -> None:
    found = value(given, field)
    assert found == made and type(found) is type(made)


def test_every_change_and_drop_is_reported_with_its_place() -> None:
    record = {"price": "12,50 €", "tags": ["a", "a"], "extra": 1, "address": {"city": " Oslo "}}
    schema = {"fields": {"price": "number", "tags": "list", "address": {"fields": {"city": "string"}}}, "unknown": "drop"}
    found = cleaning.clean(record, schema)
    assert found.record == {"price": 12.5, "tags": ["a"], "address": {"city": "Oslo"}}
    assert found.changed == [
        {"path": "price", "before": "12,50 €", "after": 12.5, "rule": "number"},
        {"path": "address.city", "before": " Oslo ", "after": "Oslo", "rule": "string"},
    ]
    assert found.dropped == [
        {"path": "tags[1]", "value": "a", "reason": "unique"},
        {"path": "extra", "value": 1, "reason": "the schema does not name it"},
    ]
    assert (found.changes, found.drops) == (2, 2)


def test_required_fields_without_a_value_make_the_record_invalid_and_defaults_fill_others() -> None:
    schema = {
        "name": {"type": "string", "required": True},
        "age": {"type": "integer", "required": True},
        "land": {"default": "NO"},
    }
    found = cleaning.clean({"age": "old"}, schema)
    assert (found.record, found.missing, found.valid) == ({"land": "NO"}, ["name", "age"], False)


def test_without_a_schema_texts_are_tidied_and_what_is_no_json_is_dropped() -> None:
    found = cleaning.clean({"a": " x\u200b ", "b": [1, {"c": "\ud800y"}, {1, 2}], "d": float("inf"), "e": 10**5_000, 5: 1})
    assert found.record == {"a": "x", "b": [1, {"c": "y"}]}
    assert [one["path"] for one in found.dropped] == ["b[2]", "d", "e", "5"]


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ([], "a schema is an object"),
        ({"x": "strin"}, "schema of x: 'strin' is no type"),
        ({"x": {"type": "string", "mx": 3}}, "'mx' is no option"),
        ({"x": {"min": "3"}}, "`min` is a number"),
        ({"x": {"required": "yes"}}, "true or false"),
        ({"x": {"pattern": "(a+)+b"}}, "too many ways"),
        ({"x": {"pattern": "["}}, "no regular expression"),
        ({"x": {"one_of": "a"}}, "`one_of` is a list"),
        ({"x": {"decimal": ";"}}, "`decimal`"),
        ({"fields": {}, "unknown": "maybe"}, "`unknown`"),
        ({"x": {"items": {"fields": {"y": 5}}}}, "schema of x[].y"),
        ({f"f{number}": "string" for number in range(501)}, "at most 500"),
    ],
)
def test_a_schema_that_cannot_be_read_is_refused_by_name(schema: Any, fault: str) -> None:
    with pytest.raises(DataError) as caught:
        cleaning.clean({}, schema)
    assert fault in str(caught.value)


def test_records_beyond_the_bounds_are_refused() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(100_000):
        inner["a"] = inner = {}
    for record in (deep, {"a": list(range(200_000))}, [], "text"):
        with pytest.raises(DataError):
            cleaning.clean(record)  # type: ignore[arg-type]


def test_the_report_is_bounded_and_counts_all() -> None:
    found = cleaning.clean({"a": [" x "] * 50_000})
    assert (len(found.changed), found.changes) == (cleaning.MAX_REPORTED, 50_000)
