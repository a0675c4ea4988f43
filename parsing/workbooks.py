"""Workbooks of Excel (.xlsx) as rows of text. Bounded: a file may say that it is larger than any memory.

Of a cell its value is read, never a formula. A day is a number there, and stays one.
"""

import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from xml.etree import ElementTree

MAX_BYTES = 200 << 20  # of all parts, unpacked
MAX_ROWS, MAX_COLUMNS = 1_048_576, 2000  # as many rows as Excel has
MAX_HELD = 100_000  # elements of one row: Excel has 16,384 columns
MAX_TEXTS, MAX_CHARS = 5_000_000, 32_767  # texts of a workbook, and characters of one, as in Excel
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
    if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES >> 20} MB unpacked")
    targets = {node.get("Id"): node.get("Target") or "" for node in _nodes(archive, RELATIONS, "Relationship")}
    found = [targets.get(node.get(OFFICE)) for node in _nodes(archive, WORKBOOK, "sheet")]
    return list(dict.fromkeys(target.lstrip("/") if target.startswith("/") else f"xl/{target}" for target in found if target))


def texts(archive: zipfile.ZipFile) -> list[str]:
    """The texts that cells name by their number. Raises one of BROKEN."""
    nodes = _nodes(archive, TEXTS, "si") if TEXTS in archive.namelist() else iter(())
    found = [_text(node)[:MAX_CHARS] for node in islice(nodes, MAX_TEXTS + 1)]
    if len(found) > MAX_TEXTS:
        raise ValueError(f"it holds more than {MAX_TEXTS:,} texts")
    return found


def rows(archive: zipfile.ZipFile, sheet: str, known: list[str]) -> Iterator[list[str]]:
    """The rows of a sheet; `known` are the texts of the workbook. Raises one of BROKEN."""
    for number, row in enumerate(_nodes(archive, sheet, "row")):
        if number == MAX_ROWS:
            raise ValueError(f"{sheet} has more than {MAX_ROWS:,} rows")
        cells: list[str] = []
        for cell in row:
            at = _column(cell.get("r") or "", len(cells))
            if at < MAX_COLUMNS:
                cells.extend([""] * (at + 1 - len(cells)))
                cells[at] = _value(cell, known)
        yield cells


def _nodes(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[ElementTree.Element]:
    """The elements of a name in a part, each forgotten once it was looked at, and so is all around them."""
    above: list[ElementTree.Element] = []
    held = inside = 0
    with archive.open(part) as file:
        for event, node in ElementTree.iterparse(file, ("start", "end")):
            is_wanted = node.tag.rpartition("}")[2] == name
            if event == "start":
                above.append(node)
                held, inside = held + 1, inside + is_wanted
                if held > MAX_HELD:
                    raise ValueError(f"a {name} of {part} holds more than {MAX_HELD:,} elements")
                continue
            above.pop()
            inside -= is_wanted
            if is_wanted:
                yield node
            if above and not inside:
                above[-1].clear()
                held = len(above)


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
