"""An import: each line is checked and merged; one that cannot be taken is refused by its number, and the others go on.

Safe to repeat: what an interrupted import has done is unchanged the next time. Nothing holds more than some hundred lines.
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

from pydantic import BaseModel, ValidationError

from state.store import connection
from topics.transfer import headers
from topics.transfer.exporting import END, HEADER, VERSION
from topics.transfer.import_report import Report
from topics.transfer.kinds import KINDS, Kind
from topics.transfer.merging import DAMAGED, Merging, Outcome, Word, refused

#: Lines of one kind that are put together.
CHUNK = 200

#: Longest line (bytes).
LONGEST = 16 << 20

BEGIN = re.compile(rb'\{"kind":"([a-z_-]{1,40})"[,}]')

Progress = Callable[[int], object]


class _Lines(NamedTuple):
    """Lines of one kind that follow each other, with their numbers."""

    kind: Kind
    numbers: list[int]
    found: list[BaseModel]


def run(file: BinaryIO, merging: Merging, progress: Progress = lambda lines: None) -> Report:
    """Import what a file holds; `progress` gets how many lines were read.

    Raises ArgumentError where it is no export, or one of a newer version.
    """
    report, digest = Report(is_dry=merging.is_dry), hashlib.sha256()
    numbered = enumerate(_read(file), 1)
    check_header(next(numbered, (0, b""))[1])
    with connection.errors_translated():
        waiting: _Lines | None = None
        for number, text in numbered:
            report.lines = number
            found = _parsed(number, text, merging, report, digest)
            if waiting and (not found or found[0] is not waiting.kind or len(waiting.found) >= CHUNK):
                _put(waiting, merging, report)
                waiting = None
            if found:
                waiting = waiting or _Lines(found[0], [], [])
                waiting.numbers.append(number)
                waiting.found.append(found[1])
            if number % CHUNK == 0:
                progress(number)
        if waiting:
            _put(waiting, merging, report)
    progress(report.lines)
    return report


def _put(lines: _Lines, merging: Merging, report: Report) -> None:
    for number, outcome in zip(lines.numbers, lines.kind.put(lines.found, merging), strict=True):
        report.add(number, lines.kind.name, outcome)


def _parsed(number: int, text: bytes, merging: Merging, report: Report, digest: Any) -> tuple[Kind, BaseModel] | None:
    """The kind of a line and what it says; None for one that is refused, empty, or the end."""
    if not text.strip():
        return None
    try:
        if len(text) > LONGEST:
            raise ValueError(f"it has more than {LONGEST >> 20} MiB")
        name = _kind_of(text)
        if name == END:
            _end(text, report, digest)
            return None
        digest.update(text)
        if name == DAMAGED:
            report.add(number, name, _damaged(_object(text)))
            return None
        if (kind := KINDS.get(name)) is None:
            raise ValueError(f"there is no kind {name!r:.40}: this version knows {', '.join(KINDS)}")
        if kind.needs_admin and not merging.is_admin:
            raise ValueError(f"a {name} needs the role admin: ask somebody who has it to import this line")
        return kind, kind.shape.model_validate_json(text)
    except ValidationError as exc:
        report.add(number, _kind_of(text), refused(_first(exc)))
    except ValueError as exc:
        report.add(number, "?", refused(str(exc)))
    return None


def _damaged(told: dict[str, Any]) -> Outcome:
    """What is said of a line that the export could not tell."""
    what = f"{told.get('of', '')!s:.40} {told.get('id', '')!s:.80}"
    return Outcome(Word.KEPT, f"{what} was damaged where it comes from, and is not in this file: `doctor` there says more")


def _kind_of(text: bytes) -> str:
    """What a line says it is. Raises ValueError where it is no JSON object with a kind.

    A line that begins as an export writes it is not read to its end here: its shape does that.
    """
    if (begin := BEGIN.match(text)) and b"NaN" not in text and b"Infinity" not in text:
        return begin[1].decode()
    kind = _object(text).get("kind")
    if not isinstance(kind, str):
        raise ValueError("it is no JSON object with a `kind`: leave each line as it was exported")
    return kind


def _object(text: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises ValueError."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as exc:
        raise ValueError(f"it is no JSON ({str(exc)[:100]}): leave each line as it was exported") from None
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object: leave each line as it was exported")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _first(exc: ValidationError) -> str:
    one = exc.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, one["loc"])) or "the line"
    if one["type"] == "json_invalid":
        return f"it is no JSON ({one['msg'][:100]}): leave each line as it was exported"
    if one["type"] == "extra_forbidden":
        return f"`{where}` is not known to this version: take it out, or import with the version that exported it"
    return f"`{where}` cannot be taken: {one['msg'][:200]}"


def _end(text: bytes, report: Report, digest: Any) -> None:
    """Take the last line. Raises ValueError where that is cut off itself."""
    told = _object(text)
    report.is_cut_off = False
    report.is_changed = told.get("sha256") != digest.hexdigest()


def check_header(text: bytes) -> None:
    """Raise ArgumentError unless this is the first line of an export that this version can read."""
    headers.check(text, HEADER, VERSION, "CSV of keywords is for `keyword import`, a backup for `restore`.")


def _read(file: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long only the beginning, as long as it takes to see that."""
    is_first = True
    while text := _line(file):
        rest = text
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = _line(file)
        yield text.removeprefix(headers.MARK) if is_first else text
        is_first = False


def _line(file: BinaryIO) -> bytes:
    """The next line, or a part of a long one; b"" at the end, also where a packed file breaks off or is damaged."""
    try:
        return file.readline(LONGEST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b""
