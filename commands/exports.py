"""Where an export goes: standard output, or a file that appears whole or not at all."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, cast

import errors
from commands import output

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def opened(path: Path | None, *, marked: bool | None = None) -> Iterator[TextIO]:
    """A text file to write to; None or `-` = standard output. What breaks the block leaves an existing file as it was.

    `marked`: it begins with a byte order mark, without which Excel takes UTF-8 for its own code page; None = where its name ends
    in .csv. Standard output, pipes and devices have none. Raises SystemFault where it cannot be written.
    """
    if path is None or str(path) == "-":
        yield cast(TextIO, _Screen()) if output.is_terminal(sys.stdout) else sys.stdout
        return
    try:
        mark = path.suffix.lower() == ".csv" if marked is None else marked
        with _written(path.resolve(), "utf-8-sig" if mark else "utf-8") as file:
            yield file
    except OSError as exc:
        remedy = "free some disk space" if exc.errno in FULL else "name another file"
        problem = f"{path} cannot be written ({exc.strerror}): {remedy}."
        raise errors.SystemFault(problem) from exc


@contextmanager
def _written(path: Path, encoding: str) -> Iterator[TextIO]:
    if path.exists() and not path.is_file():  # a device or a pipe: nothing to replace
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    try:
        with temporary.open("x", encoding=encoding, newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


class _Screen:
    """Standard output where it is a terminal: control characters of titles are shown, not sent."""

    def write(self, text: str) -> int:
        """Write `text`; its own line ends stay."""
        lines = text.replace("\r\n", "\n").split("\n")
        return sys.stdout.write("\n".join(output.escape(line) for line in lines))
