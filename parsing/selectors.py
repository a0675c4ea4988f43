"""Fields that a user picks from a page by selectors of their own.

"h1"                                            the text of the first match
"a.more @href", "a.more::attr(href)"            an attribute of it (the second form is Scrapy's and parsel's)
"h1::text"                                      the same as "h1"
{"css": "li", "all": true}                      the texts of all matches
{"css": "img", "attr": "src"}                   an attribute
{"css": "div.body", "html": true}               the markup of the match
{"css": ".card", "all": true, "fields": {"name": "h2", "url": "a @href"}}     objects, each read within its match
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

import errors
from parsing import css, hrefs, node_text

MAX_FIELDS = 50
MAX_DEPTH = 3
MAX_NAME_CHARS = 100
MAX_VALUES = 1_000
MAX_TEXT_CHARS = 20_000
MAX_HTML_CHARS = 200_000
MAX_CHARS = 2_000_000  # of all values of a page together
KEYS = ("css", "attr", "all", "html", "fields")
ATTRIBUTE = re.compile(r"(.*?)(?:\s*@([\w:.-]+)|::attr\(\s*([\w:.-]+)\s*\))", re.DOTALL)
TEXT = re.compile(r"(.*?)\s*::text", re.DOTALL)
ADDRESSES = frozenset({"href", "src", "action", "poster", "data-src", "cite", "formaction", "background"})

Fields = Mapping[str, Any]
Value = str | None | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pick:
    """One field, read: what to select and what to take of it."""

    css: str
    attr: str | None = None
    all: bool = False
    html: bool = False
    fields: dict[str, "Pick"] = field(default_factory=dict)


@dataclass(slots=True)
class _Room:
    """How many characters may still be given."""

    left: int = MAX_CHARS

    def cut(self, text: str, most: int) -> str:
        kept = text[: min(most, self.left)]
        self.left -= len(kept)
        return kept


def check(fields: Fields) -> None:
    """Raises DataError that names the first field that cannot be read. For use at submit, before any page is fetched."""
    _picks(fields)


def take(tree: LexborHTMLParser, fields: Fields, base: str | None = None) -> dict[str, Value]:
    """The values of the fields on a page. A field without a match is None; with `all` it is an empty list.

    Text has single blanks. With `base`, the page's address, addresses in attributes come out absolute. Bounded: `MAX_VALUES` a
    field, `MAX_CHARS` together. Raises DataError for a bad field, and for a selector that would take too long on this page.

    >>> page = LexborHTMLParser("<h1>A <b>b</b></h1><a href=/x>X</a><a href=/y>Y</a>")
    >>> take(page, {"title": "h1", "urls": {"css": "a", "attr": "href", "all": True}, "price": ".p"}, "https://example.com/")
    {'title': 'A b', 'urls': ['https://example.com/x', 'https://example.com/y'], 'price': None}
    """
    start = hrefs.base_of(tree, base) if base else None
    return _taken(tree, _picks(fields), start, _Room())


def _picks(fields: Fields, depth: int = 1) -> dict[str, Pick]:
    if not isinstance(fields, Mapping):
        raise errors.DataError(f"selectors are a mapping of names to selectors, not {type(fields).__name__}: {{'title': 'h1'}}")
    if depth > MAX_DEPTH:
        raise errors.DataError(f"fields inside fields go {MAX_DEPTH} deep at most: take some of them apart")
    picks = {name: _pick(name, spec, depth) for name, spec in fields.items()}
    if _count(picks) > MAX_FIELDS:
        raise errors.DataError(f"{_count(picks)} selectors are too many: give at most {MAX_FIELDS}")
    return picks


def _count(picks: Mapping[str, Pick]) -> int:
    return sum(1 + _count(pick.fields) for pick in picks.values())


def _pick(name: object, spec: object, depth: int) -> Pick:
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME_CHARS:
        raise errors.DataError(f"selector name {str(name)[:120]!r} is not taken: give a text of 1 to {MAX_NAME_CHARS} characters")
    try:
        return _read(spec, depth)
    except errors.DataError as error:
        raise errors.DataError(f"field {name!r}: {error}") from None


def _read(spec: object, depth: int) -> Pick:
    if isinstance(spec, str):
        return _short(spec)
    if not isinstance(spec, Mapping):
        raise errors.DataError(f"a selector is a text or an object, not {type(spec).__name__}: 'h1' or {{'css': 'h1'}}")
    if unknown := [str(key)[:50] for key in spec if key not in KEYS]:
        raise errors.DataError(f"{unknown[0]!r} is no key of a selector: give some of {', '.join(KEYS)}")
    written, attr, fields = spec.get("css"), spec.get("attr"), spec.get("fields")
    flags = [spec.get(key, False) for key in ("all", "html")]
    if not isinstance(written, str) or not all(isinstance(flag, bool) for flag in flags):
        raise errors.DataError("`css` is a text, `all` and `html` are true or false: {'css': 'li', 'all': true}")
    if attr is not None and (not isinstance(attr, str) or not re.fullmatch(r"[\w:.-]{1,100}", attr)):
        raise errors.DataError(f"attribute {str(attr)[:50]!r} is no name of an attribute: 'href'")
    pick = _short(written)
    if sum((bool(attr or pick.attr), flags[1], fields is not None)) > 1:
        raise errors.DataError("only one of `attr`, `html` and `fields` can be taken: make two fields of it")
    inner = {} if fields is None else _picks(fields, depth + 1)
    return Pick(pick.css, attr or pick.attr, flags[0], flags[1], inner)


def _short(text: str) -> Pick:
    text = text.strip()[: css.MAX_CHARS + MAX_NAME_CHARS]
    if match := ATTRIBUTE.fullmatch(text):
        pick = Pick(match[1].strip(), match[2] or match[3])
    elif match := TEXT.fullmatch(text):
        pick = Pick(match[1].strip())
    else:
        pick = Pick(text)
    css.parse(pick.css)
    return pick


def _taken(root: LexborHTMLParser | LexborNode, picks: Mapping[str, Pick], base: str | None, room: _Room) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, pick in picks.items():
        nodes = css.select(root, pick.css)[: MAX_VALUES if pick.all else 1]
        values = [_value(node, pick, base, room) for node in nodes if room.left > 0]
        if pick.all:
            found[name] = [value for value in values if value not in (None, "")]
        else:
            found[name] = values[0] if values else None
    return found


def _value(node: LexborNode, pick: Pick, base: str | None, room: _Room) -> Value:
    if pick.fields:
        return _taken(node, pick.fields, base, room)
    if pick.html:
        return room.cut(node.html or "", MAX_HTML_CHARS)
    if not pick.attr:
        return room.cut(node_text.of(node, MAX_TEXT_CHARS), MAX_TEXT_CHARS)
    value = node.attrs.get(pick.attr.lower())
    if value is None:
        return "" if pick.attr.lower() in node.attrs else None
    if base and pick.attr.lower() in ADDRESSES:
        value = hrefs.absolute(value.strip(), base) or value
    return room.cut(value.strip(), MAX_TEXT_CHARS)
