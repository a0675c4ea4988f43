"""Tables of pages, and each of them as a file: CSV or JSON, with all of its rows and not only those shown."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Response, request

from parsing import cells
from web import shapes
from web.errors import Problem
from web.pages import frame

#: Rows of one page, of the largest page, and of a file at most.
ROWS, MOST, MOST_IN_FILE = 50, 500, 1_000_000

Row = Mapping[str, Any]


class Column(NamedTuple):
    """A column: its key in a row, its head, and what it means where the head is not enough. `numeric`: set to the right."""

    key: str
    label: str
    help: str = ""
    numeric: bool = False


class Part(NamedTuple):
    """Some rows, and the cursor of the next ones; "" = there are none."""

    rows: Sequence[Row]
    cursor: str = ""


#: Reads so many rows from a cursor on. A file's later parts are read after the request: what depends on it is asked before.
Read = Callable[[int, str], Part]


@dataclass(frozen=True)
class Table:
    """A table of a page. `name`: word in addresses and file names. `empty`: what stands in place of no rows, with what to do.

    Its template writes the cells: `{% call(row) tables.table(found) %}<td>…</td>{% endcall %}`.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    cursor: str = ""
    empty: str = "Nothing to show."

    @property
    def next(self) -> str:
        """The address of the rows after these; "" = these are the last."""
        return frame.here(**{_of(self.name, "cursor"): self.cursor}) if self.cursor else ""

    @property
    def first(self) -> str:
        """The address of the first rows; "" = these are they."""
        return frame.here(**{_of(self.name, "cursor"): None}) if cursor(self.name) else ""

    def file(self, format: str) -> str:
        """The address of this table as a file."""
        return frame.here(**{_of(self.name, "cursor"): None, "table": self.name, "format": format})


def make(name: str, caption: str, columns: Sequence[Column], read: Read, empty: str = "Nothing to show.") -> Table:
    """The rows that the address asks for: `read(limit, cursor)` reads a part of them."""
    found = read(limit(), cursor(name))
    return Table(name, caption, columns, found.rows, found.cursor, empty)


def wanted_file(name: str, columns: Sequence[Column], read: Read) -> Response | None:
    """The table as the file that the address asks for (`?table=name&format=csv`), all its rows; None where it asks for a page.

    `&as_is=1`: for a program, which takes `'+49…` for no telephone number.
    """
    format = request.args.get("format")
    if format is None or request.args.get("table", name) != name:
        return None
    if format not in WRITERS:
        raise Problem(422, f"format is csv or json, not {format!r:.40}.")
    type_, write = WRITERS[format]
    names = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
    first = read(MOST, "")  # what is wrong is said before anything is sent
    rows = write([column.key for column in columns], _all(first, read), _plain if request.args.get("as_is") == "1" else _cell)
    return Response(rows, mimetype=type_, headers=names)


def all_at_once(rows: Sequence[Row]) -> Read:
    """A reader of rows that are there already."""
    return lambda limit, cursor: Part(rows)


def limit() -> int:
    """Rows of a page, as the address asks."""
    text = request.args.get("limit", "")
    return max(1, min(int(text), MOST)) if text.isascii() and text.isdigit() and len(text) < 6 else ROWS


def cursor(name: str) -> str:
    """Where the table goes on, as the address says."""
    return request.args.get(_of(name, "cursor"), "")


def _of(name: str, what: str) -> str:
    return f"{name}-{what}"


def _all(found: Part, read: Read) -> Iterator[Row]:
    """All rows, part by part; an error in the middle breaks the file off, so that nobody takes it for whole."""
    told = 0
    while True:
        yield from found.rows
        told += len(found.rows)
        if not found.cursor or told >= MOST_IN_FILE:
            return
        found = read(MOST, found.cursor)


def _csv(keys: Sequence[str], rows: Iterable[Row], cell: Callable[[Any], Any]) -> Iterator[str]:
    """With a mark of its encoding, so that Excel reads it; a text that a spreadsheet would run gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(keys)
    for row in rows:
        writer.writerow([cell(row.get(key)) for key in keys])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _cell(value: Any) -> Any:
    return cells.guarded(_plain(value))


def _plain(value: Any) -> Any:
    plain = cells.joined(shapes.plain(value))
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, (list, dict)) else plain


def _json(keys: Sequence[str], rows: Iterable[Row], _: object) -> Iterator[str]:
    yield "["
    for number, row in enumerate(rows):
        told = {key: shapes.plain(row.get(key)) for key in keys}
        yield ("," if number else "") + "\n" + json.dumps(told, ensure_ascii=False)
    yield "\n]\n"


WRITERS: dict[str, tuple[str, Callable[[Sequence[str], Iterable[Row], Callable[[Any], Any]], Iterator[str]]]] = {
    "csv": ("text/csv", _csv),
    "json": ("application/json", _json),
}
