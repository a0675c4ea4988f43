"""Files of companies that came over the network: imported at once, or kept in object storage for a job."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import config
from clients import storage
from errors import ArgumentError, DataError
from topics.leads import imports

#: A file of more bytes is a job's work: 64 KiB have some 300 lines, and are read in less than a second.
AT_ONCE_BYTES = 64 << 10


def import_kept(
    key: str, name: str, owner: str, tags: Sequence[str], encoding: str | None, progress: Callable[[int], object]
) -> dict[str, Any]:
    """Import a file that `topics.tracking.uploads` keeps, as `import_body`. Raises DataError where it is gone."""
    body = storage.make(config.settings()).get(key)
    if body is None:
        raise DataError(f"The file {name!r:.80} is no longer kept: send it again.")
    return import_body(body, name, owner, tags, encoding, progress)


def import_body(
    body: bytes,
    name: str,
    owner: str,
    tags: Sequence[str] = (),
    encoding: str | None = None,
    progress: Callable[[int], object] = lambda lines: None,
) -> dict[str, Any]:
    """Import a file that is not on this disk; what became of its lines, as plain data. Raises as `imports.import_csv`."""
    with tempfile.TemporaryDirectory(prefix="trawl-upload-") as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(body)
        try:
            return imports.import_csv(path, owner, tags, encoding, progress, name).told()
        except ArgumentError as exc:
            raise ArgumentError(str(exc).replace(str(path), name)) from None
