"""JSON as people and language models write it: comments, commas too many, other quotes, line breaks in texts, Python's words.

What is left open at the end is none: half an answer is no answer.
"""

import re
from typing import Any

MAX_DEPTH = 100

BLANK = re.compile(r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
NAME = re.compile(r"[^\W\d][\w$-]*")
WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None, "undefined": None}
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "`": "`"}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
HEX = re.compile(r"[0-9a-fA-F]{4}")


def read(text: str, at: int = 0) -> tuple[Any, int]:
    """The object or list that begins at a place, and where it ends. Raises ValueError where there is none.

    >>> read("{title: 'Ada', tags: ['a', “b”,], n: None, /* no */ ok: True} and so on")
    ({'title': 'Ada', 'tags': ['a', 'b'], 'n': None, 'ok': True}, 61)
    """
    if text[at : at + 1] not in ("{", "["):
        raise ValueError("it begins with neither { nor [")
    return _value(text, at, 0)


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    first = text[at : at + 1]
    if first == "{":
        return _object(text, at + 1, depth + 1)
    if first == "[":
        return _list(text, at + 1, depth + 1)
    if first in QUOTES:
        return _text(text, at)
    if number := NUMBER.match(text, at):
        return (float(number[0]) if re.search(r"[.eE]", number[0]) else int(number[0])), number.end()
    if (word := NAME.match(text, at)) and word[0] in WORDS:
        return WORDS[word[0]], word.end()
    raise ValueError(f"no value at {at}")


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while (at := _after_blank(text, at)) < len(text) and text[at] != "}":
        if text[at] in QUOTES:
            name, at = _text(text, at)
        elif word := NAME.match(text, at):
            name, at = word[0], word.end()
        else:
            raise ValueError(f"no name at {at}")
        at = _after_blank(text, at)
        if text[at : at + 1] != ":":
            raise ValueError(f"no colon at {at}")
        found[name], at = _value(text, _after_blank(text, at + 1), depth)
        at = _after_comma(text, at, "}")
    return found, _closed(text, at)


def _list(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while (at := _after_blank(text, at)) < len(text) and text[at] != "]":
        value, at = _value(text, at, depth)
        found.append(value)
        at = _after_comma(text, at, "]")
    return found, _closed(text, at)


def _text(text: str, at: int) -> tuple[str, int]:
    end, parts = QUOTES[text[at]], list[str]()
    stop = re.compile(rf"[{re.escape(end)}\\]")
    begin = at + 1
    while match := stop.search(text, begin):
        parts.append(text[begin : match.start()])
        if match[0] == end:
            return "".join(parts), match.end()
        told = text[match.end() : match.end() + 1]
        if told == "u" and (code := HEX.match(text, match.end() + 1)):
            parts.append(chr(int(code[0], 16)))
            begin = code.end()
        else:
            parts.append(ESCAPES.get(told, told))
            begin = match.end() + 1
    raise ValueError("a text is left open")


def _after_blank(text: str, at: int) -> int:
    match = BLANK.match(text, at)
    return match.end() if match else at


def _after_comma(text: str, at: int, end: str) -> int:
    at = _after_blank(text, at)
    if text[at : at + 1] == ",":
        return at + 1
    if text[at : at + 1] != end:
        raise ValueError(f"no comma at {at}")
    return at


def _closed(text: str, at: int) -> int:
    if at >= len(text):
        raise ValueError("it is left open")
    return at + 1
