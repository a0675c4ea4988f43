"""Object storage: pages and results that are too big for Redis, under keys such as `domain/keyword/2026-11-22.json`.

`make` returns a store on Cloudflare R2 (or any S3) if its settings are set, else a folder. Both have the same keys, the same
order and the same errors. A missing object is no error: `get` returns None, `delete` ignores it.
"""

import errno
import functools
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, Protocol

import config
import errors
from clients import r2

TEMPORARY = ".trawl-tmp-"  # prefix of a file that is being written; no key may hold it
KEY_LIMIT_BYTES = 1024  # as in S3
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
CLASHING = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG)


class Store(Protocol):
    """Objects by key. Safe for any number of threads, and across a fork.

    All methods raise DataError for an invalid key, SystemFault or NetworkError if the store fails, ConfigError if a setting is
    wrong. Writing an object again is safe: the last write stands, whole.
    """

    def put(self, key: str, body: bytes, *, content_type: str, content_encoding: str | None = None) -> None:
        """Write an object, or replace it whole."""

    def get(self, key: str, most_bytes: int | None = None) -> bytes | None:
        """The object's bytes as written; None = no such object. Raises DataError for more than `most_bytes`."""

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects. Missing objects are ignored."""

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in the order of their UTF-8 bytes. An iterator: pages are read as needed."""

    def verify(self) -> None:
        """Write an object and remove it. So an error of `put` is raised before a page is bought."""

    def look(self) -> None:
        """The same without writing, if the store can tell."""

    def describe(self) -> str:
        """Where objects lie, for people."""


def make(settings: config.Settings) -> Store:
    """R2 or S3 if R2_BUCKET and the keys are set, `objects` below DATA_DIR if none is set. Raises ConfigError in between."""
    access = r2.access(settings)
    return r2.R2Store(access, check=checked) if access else LocalStore(settings.data_dir / "objects")


def hurried(settings: config.Settings) -> Store:
    """The same store for somebody who waits before a screen: where it does not answer within seconds, it fails. One a process."""
    access = r2.access(settings)
    return _hurried(access) if access else LocalStore(settings.data_dir / "objects")


@functools.lru_cache(maxsize=4)
def _hurried(access: r2.Access) -> r2.R2Store:
    return r2.R2Store(access, check=checked, hurried=True)


def checked(key: str) -> str:
    """The key, if every store takes it. Raises DataError: empty, absolute, `..`, backslash, NUL, empty parts, too long."""
    parts = key.split("/")
    wrong = (
        "\\" in key
        or "\0" in key
        or any(part in ("", ".", "..") or part.startswith(TEMPORARY) for part in parts)
        or len(key.encode("utf-8", "replace")) > KEY_LIMIT_BYTES
        or not _is_utf8(key)
    )
    if wrong:
        raise errors.DataError(f"{key[:100]!r} cannot be an object key: use parts joined by /, none of them empty, . or ..")
    return key


class LocalStore:
    """Objects as files below one folder. Content type and encoding are not kept."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, body: bytes, *, content_type: str, content_encoding: str | None = None) -> None:
        """Write to a temporary file in the same folder, then rename: a reader sees the old object or the new one, whole."""
        path = self._root / checked(key)
        temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
        with self._translated(key):
            try:
                _write(temporary, body)
                os.replace(temporary, path)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
            _sync_folder(path.parent)

    def get(self, key: str, most_bytes: int | None = None) -> bytes | None:
        """The file's bytes; None = no such file."""
        path = self._root / checked(key)
        with self._translated(key):
            try:
                with path.open("rb") as file:
                    body = file.read(-1 if most_bytes is None else most_bytes + 1)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
        return r2.bounded(key, body, most_bytes)

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        path = self._root / checked(key)
        with self._translated(key):
            return path.is_file()

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the files, and the folders they leave empty."""
        for key in keys:
            path = self._root / checked(key)
            with self._translated(key), suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
            for folder in path.relative_to(self._root).parents[:-1]:
                with suppress(OSError):  # not empty, or gone already
                    (self._root / folder).rmdir()

    def keys(self, prefix: str) -> Iterator[str]:
        """The files' paths below the root, in byte order. Temporary files are left out."""
        return self._below("", prefix)

    def verify(self) -> None:
        """Check that a file can be written."""
        probe = self._root / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
        with self._translated("/"):
            _write(probe, b"")
            probe.unlink()

    def look(self) -> None:
        """Nothing to check: a folder is made with its first object."""

    def describe(self) -> str:
        """`files below <folder>`."""
        return f"files below {self._root}"

    def _below(self, folder: str, prefix: str) -> Iterator[str]:
        with self._translated(folder or "/"), suppress(FileNotFoundError, NotADirectoryError):
            with os.scandir(self._root / folder) as entries:
                # a folder sorts as its name with the slash: "a-b" comes before "a/c", as in S3
                names = [entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "") for entry in entries]
            for name in sorted(filter(_is_utf8, names), key=lambda name: name.encode()):
                key = folder + name
                if key.startswith(prefix) or (name.endswith("/") and prefix.startswith(key)):
                    if name.endswith("/"):
                        yield from self._below(key, prefix)
                    elif not name.startswith(TEMPORARY):
                        yield key

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            problem = exc
        else:
            return
        self._fail(key, problem)

    def _fail(self, key: str, problem: OSError) -> NoReturn:
        if problem.errno in FULL:
            raise errors.SystemFault(f"No room below {self._root}: free some, or set DATA_DIR to a folder with more")
        if problem.errno in FORBIDDEN:
            raise errors.SystemFault(f"{self._root} refuses access: give it to our user, or set DATA_DIR to another folder")
        if problem.errno in CLASHING:
            raise errors.DataError(f"{key[:100]!r} cannot be a file below {self._root} ({problem.strerror})")
        raise errors.SystemFault(f"{self._root} failed ({problem.strerror}): check the disk, or set DATA_DIR to another folder")


def _write(path: Path, body: bytes) -> None:
    """Create `path` with its folders, written through to the disk."""
    for last_try in (False, False, True):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            break
        except FileNotFoundError:  # a delete removed the empty folder in between
            if last_try:
                raise
    with open(descriptor, "wb", buffering=0) as file:
        view = memoryview(body)
        while view:
            view = view[os.write(file.fileno(), view) :]
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Write a rename through to the disk, if the system can open a folder."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
