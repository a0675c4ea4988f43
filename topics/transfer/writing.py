"""An export written where somebody wants it: a file by its name, a folder of CSV, a stream."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from errors import ArgumentError
from topics.transfer import exporting, files, spreadsheets
from topics.transfer.exporting import Progress
from topics.transfer.kinds import Scope


def to_file(path: Path, scope: Scope, kinds: Sequence[str], progress: Progress, *, as_csv: bool = False) -> dict[str, int]:
    """Write an export; returns what it holds, by kind, of CSV by file. What breaks it leaves an older file as it was.

    Raises ArgumentError for a folder without `as_csv`, SystemFault where it cannot be written.
    """
    if path.suffix.lower() == ".zip":
        with files.written(path, is_packed=False) as file:
            return spreadsheets.zipped(file, scope, kinds, progress)
    if as_csv:
        if path.exists() and not path.is_dir():
            raise ArgumentError(f"{path} is no folder: CSV goes into a folder, or into a file whose name ends in .zip.")
        return spreadsheets.in_folder(path, scope, kinds, progress)
    if path.is_dir():
        raise ArgumentError(f"{path} is a folder: give --csv for tables in it, or name a file such as {path / 'trawl.jsonl.gz'}.")
    with files.written(path) as file:
        return to_stream(file, scope, kinds, progress)


def to_stream(
    file: BinaryIO, scope: Scope, kinds: Sequence[str], progress: Progress = lambda done, total: None
) -> dict[str, int]:
    """Write lines of JSON into a stream; returns what they hold, by kind."""
    counts: dict[str, int] = {}
    for text in exporting.lines(scope, kinds, progress):
        name = exporting.kind_of(text)
        counts[name] = counts.get(name, 0) + 1
        file.write(text)
    return {name: count for name, count in counts.items() if name not in (exporting.HEADER, exporting.END)}
