"""The kind of a file by its first bytes: a text in some Unicode form, or a file that is no list of keywords."""

import codecs
import re

#: First bytes → (the kind, the remedy). A longer one stands before its own beginning.
MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xfe\x00\x00", "a UTF-32 text", "save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "a UTF-32 text", "save it as UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an .xls workbook", "open it and save it as CSV UTF-8"),
    (b"%PDF", "a PDF", "export it as CSV"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x89PNG", "a PNG picture", "export the list as CSV"),
    (b"GIF8", "a GIF picture", "export the list as CSV"),
    (b"\xff\xd8\xff", "a JPEG picture", "export the list as CSV"),
    (b"SQLite format", "an SQLite data base", "export the list as CSV"),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
)

#: First bytes → the content type of a file that servers send as a web page, or as nothing.
NO_PAGES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)

#: Names of parts in a ZIP → the kind of file.
ZIPPED = (
    (b"xl/", "an .xlsx workbook"),
    (b"opendocument.spreadsheet", "an .ods workbook"),
    (b"Index/Document.iwa", "a Numbers workbook"),
    (b"word/", "a .docx document"),
)

MARKUP = re.compile(rb"\s*<(?:!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml|\s*<(?:workbook|svg|rss)\b", re.IGNORECASE)
JSON = re.compile(r'\ufeff?\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$))')

TEXT = frozenset(b"\t\n\r" + bytes(range(32, 127)))


def refusal(head: bytes) -> str | None:
    """Why a file with these first bytes is no list of keywords, with the remedy; None = it may be one."""
    for magic, kind, remedy in MAGIC:
        if head.startswith(magic):
            return f"is {kind}: {remedy}"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        kind = next((name for mark, name in ZIPPED if mark in head), "")
        return f"is {kind}: open it and save it as CSV UTF-8" if kind else "is a ZIP archive: unpack it first"
    start = head.removeprefix(codecs.BOM_UTF8)[:4096]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = head[2:4098].replace(b"\0", b"")
    if MARKUP.match(start):
        return "is an HTML page: export the list as CSV"
    if XML.match(start):
        return "is an XML file: open it and save it as CSV UTF-8"
    return None


def is_json(text: str) -> bool:
    """Whether a text begins as JSON does; a keyword may begin with a bracket, too."""
    return JSON.match(text) is not None


def of_no_page(head: bytes) -> str | None:
    """The content type of what is no web page, whatever its server calls it; None = it may be one.

    >>> of_no_page(b"%PDF-1.7"), of_no_page(b"<html>")
    ('application/pdf', None)
    """
    return next((kind for magic, kind in NO_PAGES if head.startswith(magic)), None)


def unicode_form(head: bytes) -> str | None:
    """The codec of a text with a mark or with the zeros of UTF-16. `binary` = no text. None = undecided."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" not in head:
        return "binary" if _is_binary(head) else None
    little = sum(low in TEXT and not high for low, high in zip(head[::2], head[1::2], strict=False))
    big = sum(low in TEXT and not high for high, low in zip(head[::2], head[1::2], strict=False))
    codec, plain = ("utf-16-le", little) if little >= big else ("utf-16-be", big)
    if plain < max(2, len(head) // 40):
        return "binary"
    try:
        head[: len(head) // 2 * 2].decode(codec)
    except UnicodeDecodeError as exc:
        return codec if exc.start >= len(head) - 4 else "binary"
    return codec


def _is_binary(head: bytes) -> bool:
    control = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1c\x1d\x1e\x1f" for byte in head)
    return control > len(head) // 50
