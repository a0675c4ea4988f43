"""Where a backup lies: a file, or the object storage of the settings.

backups/monday.jsonl.gz     a file, packed where its name ends in .gz
r2:backups/monday           below that key in object storage: R2 or S3, or data/objects without them
s3://BUCKET/backups/monday  the same; BUCKET must be that of R2_BUCKET
-                           standard output and input
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import config
from clients import storage
from errors import AlreadyExists, ArgumentError
from topics.transfer import files, parcel_writer, parcels
from topics.transfer.restoring import Source

OBJECT, S3, STANDARD = "r2:", "s3://", "-"


def key_of(place: str) -> str | None:
    """The key in object storage that a place names; None = it is a file. Raises ArgumentError."""
    if place.startswith(OBJECT):
        key = place.removeprefix(OBJECT)
    elif place.startswith(S3):
        bucket, _, key = place.removeprefix(S3).partition("/")
        ours = config.settings().r2_bucket
        if ours is None:
            raise ArgumentError(f"{place!r:.100} needs object storage: set R2_BUCKET and the other R2_… settings.")
        if bucket != ours:
            raise ArgumentError(f"{place!r:.100} is in another bucket than R2_BUCKET={ours}: name that one.")
    else:
        return None
    if not key.strip("/"):
        raise ArgumentError(f"{place!r:.100} names no object: write r2:backups/monday.")
    return key.strip("/")


@contextmanager
def written(place: str) -> Iterator[BinaryIO]:
    """Where to write a backup; it is there when the block ends, or not at all. Raises AlreadyExists where something lies."""
    key = key_of(place)
    if key is None:
        with files.to_output() if place == STANDARD else files.written(Path(place)) as file:
            yield file
        return
    store = storage.make(config.settings())
    if parcels.facts(store, key) is not None:
        raise AlreadyExists(f"There is a backup at {place} already: give another name.")
    if (other := parcels.strangers(store, key)) is not None:
        raise AlreadyExists(f"Something else lies at {place} ({other}): give a name of its own, such as r2:backups/monday.")
    parcels.remove(store, key)  # what an interrupted one has left
    writer = parcel_writer.Writer(store, key)
    try:
        with files.packing(cast(BinaryIO, writer)) as packed:
            yield packed
    except BaseException:
        parcels.remove(store, key)
        raise
    writer.finish()


def source(place: str) -> Source:
    """A backup, to be opened more than once. Raises ArgumentError and DataError where it cannot be read."""
    key, path = key_of(place), Path(place)
    if key is not None:
        return lambda: _opened(key)
    if place == STANDARD:
        return files.spooled(None)
    return files.spooled(path) if path.exists() and not path.is_file() else lambda: files.opened(path)


@contextmanager
def _opened(key: str) -> Iterator[BinaryIO]:
    yield files.unpacked(parcels.opened(storage.make(config.settings()), key))
