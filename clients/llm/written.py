"""JSON in what a model wrote: between words, in fences, in the envelope of a tool, after what it thought aloud."""

import json
import re
from typing import Any

from parsing import loose_json

MAX_TRIES = 50

FENCED = re.compile(r"```[\w+-]*\s*(.*?)```", re.DOTALL)
OPENING = re.compile(r"[{\[]")

#: Marks around what a model thinks, as models write them (2026-11).
THOUGHTS = re.compile(
    r"<(think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)>.*?</\1>|◁think▷.*?◁/think▷|\[THINK\].*?\[/THINK\]",
    re.DOTALL | re.IGNORECASE,
)
#: The end of thoughts that began in the prompt.
THOUGHT = re.compile(
    r"</(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)>|◁/think▷|\[/THINK\]", re.IGNORECASE
)
#: The last of the channels of a model that writes in several.
FINAL = re.compile(r"<\|channel\|>\s*final\b[^<]*<\|message\|>(.*)", re.DOTALL)


def values(text: str) -> list[Any]:
    """The values in a text, the likeliest answer first: the whole, the last ones that stand for themselves, then inner ones.

    >>> values('<think>{"n": 1}</think> So: {"n": 2, "of": {"m": 3}}')
    [{'n': 2, 'of': {'m': 3}}, {'m': 3}]
    >>> values('"{\\\\"n\\\\": 1}"')
    [{'n': 1}]
    """
    text = text.strip().removeprefix("\ufeff")
    if (whole := _whole(text)) is not None:
        return [whole] if isinstance(whole, dict) or not isinstance(whole, list) else [whole, *whole]
    plain = said(text)
    if plain != text and (whole := _whole(plain)) is not None:
        return [whole]
    fenced = [value for match in FENCED.finditer(plain) if (value := _whole(match[1].strip())) is not None]
    outer, inner = _among_words(plain)
    return [*reversed(fenced), *reversed(outer), *inner]


def said(text: str) -> str:
    """A text without what the model thought aloud.

    >>> said("I could say a.\\n</think>b"), said("<Think>a</Think> b"), said("a <b>")
    ('b', 'b', 'a <b>')
    """
    if final := FINAL.search(text):
        text = re.sub(r"<\|(?:end|return)\|>.*", "", final[1], flags=re.DOTALL)
    text = THOUGHTS.sub("", text)
    ends = [match.end() for match in THOUGHT.finditer(text)]
    return text[ends[-1] :].strip() if ends else text.strip()


def _whole(text: str) -> Any:
    """The value that a text is; None where it is none. A text that was packed as a text is unpacked."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        return _whole(value)
    return value


def _among_words(text: str) -> tuple[list[Any], list[Any]]:
    """The values that stand among words, and those that stand inside of one: of a tool, or of what could not be read whole."""
    outer, inner, end = list[Any](), list[Any](), 0
    for match, _ in zip(OPENING.finditer(text), range(MAX_TRIES), strict=False):
        try:
            value, stop = _read(text, match.start())
        except ValueError:
            continue
        if match.start() >= end:
            outer.append(value)
            end = stop
        else:
            inner.append(value)
    return outer, inner


def _read(text: str, at: int) -> tuple[Any, int]:
    """The value at a place, as JSON, else as people write it. Raises ValueError."""
    try:
        return _decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return loose_json.read(text, at)


def _refuse(name: str) -> Any:
    raise ValueError(name)


_decoder = json.JSONDecoder(parse_constant=_refuse)
