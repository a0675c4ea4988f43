"""Records written as JSON, JSON lines, CSV or Markdown, one after the other: nothing holds them all."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol


class File(Protocol):
    """What is written to."""

    def write(self, text: str, /) -> object:
        """Write `text`."""


#: The columns of CSV; what a record holds besides stands in the last one as JSON.
COLUMNS = (
    "url",
    "final_url",
    "outcome",
    "status",
    "title",
    "author",
    "published",
    "language",
    "words",
    "depth",
    "fetched_at",
    "text",
)
REST = "more"

#: A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(file: File, format_: str, records: Iterable[dict[str, Any]]) -> int:
    """Write records; returns how many."""
    counted = _Counted(records)
    for text in texts(format_, counted):
        file.write(text)
    return counted.number


def texts(format_: str, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Records in a format, as texts that follow each other: one for each record, and what stands around them."""
    return WRITERS[format_](records)


class _Counted:
    """Records, and how many came by."""

    def __init__(self, records: Iterable[dict[str, Any]]) -> None:
        self._records, self.number = records, 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for record in self._records:
            self.number += 1
            yield record


def _jsonl(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    for record in records:
        yield _text(record) + "\n"


def _json(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    opening = "["
    for record in records:
        yield opening + _text(record)
        opening = ",\n"
    yield "[]\n" if opening == "[" else "]\n"


def _csv(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    line = io.StringIO(newline="")
    rows = csv.writer(line)
    rows.writerow([*COLUMNS, REST])
    for record in records:
        rest = {name: value for name, value in record.items() if name not in COLUMNS}
        rows.writerow([*(_cell(record.get(name)) for name in COLUMNS), _text(rest) if rest else ""])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _md(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    line = ""
    for record in records:
        address = record.get("final_url") or record.get("url") or ""
        title = " ".join(str(record.get("title") or address).split())
        body = record.get("markdown") or record.get("text") or record.get("error") or record.get("reason") or ""
        yield line + f"# {title}\n\n<{address}>\n\n{body}\n"
        line = "\n---\n\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


WRITERS: dict[str, Callable[[Iterable[dict[str, Any]]], Iterator[str]]] = {"json": _json, "jsonl": _jsonl, "csv": _csv, "md": _md}
