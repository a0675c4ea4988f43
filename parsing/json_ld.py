"""JSON-LD as pages write it: with comments, trailing commas, line breaks in texts, several values, entities.

What a browser's `JSON.parse` refuses is mended where only one reading is possible. Results hold JSON only: no NaN, no lone
surrogates, bounded in depth, nodes and characters.
"""

import html
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

MAX_SCRIPTS = 200
MAX_SCRIPT_CHARS = 2_000_000
MAX_DEPTH = 40
MAX_NODES = 50_000
MAX_CHARS = 4_000_000
# What wraps a script for old readers: HTML comments and CDATA, both also within JavaScript comments.
OPENING = re.compile(r"(?:\s|<!--|//|/\*|\*/|<!\[CDATA\[|\ufeff)*")
BEGIN = re.compile(r"[\[{]")
CLOSING = re.compile(r"(?:-->|//|/\*|\*/|\]\]>|\]\]&gt;|[;,\s])+")
# A text (one that does not end takes the rest, so that nothing is looked at twice), or what does not belong between texts:
# comments, and commas before a bracket or another comma.
PIECE = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|/\*[^*]{0,2000}\*/|(?<![:\w])//[^\n"]*|,(?=\s*+[}\],])|(?<=[\[{])\s*+,', re.DOTALL)
ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|(.?))', re.DOTALL)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
# A quote inside a text: what stands before it begins no text, what follows it ends none.
INNER_QUOTE = re.compile(r'(?<=[^\s\[{,:\\])( *)"(?!\s*+[,:}\]])')
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Room:
    """What may still be read on one page."""

    nodes: int = MAX_NODES
    chars: int = MAX_CHARS


@dataclass(frozen=True, slots=True)
class Read:
    """The values of all scripts, lists taken apart, and what was wrong with which script."""

    values: list[Any] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def of(tree: LexborHTMLParser) -> Read:
    """The JSON-LD of a page, in page order.

    >>> of(LexborHTMLParser("<script type=application/ld+json>[{'a': 1,}] </script>".replace("'", '"')))
    Read(values=[{'a': 1}], problems=['JSON-LD 1: mended'])
    """
    read, room = Read(), Room()
    for number, node in enumerate(tree.css("script[type*='ld+json' i]")[:MAX_SCRIPTS], 1):
        text = node.text()
        if len(text) > MAX_SCRIPT_CHARS:
            read.problems.append(f"JSON-LD {number}: {len(text):,} characters are too many")
            continue
        values, problem = loads(text)
        if problem:
            read.problems.append(f"JSON-LD {number}: {problem}")
        for value in values:
            read.values.extend(one for one in _flat(bounded(value, room)) if one not in (None, "", {}, []))
    if min(room.nodes, room.chars) <= 0:
        read.problems.append("JSON-LD: too much of it, the rest is left out")
    return read


def loads(text: str) -> tuple[list[Any], str]:
    """The JSON values of a script, and what was wrong with it (`""`: nothing)."""
    text = OPENING.sub("", text, count=1) if text[:1] not in "{[" else text
    if not text.strip():
        return [], "empty"
    try:
        return [_decoder().decode(text.strip())], ""
    except (ValueError, RecursionError):
        pass
    mended = _mended(html.unescape(text) if '"' not in text else text)
    values, problem = _several(mended)
    if values or not problem.startswith("not read"):
        return values, problem
    values, other = _several(_mended(INNER_QUOTE.sub(r'\1\\"', text)))
    return (values, other) if values else ([], problem)


def _several(text: str) -> tuple[list[Any], str]:
    """The values that stand one after the other in a mended script, and what was wrong."""
    values: list[Any] = []
    place = begin.start() if (begin := BEGIN.search(text)) else 0
    try:
        while place < len(text) and len(values) < MAX_SCRIPTS:
            value, place = _decoder().raw_decode(text, place)
            values.append(value)
            place = rest.end() if (rest := CLOSING.match(text, place)) else place
    except RecursionError:
        return values, "too deep"
    except ValueError as error:
        return values, f"not read ({str(error)[:100]})"
    return values, "mended"


def bounded(value: Any, room: Room, depth: int = 0) -> Any:
    """A JSON value within `room`: entities in texts read, what is too deep or too much left out."""
    room.nodes -= 1
    if room.nodes < 0 or room.chars < 0 or depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        room.chars -= len(value)
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)[:200]): bounded(one, room, depth + 1) for key, one in value.items() if room.nodes > 0}
    if isinstance(value, list):
        return [bounded(one, room, depth + 1) for one in value if room.nodes > 0]
    return value


def clean(text: str) -> str:
    """A text without entities and lone surrogates. Pages escape a second time what JSON need not escape."""
    if "&" in text:
        text = ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return SURROGATE.sub("\ufffd", text) if not text.isascii() else text


def _flat(value: Any) -> list[Any]:
    """A list of lists as one list."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        else:
            found.append(one)
    return found


def _mended(text: str) -> str:
    for _ in range(2):  # a comma may stand before a comment that ends a list
        text = PIECE.sub(lambda piece: _text(piece[0]) if piece[0][0] == '"' else "", text)
    return text


def _text(quoted: str) -> str:
    r"""A quoted text with escapes that JSON knows: `\'` is `'`, another backslash is itself."""
    return ESCAPE.sub(_escape, quoted) if "\\" in quoted else quoted


def _escape(match: re.Match[str]) -> str:
    if match[1]:
        return match[0]
    return "'" if match[2] == "'" else "\\" + match[0]


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(strict=False, parse_float=_float, parse_int=_int, parse_constant=lambda name: None)


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _int(text: str) -> int | str:
    return int(text) if len(text) < 300 else text
