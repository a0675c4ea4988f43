"""Keyword files as text: opened from disk or from a pipe, whatever they are encoded in, and read line by line."""

import codecs
import csv
import io
import itertools
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from typing import IO, NamedTuple

from errors import ArgumentError
from parsing import code_pages, column_names, company_json, company_tables, file_kinds, keyword_json
from parsing.records import LINE_CHARS
from topics.tracking import packed_files

HEAD_BYTES = 1 << 16
HEAD_LINES = 10  # in which JSON shows what it is
CHUNK_BYTES = 1 << 20
MAX_JSON_BYTES = 100 << 20  # is read whole


class JsonForm(NamedTuple):
    """How a list in JSON is read as a table, and what is said of one that holds none."""

    table: Callable[[str], list[list[str]] | None]
    lacks: str
    is_name: Callable[[str], bool]  # whether a text is the name of a column that is looked for


def _is_of_keywords(text: str) -> bool:
    return (column_names.field_of(text) or (0, ""))[1] == "keyword"


KEYWORDS = JsonForm(
    keyword_json.table, "keywords: it has no list of texts, and no object with a keyword or query", _is_of_keywords
)
COMPANIES = JsonForm(company_json.table, "companies: it has no object with a name or a website", company_tables.is_name)


@dataclass(slots=True)
class KeywordFile:
    """A text that can be read several times. `notice` says which code page was guessed; None where nothing was."""

    codec: str
    notice: str | None
    _binary: IO[bytes]

    def lines(self) -> Iterator[str]:
        """Its lines from the first, with their ends. Of a line longer than a record may be, only the beginning comes."""
        self._binary.seek(0)
        text = io.TextIOWrapper(self._binary, encoding=self.codec, errors="replace", newline="")
        try:
            while line := text.readline(LINE_CHARS + 2):
                yield line
                while len(line) == LINE_CHARS + 2 and not line.endswith(("\n", "\r")):
                    line = text.readline(LINE_CHARS + 2)
        finally:
            text.detach()

    def text(self, path: Path, most_bytes: int) -> str:
        """All of it. Raises ArgumentError for more bytes."""
        self._binary.seek(0)
        whole = self._binary.read(most_bytes + 1)
        if len(whole) > most_bytes:
            raise ArgumentError(f"{path} is JSON of more than {most_bytes >> 20} MB: split it, or export the list as CSV.")
        return whole.decode(self.codec, "replace")


@contextmanager
def opened(
    path: Path, encoding: str | None = None, language: str | None = None, form: JsonForm = KEYWORDS
) -> Iterator[KeywordFile]:
    """The text of a file; `-` = standard input. `encoding` says what it is in; `language` helps to guess a code page.

    `form` is what JSON is read as.

    Raises ArgumentError for what cannot be read or is no text; it says what it is.
    """
    try:
        source = sys.stdin.buffer if str(path) == "-" else path.open("rb")
        with source, tempfile.TemporaryFile() as spool, tempfile.TemporaryFile() as inner:
            binary: IO[bytes] = source
            if not source.seekable():  # a pipe can be read once, and we read three times
                copyfileobj(source, spool)
                binary = spool
            taken = packed_files.unpacked(path, binary, inner, form.is_name)
            if taken is None:
                yield _table_of(path, _guessed(path, binary, encoding, language), spool, form)
                return
            file = _guessed(path, inner, encoding, language)
            file.notice = " ".join(filter(None, (f"Read {taken} of {path.name}.", file.notice)))
            spool.seek(0)
            spool.truncate()
            yield _table_of(path, file, spool, form)
    except OSError as exc:
        raise ArgumentError(f"{path} cannot be read: {exc.strerror}.") from None


def _table_of(path: Path, file: KeywordFile, spool: IO[bytes], form: JsonForm) -> KeywordFile:
    """A file of JSON as a table of text, in `spool`; another file as it is."""
    if not file_kinds.is_json("".join(itertools.islice(file.lines(), HEAD_LINES))):
        return file
    rows = form.table(file.text(path, MAX_JSON_BYTES))
    if rows is None:
        return file
    if not rows:
        raise ArgumentError(f"{path} is JSON without {form.lacks}.")
    spool.seek(0)
    spool.truncate()
    text = io.TextIOWrapper(spool, encoding="utf-8", newline="")
    csv.writer(text).writerows(rows)
    text.detach()
    return KeywordFile("utf-8", file.notice, spool)


def _guessed(path: Path, binary: IO[bytes], encoding: str | None, language: str | None) -> KeywordFile:
    binary.seek(0)
    head = binary.read(HEAD_BYTES)
    reason = file_kinds.refusal(head)
    if reason:
        raise ArgumentError(f"{path} {reason}.")
    if encoding:
        return KeywordFile(_known(encoding), None, binary)
    codec = file_kinds.unicode_form(head)
    if codec == "binary":
        raise ArgumentError(f"{path} is no text: export the list as CSV.")
    if codec:
        return KeywordFile(codec, None, binary)
    sample = _not_utf_8(binary)
    if sample is None:
        return KeywordFile("utf-8", None, binary)
    page = code_pages.by_names(head, _is_name) or code_pages.guess(sample, language)
    if page:
        return KeywordFile(page.codec, f"Read as {page.words} ({page.codec}); --encoding names another code page.", binary)
    notice = "It is no UTF-8 text, and its letters do not say in which code page they are: name it, e.g. --encoding cp1252."
    return KeywordFile("utf-8", notice, binary)


def _is_name(text: str) -> bool:
    """Whether a text is the name of a column in a list of keywords or of companies."""
    return bool(column_names.field_of(text) or company_tables.is_name(text))


def _known(encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
    except LookupError:
        raise ArgumentError(f"--encoding {encoding!r} is none that is known: e.g. utf-8, utf-16, cp1252, shift_jis.") from None
    if not codec._is_text_encoding or not _reads_broken_text(codec):
        raise ArgumentError(f"--encoding {encoding!r} is no encoding of a text: e.g. utf-8, utf-16, cp1252, shift_jis.")
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


def _reads_broken_text(codec: codecs.CodecInfo) -> bool:
    """Whether it can go on behind what it cannot read: `idna` cannot, and is for names of hosts."""
    if codec.incrementaldecoder is None:
        return False
    try:
        codec.incrementaldecoder("replace").decode(b"a")
    except UnicodeError:
        return False
    return True


def _not_utf_8(binary: IO[bytes]) -> bytes | None:
    """None for a text in UTF-8, a broken line or two included; else a part of it that is none."""
    binary.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    right = 0
    while chunk := binary.read(CHUNK_BYTES):
        chunk += binary.readline(CHUNK_BYTES)  # to the end of the line, so that the sample has whole ones
        try:
            decoder.decode(chunk)
            right += not chunk.isascii()
        except UnicodeDecodeError:
            decoder.reset()
            text = chunk.decode("utf-8", "replace")
            wrong = text.count("\ufffd")
            if not right and wrong >= len(re.findall(r"[^\x00-\x7f\ufffd]", text)):
                return chunk
    return None
