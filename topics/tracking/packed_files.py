"""Tables that come packed: a ZIP archive of Search Console, a workbook of Excel, a file of gzip. Each is unpacked into a spool.

Of several files or sheets the first one is taken whose first lines name a column that is looked for.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from errors import ArgumentError
from parsing import file_kinds, workbooks

ZIP, GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
MAX_BYTES = 200 << 20
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 14
HEAD_ROWS = 30
TABLES = (".csv", ".tsv", ".txt", ".tab", ".json", ".jsonl")

IsName = Callable[[str], bool]


def unpacked(path: Path, binary: IO[bytes], spool: IO[bytes], is_name: IsName) -> str | None:
    """Unpack a file into `spool`; returns what was taken of it, None where it is not packed or another kind of archive.

    Raises ArgumentError where it is broken, or holds no table.
    """
    binary.seek(0)
    start = binary.read(len(ZIP[0]))
    binary.seek(0)
    try:
        if start.startswith(GZIP):
            with gzip.open(binary) as file:
                _copy(path, file, spool)
            return "the file in it"
        return _of_zip(path, binary, spool, is_name) if start in ZIP else None
    except (*workbooks.BROKEN, zlib.error) as exc:
        binary.seek(0)
        says = file_kinds.refusal(binary.read(HEAD_BYTES)) or "is packed: unpack it first"
        raise ArgumentError(f"{path} {says}. It is broken or locked here: {exc!s:.80}") from None


def _of_zip(path: Path, binary: IO[bytes], spool: IO[bytes], is_name: IsName) -> str | None:
    with zipfile.ZipFile(binary) as archive:
        if workbooks.is_workbook(archive):
            return _of_workbook(path, archive, spool, is_name)
        names = [name for name in archive.namelist() if name.lower().endswith(TABLES) and not name.startswith("__MACOSX/")]
        if not names:
            return None
        chosen = next((name for name in names if _names_a_column(_head_of(archive, name), is_name)), names[0])
        with archive.open(chosen) as file:
            _copy(path, file, spool)
        return chosen


def _of_workbook(path: Path, archive: zipfile.ZipFile, spool: IO[bytes], is_name: IsName) -> str:
    sheets, known = workbooks.sheets(archive), workbooks.texts(archive)
    chosen = next((one for one in sheets if _has_name(workbooks.head(archive, one, known, HEAD_ROWS), is_name)), sheets[0])
    text = io.TextIOWrapper(spool, encoding="utf-8", newline="")
    csv.writer(text).writerows(_within(path, workbooks.rows(archive, chosen, known)))
    text.detach()
    return f"sheet {sheets.index(chosen) + 1}"


def _within(path: Path, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows, as long as they are not too much: a workbook may name one long text in each of its cells."""
    size = 0
    for row in rows:
        size += len(row) + sum(map(len, row))
        if size > MAX_BYTES:
            raise _too_large(path)
        yield row


def _too_large(path: Path) -> ArgumentError:
    return ArgumentError(f"{path} holds a file of more than {MAX_BYTES >> 20} MB: split it.")


def _head_of(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return file.read(HEAD_BYTES).decode("utf-8", "replace").replace("\0", "")


def _names_a_column(head: str, is_name: IsName) -> bool:
    return _has_name((line.replace(";", ",").replace("\t", ",").split(",") for line in head.splitlines()[:HEAD_ROWS]), is_name)


def _has_name(rows: Iterator[list[str]] | list[list[str]], is_name: IsName) -> bool:
    return any(is_name(cell.strip().strip('"')) for row in rows for cell in row if cell.strip())


def _copy(path: Path, file: IO[bytes] | gzip.GzipFile, spool: IO[bytes]) -> None:
    size = 0
    while chunk := file.read(CHUNK_BYTES):
        size += len(chunk)
        if size > MAX_BYTES:
            raise _too_large(path)
        spool.write(chunk)
