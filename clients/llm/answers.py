"""Answers that keep to a schema: how they are asked for in words, found in a text, and mended once."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clients.llm.messages import Answer, Message, Request
from parsing import json_schema

#: Where a value of another type than an object stands: protocols take objects alone.
VALUE = "value"

MAX_ANSWER_CHARS = 20_000

PLAIN = "Answer with one JSON value that keeps to this JSON schema, and with nothing else:\n"
MEND = (
    "This answer does not keep to the JSON schema. Problems:\n{}\nThe schema:\n{}\n"
    "Give the whole answer again, corrected. Nothing else."
)
FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
OPENING = re.compile(r"[{\[]")
MAX_TRIES = 50
THOUGHTS = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


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
    """The value in an answer: of several in a text, the first that keeps to the schema, else the first. Raises Missing."""
    if answer.data is not None:
        return _unwrapped(answer.data, schema)
    found = [_unwrapped(value, schema) for value in _in_text(answer.text)]
    if not found:
        raise Missing
    return next((value for value in found if not json_schema.problems(value, schema)), found[0])


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


def _in_text(text: str) -> list[Any]:
    """The JSON values in a text: the whole of it, those in fences, those that stand among words."""
    text = THOUGHTS.sub("", text, count=1).strip()
    parts = [text, *(match[1] for match in FENCED.finditer(text))]
    parts += [text[match.start() :] for match, _ in zip(OPENING.finditer(text), range(MAX_TRIES), strict=False)]
    return [value for part in parts if (value := _read(part.strip())) is not None]


def _read(text: str) -> Any:
    """The value at the beginning of a text; None where there is none."""
    try:
        return json.JSONDecoder(parse_constant=_refuse).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> Any:
    raise ValueError(name)
