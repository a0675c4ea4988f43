"""A large file written into object storage, part by part as it comes."""

import io
import json
from typing import Any

from clients import storage
from topics.transfer import parcels


class Writer(io.RawIOBase):
    """What is written here becomes parts below a key. `finish` makes it whole; without that nobody reads it."""

    def __init__(self, store: storage.Store, key: str, **facts: Any) -> None:
        super().__init__()
        self._store, self._key, self._facts = store, key, facts
        self._buffer, self._parts, self.size = bytearray(), 0, 0

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; a full part is put at once."""
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= parcels.PART:
            self._put(parcels.PART)
        return len(data)

    def finish(self) -> None:
        """Put the rest, and say that it is whole."""
        if self._buffer:
            self._put(len(self._buffer))
        told = {"parts": self._parts, "bytes": self.size, **self._facts}
        self._store.put(f"{self._key}/{parcels.WHOLE}", json.dumps(told).encode(), content_type="application/json")

    def _put(self, size: int) -> None:
        self._parts += 1
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._store.put(f"{self._key}/{self._parts:05}", body, content_type="application/octet-stream")
