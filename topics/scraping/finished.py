"""Pages of a batch or crawl that are over, by their place in the order in which they ended: any part of it, without the others.

A page of a hundred costs as much at the end of a long crawl as at its beginning: records that were packed are read from the one
or two objects that hold them, and a process keeps the objects that it read last.
"""

import gzip
import json
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

from errors import NotFound
from state.scraping import outcome_lists, pages
from topics.scraping import stored

Record = dict[str, Any]

#: Bytes of objects that a process keeps, unpacked.
MOST_KEPT_BYTES = 64 * 2**20


def done(ledger_id: str, skip: int, limit: int) -> tuple[list[Record], int]:
    """Records of pages that were read, from the `skip`th on, and how many there are. Raises NotFound where one was removed."""
    numbers, count = outcome_lists.finished(ledger_id, skip, limit)
    return _records(ledger_id, numbers), count


def problems(ledger_id: str, skip: int, limit: int) -> tuple[list[Record], int]:
    """Records of pages that failed, and of those that robots.txt forbids; likewise."""
    numbers, count = outcome_lists.problems(ledger_id, skip, limit)
    return _records(ledger_id, numbers), count


def _records(ledger_id: str, numbers: Sequence[int]) -> list[Record]:
    loose = outcome_lists.loose(ledger_id, numbers)  # before the segments: a record moves from here to there
    found = {n: stored.whole(stored.unpack(record)) for n, record in loose.items()}
    missing = {n for n in numbers if n not in found}
    for key in pages.segments(ledger_id) if missing else ():
        if may_hold(key, missing):
            lines = _kept.lines(key)
            found |= {n: stored.whole(json.loads(lines[n])) for n in missing & lines.keys()}
            missing -= lines.keys()
    if missing:
        raise NotFound(f"Records of {ledger_id} are not kept any more.")
    return [found[n] for n in numbers]


def may_hold(key: str, numbers: set[int]) -> bool:
    """Whether an object may hold one of these records: its name says from where to where it goes.

    >>> may_hold("records/d/x/00000005-00000009-ab.jsonl.gz", {9}), may_hold("records/d/x/00000005-00000009-ab.jsonl.gz", {4})
    (True, False)
    """
    parts = key.rpartition("/")[2].split("-")
    return len(parts) < 3 or any(int(parts[0]) <= n <= int(parts[1]) for n in numbers)


class Kept:
    """Objects with records that this process read last. Safe for several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[dict[int, bytes], int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def lines(self, key: str) -> dict[int, bytes]:
        """The records in an object, by their numbers, each as JSON. Raises NotFound where the object is gone."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        body = stored.store().get(key)
        if body is None:
            raise NotFound(f"Records were removed from object storage ({key}).")
        text = gzip.decompress(body)
        lines = {int(json.loads(line)["n"]): line for line in text.splitlines()}
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (lines, len(text))
                self._bytes += len(text)
            while self._bytes > MOST_KEPT_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1][1]
        return lines


_kept = Kept()
