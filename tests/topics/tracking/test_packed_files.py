"""Keyword files that come packed: the archive of Search Console, workbooks of Excel, gzip."""

import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from errors import ArgumentError
from parsing import workbooks
from state.tracking import keywords
from topics.tracking import imports, packed_files, projects

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OTHERS = "<row r='1'><c r='A1' t='inlineStr'><is><t>Top pages</t></is></c></row>"
SHARED = ("Keyword", "Volume", "vélo cargo", "shop, near", "<si><t>")


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Imports these bytes into example.com."""
    projects.add("example.com")

    def read(data: bytes, name: str = "x.xlsx", **more: Any) -> imports.Imported:
        path = tmp_path / name
        path.write_bytes(data)
        return imports.import_csv(path, "example.com", reading=imports.Reading(**more))

    return read


def volumes() -> dict[str, int | None]:
    return {one.text: one.volume for one in keywords.in_project("example.com")}


def zipped(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def workbook(*sheets: str, texts: tuple[str, ...] = ()) -> bytes:
    """A workbook as Excel writes it; each sheet is its rows."""
    names = "".join(f"<sheet name='S{at}' sheetId='{at}' r:id='rId{at}'/>" for at in range(len(sheets)))
    links = "".join(f"<Relationship Id='rId{at}' Target='worksheets/sheet{at}.xml'/>" for at in range(len(sheets)))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f"<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
    }
    for at, rows in enumerate(sheets):
        parts[f"xl/worksheets/sheet{at}.xml"] = f"<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>"
    if texts:
        shown = "".join(f"<si><t>{text}</t><rPh><t>x</t></rPh></si>" for text in texts)
        parts["xl/sharedStrings.xml"] = f"<sst xmlns='{MAIN}'>{shown}</sst>"
    return zipped(parts)


ROWS = (
    "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='C1' t='s'><v>1</v></c></row>"
    "<row r='2'><c r='A2' t='s'><v>2</v></c><c r='C2'><v>1900.0</v></c></row>"
    "<row r='3'><c r='A3' t='inlineStr'><is><r><t>shop</t></r><r><t>, near</t></r></is></c><c r='C3' t='e'><v>#N/A</v></c></row>"
    "<row r='4'/>"
)


def test_a_workbook_is_read_as_it_comes(read: Any) -> None:
    result = read(workbook(ROWS, texts=SHARED[:3]))

    assert (result.added, result.bad) == (2, [])
    assert volumes() == {"vélo cargo": 1900, "shop, near": None}
    assert result.notes == ["Read sheet 1 of x.xlsx."]


def test_of_several_sheets_the_one_with_keywords_is_read(read: Any) -> None:
    result = read(workbook(OTHERS, ROWS, texts=SHARED[:3]))
    assert (set(volumes()), result.notes) == ({"vélo cargo", "shop, near"}, ["Read sheet 2 of x.xlsx."])


def test_cells_without_a_reference_follow_each_other(read: Any) -> None:
    rows = "<row><c t='inlineStr'><is><t>Query</t></is></c><c t='str'><v>Tags</v></c></row>"
    read(workbook(rows + "<row><c t='str'><v>oak</v></c><c t='str'><v>a, b</v></c></row>"))
    (oak,) = keywords.in_project("example.com")
    assert (oak.text, oak.tags) == ("oak", ("a", "b"))


@pytest.mark.parametrize("names", [("Pages.csv", "Queries.csv"), ("Seiten.csv", "Suchanfragen.csv")])
def test_the_archive_of_search_console_is_read_as_it_comes(read: Any, names: tuple[str, str]) -> None:
    column = "Top queries" if "Queries.csv" in names else "Häufigste Suchanfragen"
    parts: dict[str, str | bytes] = {
        names[0]: "Top pages,Clicks\nhttps://example.com/,3\n",
        names[1]: f"\ufeff{column},Clicks\nvélo cargo,3\n",
        "__MACOSX/._Queries.csv": b"\0\1",
        "Filters.csv": "Filter,Value\nSearch type,Web\n",
    }
    result = read(zipped(parts), "example.com-Performance.zip")

    assert set(volumes()) == {"vélo cargo"} and result.notes == [f"Read {names[1]} of example.com-Performance.zip."]


def test_gzip_is_unpacked(read: Any) -> None:
    read(gzip.compress("keyword;volume\nvélo cargo;5\n".encode("cp1252")), "x.csv.gz")
    assert volumes() == {"vélo cargo": 5}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (workbook(ROWS)[:-40], "is an .xlsx workbook"),
        (workbook("<row><c t='s'><v>7</v></c></row>", texts=("a",)), "broken"),
        (workbook(ROWS.replace("</row>", "")), "is an .xlsx workbook"),
        (zipped({"a.pdf": "x"}), "is a ZIP archive"),
        (zipped({"word/document.xml": "x"}), "is a .docx document"),
        (gzip.compress(b"keyword\noak\n" * 99)[:-20], "is a gzip archive"),
        (zipped({"a.csv": b"PK\x03\x04 another one"}), "is a ZIP archive"),
    ],
    ids=["cut workbook", "text that is none", "broken workbook", "no table", "document", "cut gzip", "archive in an archive"],
)
def test_what_cannot_be_unpacked_is_named(read: Any, data: bytes, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        read(data)
    assert not volumes()


def test_an_archive_that_grows_beyond_its_bound_is_refused(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_files, "MAX_BYTES", 1 << 10)
    for data in (gzip.compress(b"keyword\n" * 9999), zipped({"a.csv": b"keyword\n" * 9999})):
        with pytest.raises(ArgumentError, match="split it"):
            read(data)


def test_a_workbook_whose_entities_grow_without_end_is_refused(read: Any) -> None:
    grown = "".join(f"<!ENTITY a{at + 1} '{f'&a{at};' * 10}'>" for at in range(8))
    bomb = f"<?xml version='1.0'?>{' ' * 9000}<!DOCTYPE x [<!ENTITY a0 '{'x' * 100}'>{grown}]>"
    parts = {"xl/workbook.xml": f"{bomb}<workbook>&a8;</workbook>", "xl/_rels/workbook.xml.rels": "<Relationships/>"}
    with pytest.raises(ArgumentError, match="amplification"):
        read(zipped(dict(parts)))


def test_a_small_file_that_unpacks_to_much_takes_little_memory() -> None:
    rows = zipfile.ZipFile(io.BytesIO(workbook("<row/>" * 200_000)))
    tracemalloc.start()
    try:
        assert sum(1 for _ in workbooks.rows(rows, workbooks.sheets(rows)[0], [])) == 200_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000  # each element that stays takes 56 bytes at least
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("limit", "most", "data"),
    [
        ("MAX_HELD", 300, workbook("<row>" + "<c/>" * 300 + "</row>")),
        ("MAX_ROWS", 3, workbook("<row/>" * 4)),
        ("MAX_TEXTS", 3, workbook("<row/>", texts=("a", "b", "c", "d"))),
        ("MAX_BYTES", 900, workbook("<row/>" * 200)),
    ],
    ids=["cells of a row", "rows", "texts", "bytes"],
)
def test_a_workbook_that_is_too_large_is_named(
    read: Any, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, data: bytes
) -> None:
    monkeypatch.setattr(workbooks, limit, most)
    with pytest.raises(ArgumentError, match=r"save it as CSV.* (?:more|larger) than"):
        read(data)


def test_a_long_text_that_each_cell_names_fills_no_disk(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = "<c t='s'><v>0</v></c>" * 20
    monkeypatch.setattr(packed_files, "MAX_BYTES", 100_000)
    with pytest.raises(ArgumentError, match="split it"):
        read(workbook(f"<row>{cells}</row>" * 20, texts=("x" * 1000,)))

