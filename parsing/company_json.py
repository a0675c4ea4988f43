"""Lists of companies in JSON as tables: exports of map scrapers and CRMs, answers of their interfaces, one object a line."""

from collections.abc import Iterator
from typing import Any

from parsing import company_tables, keyword_json


def table(text: str) -> list[list[str]] | None:
    """The names of the columns, then the cells of each row; empty for JSON without companies, None for a text that is no JSON.

    >>> table('{"data": [{"title": "Acme", "website": "acme.example", "location": {"city": "Ulm"}, "emails": ["a@x", "b@x"]}]}')
    [['title', 'website', 'city', 'emails'], ['Acme', 'acme.example', 'Ulm', 'a@x; b@x']]
    """
    data = keyword_json.loaded(text)
    if data is None:
        return None
    rows = [dict(_cells(row)) for row in _rows(data, keyword_json.MAX_DEPTH)]
    names = list(dict.fromkeys(name for row in rows for name in row))[: keyword_json.MAX_COLUMNS]
    return [names, *([row.get(name, "") for name in names] for row in rows)] if names else []


def _rows(data: Any, depth: int) -> list[dict[str, Any]]:
    """The objects that name a company or a site: those of a list together, else of the longest list below."""
    if not depth:
        return []
    if isinstance(data, list):
        return [row for one in data for row in ([one] if _is_company(one) else _rows(one, depth - 1))]
    if not isinstance(data, dict):
        return []
    best = max((_rows(value, depth - 1) for value in data.values()), key=len, default=[])
    return best or ([data] if _is_company(data) else [])


def _is_company(data: Any) -> bool:
    return isinstance(data, dict) and any(
        company_tables.is_name_or_site(name) and isinstance(value, str) for name, value in data.items()
    )


def _cells(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((inner, _cell(one)) for inner, one in value.items() if inner not in row)
        else:
            yield name, _cell(value)


def _cell(value: Any) -> str:
    """A text or number as it is, several of them side by side, and nothing of what holds more."""
    if isinstance(value, list):
        return "; ".join(filter(None, (_cell(one) for one in value if not isinstance(one, list))))
    if value is None or isinstance(value, dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
