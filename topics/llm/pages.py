"""What a model is asked about a page: a summary, its entities, an object of a schema. Each answer is held against the page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.llm import Message, Request
from topics.llm import asking, open_schemas
from topics.llm.fences import fenced

#: What a model is given of a page, and may say of it.
MAX_TEXT_CHARS, MAX_SUMMARY_CHARS, MAX_ENTITIES, MAX_ENTITY_CHARS = 40_000, 1200, 100, 300
SUMMARY_TOKENS, DIGEST_TOKENS, EXTRACT_TOKENS = 500, 3000, 4000

#: A text of fewer characters is not worth a question.
LEAST_CHARS = 200

KINDS = ("person", "organization", "place", "product", "event", "work", "date", "amount")

SUMMARY = {"type": "string", "minLength": 1, "maxLength": MAX_SUMMARY_CHARS}
ENTITY = {
    "type": "object",
    "properties": {
        "kind": {"enum": list(KINDS)},
        "text": {"type": "string", "minLength": 1, "maxLength": MAX_ENTITY_CHARS},
    },
    "required": ["kind", "text"],
    "additionalProperties": False,
}
SUMMARIZED = {"type": "object", "properties": {"summary": SUMMARY}, "required": ["summary"], "additionalProperties": False}
DIGESTED = {
    "type": "object",
    "properties": {"summary": SUMMARY, "entities": {"type": "array", "items": ENTITY, "maxItems": MAX_ENTITIES}},
    "required": ["summary", "entities"],
    "additionalProperties": False,
}

SAY = "Say only what the text says, in the language of the text. "
SUMMARIZE = SAY + "Give a summary of two or three sentences."
DIGEST = (
    SAY + "Give a summary of two or three sentences, and the names and amounts in the text, each exactly as it is written there."
)
EXTRACT = (
    "Fill the schema from the text alone. What the text does not say is null, or left out: never guess, never fill in from what "
    "you know otherwise. "
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model made of a page; `value` None: rules have to do. `note` says who answered, and why."""

    value: Any
    note: dict[str, Any]


def summarize(text: str, *, url: str = "", scopes: Sequence[str] = (), parks: bool = False) -> Answered:
    """A summary of two or three sentences. `parks`: without budget NotNow is raised; else the note says so."""
    answered = _answered(text, SUMMARIZE, SUMMARIZED, SUMMARY_TOKENS, ("summary", url, scopes, parks))
    return Answered(answered.value and answered.value["summary"].strip(), answered.note)


def digest(text: str, *, url: str = "", scopes: Sequence[str] = (), parks: bool = False) -> Answered:
    """`{summary, entities: [{kind, text}]}`. An entity that does not stand in the text is left out."""
    answered = _answered(text, DIGEST, DIGESTED, DIGEST_TOKENS, ("digest", url, scopes, parks))
    if answered.value is None:
        return answered
    there = _plain(text)
    named = [one for one in answered.value["entities"] if _plain(one["text"]) in there]
    return Answered({"summary": answered.value["summary"].strip(), "entities": named}, answered.note)


def extract(
    text: str, schema: Mapping[str, Any], *, prompt: str = "", url: str = "", scopes: Sequence[str] = (), parks: bool = False
) -> Answered:
    """An object of a schema, without what the page does not say: nothing is required of the model that it would have to invent.

    `prompt`: what the caller wants, as an instruction. Raises ArgumentError for a schema that is none.
    """
    asked = EXTRACT + (f"The user asks: {prompt}" if prompt else "")
    opened = open_schemas.opened(schema)
    answered = _answered(text, asked, opened, EXTRACT_TOKENS, ("extract", url, scopes, parks))
    return Answered(open_schemas.said(answered.value), answered.note)


def _answered(
    text: str, system: str, schema: Mapping[str, Any], tokens: int, about: tuple[str, str, Sequence[str], bool]
) -> Answered:
    purpose, url, scopes, parks = about
    if len(text) < LEAST_CHARS and purpose != "extract":
        return Answered(None, {"by": "rules"})
    data = fenced(f"{url}\n{text}" if url else text, MAX_TEXT_CHARS)
    request = Request((Message("user", data.text),), f"{system}\n\n{data.rule}", tokens, schema)
    told = asking.try_to_ask(request, purpose=purpose, scopes=scopes, parks=parks)
    return Answered(told.reply.data if told.reply else None, told.note)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()
