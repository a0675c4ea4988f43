"""Files of exports and backups: written whole or not at all, packed where their name ends in .gz, read either way."""

import errno
import gzip
import io
import os
import sys
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import IO, BinaryIO, cast

from errors import ArgumentError, SystemFault

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MAGIC = b"\x1f\x8b"

#: Bytes of a file among which its first line must end.
FIRST = 1 << 16
LEVEL = 5


@contextmanager
def written(path: Path, *, is_packed: bool | None = None) -> Iterator[BinaryIO]:
    """A file to write to, for its owner only; what breaks the block leaves an older one as it was. Raises SystemFault.

    `is_packed`: None = where its name ends in .gz.
    """
    try:
        is_special = path.exists() and not path.is_file()  # a device or a pipe; /dev/stdout resolves to no path
        with _replaced(path if is_special else path.resolve()) as raw:
            if not (path.suffix.lower() == ".gz" if is_packed is None else is_packed):
                yield raw
                return
            with packing(raw) as packed:
                yield packed
    except OSError as exc:
        remedy = "free some disk space" if exc.errno in FULL else "name another file"
        raise SystemFault(f"{path} cannot be written ({exc.strerror}): {remedy}.") from exc


@contextmanager
def to_output() -> Iterator[BinaryIO]:
    """Standard output, to write to. Raises SystemFault."""
    try:
        yield sys.stdout.buffer
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise SystemFault(f"Standard output cannot be written ({exc.strerror}).") from exc


def packing(raw: BinaryIO) -> BinaryIO:
    """What is written here comes packed into `raw`; the same bytes give the same file."""
    return cast(BinaryIO, gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=LEVEL, mtime=0))


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not path.is_file():  # a device or a pipe: nothing to replace
        with path.open("wb") as file:
            yield file
        return
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read from, unpacked. Raises ArgumentError."""
    try:
        with path.open("rb") as raw:
            yield unpacked(raw)
    except OSError as exc:
        raise ArgumentError(f"{path} cannot be read ({exc.strerror}): name another file.") from exc


def spooled(path: Path | None) -> Callable[[], AbstractContextManager[BinaryIO]]:
    """What comes through a pipe, or None = through standard input, kept in a file without a name: to be read more than once."""
    spool: list[IO[bytes]] = []

    @contextmanager
    def reading() -> Iterator[BinaryIO]:
        if not spool:
            spool.append(_spool(path))
            weakref.finalize(reading, spool[0].close)
        spool[0].seek(0)
        yield unpacked(cast(BinaryIO, spool[0]))

    return reading


def _spool(path: Path | None) -> IO[bytes]:
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (whoever reads keeps it)
    try:
        with path.open("rb") if path else nullcontext(sys.stdin.buffer) as raw:
            copyfileobj(raw, spool)
    except OSError as exc:
        raise ArgumentError(f"{path or '-'} cannot be read ({exc.strerror}): name another file.") from exc
    return spool


def first_line(block: bytes) -> bytes:
    """The first line of a file that begins with this block, packed or not; b"" where it cannot be unpacked."""
    if block[:2] == MAGIC:
        try:
            block = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(block, FIRST)
        except zlib.error:
            return b""
    return block.partition(b"\n")[0]


def unpacked(raw: BinaryIO) -> BinaryIO:
    """What `raw` holds, unpacked where it is packed; it is read as it is asked for, also from a pipe."""
    buffered = raw if hasattr(raw, "peek") else io.BufferedReader(cast(io.RawIOBase, raw))
    is_packed = buffered.peek(2)[:2] == MAGIC
    return cast(BinaryIO, gzip.GzipFile(fileobj=buffered, mode="rb") if is_packed else buffered)
