"""Keyword lists in JSON as tables: answers of programming interfaces, exports of databases, one object a line or one for all.

Known are the Search Console API (`rows` with `keys`), its bulk export (one object a line), DataForSEO (`tasks`, `result`), and
any list of objects or texts. Which column holds what is decided by its name, as in a table of text.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

MAX_DEPTH = 9
MAX_COLUMNS = 2000  # a history may have one for each day
DEVICES = frozenset({"DESKTOP", "MOBILE", "TABLET"})
DATE = re.compile(r"\d{4}-\d\d-\d\d")
COUNTRY = re.compile(r"[a-z]{3}")
NAMES = frozenset(
    {"keyword", "query", "keys", "term", "kw", "search_term", "search_query", "keyphrase", "phrase"}
)  # of one keyword
LISTS = frozenset({"keywords", "queries", "terms", "search_terms", "suggestions", "kws"})

Row = dict[str, str]


def table(text: str) -> list[list[str]] | None:
    """The names of the columns, then the cells of each row; empty for JSON without keywords, None for a text that is no JSON.

    >>> table('{"rows": [{"keys": ["oak chair", "https://example.com/"], "clicks": 3}]}')
    [['query', 'page', 'clicks'], ['oak chair', 'https://example.com/', '3']]
    >>> table('["oak chair", "ash stool"]')
    [['keyword'], ['oak chair'], ['ash stool']]
    """
    data = loaded(text)
    if data is None:
        return None
    rows = _flat(_rows(data, MAX_DEPTH))
    names = list(dict.fromkeys(name for row in rows for name in row))[:MAX_COLUMNS]
    return [names, *([row.get(name, "") for name in names] for row in rows)] if names else []


def loaded(text: str) -> Any:
    """What a text of JSON holds, one object a line or one for all; None for a text that is no JSON."""
    try:
        return json.loads(text.lstrip("\ufeff"))
    except RecursionError:
        return None
    except ValueError:
        return _objects(text)


def _objects(text: str) -> list[Any] | None:
    """One object a line; None where a line is none. A last line may be cut off."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    found: list[Any] = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            if line is not lines[-1] or not found:
                return None
    return found


def _rows(data: Any, depth: int) -> list[Any]:
    """The rows of an answer: objects that have a keyword, in the order they stand; else texts under a name for keywords."""
    if not depth:
        return []
    if isinstance(data, list):
        parts = [_rows(part, depth - 1) for part in data if isinstance(part, dict | list)]
        return [row for part in parts for row in part] or [text for text in data if isinstance(text, str)]
    if not isinstance(data, dict):
        return []
    inner = [_rows(value, depth - 1) for value in data.values() if isinstance(value, dict) or _has_objects(value)]
    best = max(inner, key=len, default=[])
    if any(map(_is_keyword, data)) and len(best) < 2:
        return [data]
    return best or next((value for name, value in data.items() if name.lower() in LISTS and isinstance(value, list)), [])


def _has_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _is_keyword(name: str) -> bool:
    """Whether a name of an object is that of a keyword."""
    return name.lower() in NAMES


def _flat(rows: list[Any]) -> list[Row]:
    if rows and all(isinstance(row, str) for row in rows):
        return [{"keyword": row} for row in rows]
    return [dict(_cells(row)) for row in rows if isinstance(row, dict)]


def _cells(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if name == "keys" and isinstance(value, list):
            yield from _keys(value)
        elif isinstance(value, dict):
            yield from ((inner, _cell(one)) for inner, one in value.items() if inner not in row and _is_cell(one))
        elif _is_cell(value):
            yield name, _cell(value)


def _keys(values: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """What the dimensions of a row are: the answer names none, so each is told by its form. The first text is the query."""
    left = ["query"]
    for value in filter(None, map(str, values)):
        if value.startswith(("http://", "https://")):
            yield "page", value
        elif value in DEVICES:
            yield "device", value
        elif DATE.fullmatch(value):
            yield "date", value
        elif left:
            yield left.pop(), value
        elif COUNTRY.fullmatch(value):
            yield "country", value


def _is_cell(value: Any) -> bool:
    return isinstance(value, str | int | float) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _cell(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)
