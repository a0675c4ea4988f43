"""Workbooks of Excel (.xlsx) as rows of text. Bounded: a file may say that it is larger than any memory.

Of a cell its value is read, never a formula. A day is a number there, and stays one.
"""

import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO
from xml.etree import ElementTree

MAX_BYTES = 200 << 20  # of one part, unpacked
MAX_COLUMNS = 2000
WORKBOOK, TEXTS = "xl/workbook.xml", "xl/sharedStrings.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LETTERS = re.compile(r"[A-Z]{1,3}")
WHOLE = re.compile(r"(-?\d+)\.0+")
BROKEN = (
    ElementTree.ParseError,
    zipfile.BadZipFile,
    LookupError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
)


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a ZIP archive is an .xlsx workbook."""
    return WORKBOOK in archive.namelist()


def sheets(archive: zipfile.ZipFile) -> list[str]:
    """The parts of its sheets, in the order they are shown. Raises one of BROKEN."""
    targets = {node.get("Id"): node.get("Target") or "" for node in _nodes(archive, RELATIONS, "Relationship")}
    found = [targets.get(node.get(OFFICE)) for node in _nodes(archive, WORKBOOK, "sheet")]
    return [target.lstrip("/") if target.startswith("/") else f"xl/{target}" for target in found if target]


def texts(archive: zipfile.ZipFile) -> list[str]:
    """The texts that cells name by their number. Raises one of BROKEN."""
    return [_text(node) for node in _nodes(archive, TEXTS, "si")] if TEXTS in archive.namelist() else []


def rows(archive: zipfile.ZipFile, sheet: str, known: list[str]) -> Iterator[list[str]]:
    """The rows of a sheet; `known` are the texts of the workbook. Raises one of BROKEN."""
    for row in _nodes(archive, sheet, "row"):
        cells: list[str] = []
        for cell in row:
            at = _column(cell.get("r") or "", len(cells))
            if at < MAX_COLUMNS:
                cells.extend([""] * (at + 1 - len(cells)))
                cells[at] = _value(cell, known)
        yield cells


def _nodes(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[ElementTree.Element]:
    """The elements of a name in a part, each forgotten once it was looked at."""
    if archive.getinfo(part).file_size > MAX_BYTES:
        raise ValueError(f"{part} is larger than {MAX_BYTES >> 20} MB")
    with archive.open(part) as file:
        for _, node in ElementTree.iterparse(_bounded(file)):
            if _local(node) == name:
                yield node
                node.clear()


def _bounded(file: IO[bytes]) -> IO[bytes]:
    """The part again, refused where it declares entities: a workbook has none, and they may grow without end."""
    head = file.peek(4096) if hasattr(file, "peek") else b""
    if b"<!" in head[:4096].replace(b"<!--", b""):
        raise ValueError("a workbook declares no entities")
    return file


def _local(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _text(node: ElementTree.Element) -> str:
    """All that an element says, but for how it is pronounced (`rPh`, in Japanese workbooks)."""
    if _local(node) == "rPh":
        return ""
    own = (node.text or "") if _local(node) == "t" else ""
    return own + "".join(map(_text, node))


def _value(cell: ElementTree.Element, known: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell)
    value = next((node.text or "" for node in cell if _local(node) == "v"), "")
    if kind == "s":
        return known[int(value)] if value else ""
    if kind == "e":
        return ""
    return WHOLE.sub(r"\1", value) if kind in (None, "n") and WHOLE.fullmatch(value) else value


def _column(reference: str, following: int) -> int:
    """The number of the column in `B7`, from 0; without a reference the next one."""
    letters = LETTERS.match(reference)
    if not letters:
        return following
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def head(archive: zipfile.ZipFile, sheet: str, known: list[str], count: int) -> list[list[str]]:
    """The first rows of a sheet. Raises one of BROKEN."""
    return list(islice(rows(archive, sheet, known), count))
