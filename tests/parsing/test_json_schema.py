"""A value keeps to a JSON schema, or its problems are named with their places."""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ArgumentError
from parsing import json_schema

SCHEMAS: list[dict[str, Any]] = [
    {"type": "string", "minLength": 2, "maxLength": 3},
    {"type": ["integer", "null"], "minimum": 0, "exclusiveMaximum": 10},
    {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 2, "uniqueItems": True},
    {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"], "additionalProperties": False},
    {"type": "object", "properties": {"a": True}, "additionalProperties": {"type": "string"}},
    {"enum": ["a", 1, None]},
    {"const": 0},
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"enum": [1, 2]}}]},
    {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 3}]},
    {"allOf": [{"type": "integer"}, {"maximum": 3}]},
    {
        "$defs": {"n": {"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}}, "additionalProperties": False}},
        "$ref": "#/$defs/n",
    },
    {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
]
LEAVES = st.none() | st.booleans() | st.integers(-3, 12) | st.floats(-3, 12) | st.sampled_from(["", "a", "ab", "abcd"])
VALUES = st.recursive(LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from("ab"), one), max_leaves=6)


@pytest.mark.parametrize("schema", SCHEMAS)
@given(value=VALUES)
def test_it_agrees_with_another_validator(schema: dict[str, Any], value: Any) -> None:
    assert (json_schema.problems(value, schema) == []) == jsonschema_rs.is_valid(schema, value)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_these_are_schemas(schema: dict[str, Any]) -> None:
    json_schema.check(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "text"},
        {"properties": []},
        {"properties": {"a": 3}},
        {"anyOf": {}},
        {"enum": "abc"},
        {"minimum": "0"},
        {"minLength": True},
        {"$ref": "#/$defs/none"},
        {"$ref": "other.json"},
        {"pattern": "("},
        {"description": "x" * 40_000},
        {"const": object()},
    ],
)
def test_these_are_none(schema: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        json_schema.check(schema)


def test_a_schema_that_names_itself_ends() -> None:
    assert json_schema.problems(1, {"$ref": "#"}) == ["$: is nested too deep"]


def test_only_so_many_problems_are_named() -> None:
    assert len(json_schema.problems(["x"] * 1000, {"items": {"type": "integer"}})) == json_schema.MAX_PROBLEMS
