"""Answers that keep to a schema: how they are asked for in words, found in a text, and mended once."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clients.llm import written
from clients.llm.messages import Answer, Message, Request
from parsing import fitting, json_schema

#: Where a value of another type than an object stands: protocols take objects alone.
VALUE = "value"

MAX_ANSWER_CHARS = 20_000

PLAIN = "Answer with one JSON value that keeps to this JSON schema, and with nothing else:\n"
MEND = (
    "This answer does not keep to the JSON schema. Problems:\n{}\nThe schema:\n{}\n"
    "Give the whole answer again, corrected. Nothing else."
)


class Missing(Exception):
    """There is no JSON in an answer."""


def is_wrapped(schema: Mapping[str, Any]) -> bool:
    """Whether a value is asked for inside an object."""
    kind = schema.get("type", "object" if "properties" in schema else "")
    return bool(kind != "object")


def wrapped(request: Request, way: str) -> Request:
    """The request as it is sent: its schema is one of an object, and stands in the words where the protocol has no place."""
    assert request.schema is not None
    schema: dict[str, Any] = dict(request.schema)
    if is_wrapped(schema):
        defs: dict[str, Any] = {name: schema.pop(name) for name in ("$defs", "definitions") if name in schema}
        schema = {"type": "object", "properties": {VALUE: schema}, "required": [VALUE], **defs}
    schema.setdefault("type", "object")
    said = PLAIN + json.dumps(schema, ensure_ascii=False)
    system = request.system if way in ("tool", "json_schema") else f"{request.system}\n\n{said}".strip()
    return replace(request, schema=schema, system=system)


def data_of(answer: Answer, schema: Mapping[str, Any]) -> Any:
    """The value in an answer. Raises Missing.

    Of several in a text it is the last that keeps to the schema: those before it are drafts. What a model only thought counts
    where it said nothing, and where that keeps to the schema.
    """
    given = answer.data if answer.data is not None and not isinstance(answer.data, str) else None
    said = [given] if given is not None else written.values(answer.data or answer.text)
    found = [_fitted(value, schema) for value in said]
    good = [value for value in found if not json_schema.problems(value, schema)]
    if not found and not answer.text.strip():
        thought = [_fitted(value, schema) for value in written.values(answer.thoughts)]
        good = found = [value for value in thought if value and not json_schema.problems(value, schema)]
    if not found:
        raise Missing
    full = [value for value in good if value not in ({}, [])]
    return (full or good or found)[0]


def _fitted(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value as the schema wants it, where it does not keep to it and no doubt is possible."""
    plain = _unwrapped(value, schema)
    return plain if not json_schema.problems(plain, schema) else fitting.fitted(plain, schema)


def _unwrapped(value: Any, schema: Mapping[str, Any]) -> Any:
    if is_wrapped(schema) and isinstance(value, dict) and set(value) == {VALUE}:
        return value[VALUE]
    return value


def problems(answer: Answer, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with an answer; [] for one that keeps to the schema."""
    try:
        return json_schema.problems(data_of(answer, schema), schema)
    except Missing:
        return ["it holds no JSON"]


def mending(request: Request, answer: Answer, wrong: list[str]) -> Request:
    """The request that asks for the same answer, mended."""
    schema = json.dumps(request.schema, ensure_ascii=False)  # again in words: some servers ignore where it stood
    given = json.dumps(answer.data, ensure_ascii=False) if answer.data is not None else answer.text
    said = (
        Message("assistant", given[:MAX_ANSWER_CHARS].strip() or "(nothing)"),
        Message("user", MEND.format("\n".join(wrong), schema)),
    )
    return replace(request, messages=(*request.messages, *said))
