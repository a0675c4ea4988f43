"""Large files in object storage, in parts of a bounded size: read as they are asked for, and removed.

<key>/00001, <key>/00002, …    the bytes, in parts
<key>/whole.json               how many parts and bytes there are; it is written last
"""

import io
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import Any, BinaryIO, cast

from clients import storage
from errors import DataError

PART = 8 << 20
WHOLE = "whole.json"

#: Parts are numbered from 1 on.
PART_NAME = re.compile(r"\d{5,9}")


class Reader(io.RawIOBase):
    """The bytes of a parcel, one part in memory at a time."""

    def __init__(self, store: storage.Store, key: str) -> None:
        super().__init__()
        self._parts, self._rest = parts(store, key), memoryview(b"")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill what is given, as far as the part goes."""
        while not self._rest and (part := next(self._parts, None)) is not None:
            self._rest = memoryview(part)
        size = min(len(into), len(self._rest))
        into[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def facts(store: storage.Store, key: str) -> dict[str, Any] | None:
    """What is known of a parcel; None where there is none, or it was not finished."""
    found = store.get(f"{key}/{WHOLE}")
    return None if found is None else dict(json.loads(found))


def parts(store: storage.Store, key: str) -> Iterator[bytes]:
    """The parts of a parcel in order. Raises DataError where one is missing."""
    told = facts(store, key)
    if told is None:
        raise DataError(f"There is nothing whole at {key!r:.100}: it is gone, or was not finished. Send it again.")
    for number in range(1, told["parts"] + 1):
        part = store.get(f"{key}/{number:05}")
        if part is None:
            raise DataError(f"Part {number} of {key!r:.100} is gone: send it again.")
        yield part


def opened(store: storage.Store, key: str) -> BinaryIO:
    """A parcel as a file to read from."""
    return cast(BinaryIO, io.BufferedReader(Reader(store, key), 1 << 16))


def remove(store: storage.Store, key: str) -> None:
    """Remove a parcel, also one that was not finished; what else lies below its key stays. Safe to repeat."""
    store.delete([f"{key}/{WHOLE}"])
    store.delete([one for one in store.keys(f"{key}/") if is_part(one, key)])


def is_part(name: str, key: str) -> bool:
    """Whether an object is a part of the parcel at a key.

    >>> is_part("a/b/00012", "a/b"), is_part("a/b/c/00012", "a/b"), is_part("a/b/page.html", "a/b")
    (True, False, False)
    """
    return PART_NAME.fullmatch(name.removeprefix(f"{key}/")) is not None


def strangers(store: storage.Store, key: str) -> str | None:
    """The first object below a key that belongs to no parcel there; None = there is none."""
    own = f"{key}/{WHOLE}"
    return next((one for one in store.keys(f"{key}/") if one != own and not is_part(one, key)), None)


def remove_older(store: storage.Store, folder: str, before: str, most: int) -> int:
    """Remove objects of parcels `<folder>/<day>/…` of days before this one, at most so many; returns how many."""
    old: Sequence[str] = list(islice(takewhile(lambda one: one < f"{folder}/{before}", store.keys(f"{folder}/")), most))
    store.delete(old)
    return len(old)
