"""A report or an answer as a file: JSON, CSV with a line for each figure, or one HTML file."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from topics.analytics import page_file, texts
from topics.analytics.page_file import sections_of

#: A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

COLUMNS = ("section", "row", "id", "domain", "figure", "value", "query")

TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def texts_of(format_: str, told: Mapping[str, Any]) -> Iterator[str]:
    """What was made, as texts that follow each other."""
    return WRITERS[format_](told)


def _json(told: Mapping[str, Any]) -> Iterator[str]:
    yield json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _csv(told: Mapping[str, Any]) -> Iterator[str]:
    """With a mark of its encoding, so that Excel reads it."""
    line = io.StringIO(newline="")
    rows = csv.writer(line)
    line.write("\ufeff")
    rows.writerow(COLUMNS)
    for section in sections_of(told):
        for one in section["lines"]:
            for column in section["columns"]:
                if (found := one["figures"].get(column["key"])) is None:
                    continue
                cells = (section["title"], one["label"], one.get("id"), one.get("domain"), column["label"])
                rows.writerow([*map(_cell, cells), _value(found["value"]), _cell(found["query"])])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _value(value: Any) -> Any:
    return value if isinstance(value, int | float) else _cell(value)


def _cell(value: Any) -> str:
    text = "" if value is None else texts.plain(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text


WRITERS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {"json": _json, "csv": _csv, "html": page_file.texts_of}
