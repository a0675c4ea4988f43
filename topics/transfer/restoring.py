"""A backup restored: the whole of it is checked first, and only an empty store is filled, unless it is to be merged."""

import gzip
import hashlib
import itertools
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

import chunks
import queues
from errors import ArgumentError, WrongState
from state.engine import snapshot
from state.store import connection, dump_writing
from topics.transfer import backup_lines, kept
from topics.transfer.backups import Progress

#: Lines of one round trip, and bytes that they have together, about.
LINES, MOST_BYTES = 200, 4 << 20

#: Opens the backup from its beginning; it is read twice.
Source = Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: when the backup was made, its keys, and how many of them were there and stayed."""

    made_at: str
    keys: int
    there: int
    is_dry: bool


def run(source: Source, *, merge: bool = False, is_dry: bool = False, progress: Progress = lambda lines: None) -> Restored:
    """Restore a backup. With `merge` what is there stays, and what is missing is added.

    Raises ArgumentError where the backup is not whole or is none, WrongState where processes of this store run, or it is not
    empty. Where it is interrupted, run it again with `merge`.
    """
    with source() as file:
        made_at = check(file)
    with connection.errors_translated():
        if not is_dry:
            _refuse_running()
            _refuse_filled(merge)
        counted: Counter[bool] = Counter()
        with source() as file:
            for chunk in _pieces(_keys(file)):
                entries = [backup_lines.entry_of(text) for text in chunk]
                first = [entry.key for entry in entries if entry.part == 0]
                counted.update(dump_writing.there(first))
                if not is_dry:
                    dump_writing.write(entries, replace=not merge)
                progress(counted.total())
    return Restored(made_at, counted.total(), counted[True], is_dry)


def check(file: BinaryIO) -> str:
    """Read a backup to its end; returns when it was made. Raises ArgumentError where it is not whole."""
    try:
        made_at, digest, last = backup_lines.read_header(file.readline()), hashlib.sha256(), b""
        for text in file:
            digest.update(last)
            last = text
    except (EOFError, gzip.BadGzipFile, zlib.error):
        last = b""
    backup_lines.read_end(last, digest.hexdigest())
    return made_at


def _keys(file: BinaryIO) -> Iterator[bytes]:
    """The lines of keys: without the first and the last."""
    file.readline()
    for text, _ in itertools.pairwise(file):
        yield text


def _pieces(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines that are written together: not many, and not large."""
    for chunk in chunks.of(lines, LINES):
        piece: list[bytes] = []
        size = 0
        for text in chunk:
            if piece and size + len(text) > MOST_BYTES:
                yield piece
                piece, size = [], 0
            piece.append(text)
            size += len(text)
        yield piece


def _refuse_running() -> None:
    seen = snapshot.take(queues.QUEUES)
    if seen.scheduler_alive or seen.workers:
        raise WrongState("Workers or a scheduler of this store run: stop them first (`up`, `worker`, `scheduler`).")


def _refuse_filled(merge: bool) -> None:
    found = None if merge else kept.somebodys()
    if found is not None:
        raise WrongState(
            f"The store is not empty (it holds {found!r:.80}): restore into an empty one, "
            "or give --merge: what is here stays, and what is missing is added."
        )


def unreadable(problem: OSError, where: str) -> ArgumentError:
    """The error for a backup that cannot be read."""
    return ArgumentError(f"{where} cannot be read ({problem.strerror}): name another backup.")
