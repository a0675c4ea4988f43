"""An export as CSV files for spreadsheets, in a folder or in one zip. What can be imported again is JSONL."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, BinaryIO

from parsing import cells
from state.store import connection
from topics.transfer import files
from topics.transfer.exporting import Progress
from topics.transfer.kinds import Scope, told_in
from topics.transfer.merging import DAMAGED
from topics.transfer.tables import TABLES, Table

#: Rows of one file at most: a spreadsheet shows 1,048,576. More go on in `ranks-2.csv`.
MOST_ROWS = 1_000_000

#: Bytes that are written at a time, and records after which progress is told.
BLOCK, TELL = 1 << 16, 500

#: Without it Excel takes UTF-8 for its own code page.
MARK = b"\xef\xbb\xbf"

Open = Callable[[str], AbstractContextManager[IO[bytes]]]


def zipped(file: BinaryIO, scope: Scope, kinds: Sequence[str], progress: Progress) -> dict[str, int]:
    """Write a zip, also where nobody can seek; returns the rows of each file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def entry(name: str) -> IO[bytes]:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            return archive.open(info, "w", force_zip64=True)

        return _written(entry, scope, kinds, progress)


def in_folder(folder: Path, scope: Scope, kinds: Sequence[str], progress: Progress) -> dict[str, int]:
    """Write the files into a folder, which is made where it is not there; returns the rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = _written(lambda name: files.written(folder / name), scope, kinds, progress)
    for table in TABLES:  # further parts of an earlier export, which was larger
        for part in folder.glob(f"{table.name}-[0-9]*.csv"):
            if f"{table.name}.csv" in rows and part.name not in rows:
                part.unlink()
    return rows


def _written(open_: Open, scope: Scope, kinds: Sequence[str], progress: Progress) -> dict[str, int]:
    rows: dict[str, int] = {}
    told, done = {kind.name: kind for kind in told_in(scope, kinds)}, 0
    with connection.errors_translated():
        for table in (one for one in TABLES if one.kind in told):
            found = (record for record in told[table.kind].read(scope) if DAMAGED not in record)
            for number, part in enumerate(_parts(table, (row for record in found for row in table.rows(record))), 1):
                name = f"{table.name}.csv" if number == 1 else f"{table.name}-{number}.csv"
                with open_(name) as file:
                    rows[name] = _write(file, table, part)
                done += rows[name]
                progress(done, None)
    return rows


def _parts(table: Table, rows: Iterator[tuple[object, ...]]) -> Iterator[Iterator[tuple[object, ...]]]:
    """The rows in parts, each of as many as a file may have; the first part also where it is empty."""
    first: list[tuple[object, ...]] = []
    is_over = False

    def part() -> Iterator[tuple[object, ...]]:
        nonlocal is_over
        yield from first
        for _ in range(MOST_ROWS - len(first)):
            try:
                yield next(rows)
            except StopIteration:
                is_over = True
                return

    while True:
        yield part()
        if is_over or (row := next(rows, None)) is None:
            return
        first = [row]


def _write(file: IO[bytes], table: Table, rows: Iterator[tuple[object, ...]]) -> int:
    text, count = io.StringIO(newline=""), 0
    writer = csv.writer(text)
    file.write(MARK)
    writer.writerow(table.columns)
    for row in rows:
        writer.writerow([cells.guarded("" if cell is None else cell) for cell in row])
        count += 1
        if text.tell() >= BLOCK:
            _flush(text, file)
    _flush(text, file)
    return count


def _flush(text: io.StringIO, file: IO[bytes]) -> None:
    file.write(text.getvalue().encode(errors="replace"))
    text.seek(0)
    text.truncate()
