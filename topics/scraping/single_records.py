"""The record of one page of a batch or crawl, by its number."""

import functools
import gzip
import json
from typing import Any

from errors import NotFound
from state.scraping import pages
from topics.scraping import stored


def find(ledger_id: str, number: int) -> dict[str, Any]:
    """The whole record of a page. Raises NotFound where it is not kept any more."""
    for _ in "12":  # it may move from Redis into an object between the two looks
        packed = pages.record(ledger_id, number)
        if packed is not None:
            return stored.whole(stored.unpack(packed))
        for key in reversed(pages.segments(ledger_id)):
            line = _lines(key).get(number)
            if line is not None:
                return stored.whole(json.loads(line))
    raise NotFound(f"Page {number} of {ledger_id} is not kept any more.")


@functools.lru_cache(maxsize=4)
def _lines(key: str) -> dict[int, bytes]:
    """The records in an object, by their numbers; {} where it was removed."""
    found = stored.store().get(key)
    lines = gzip.decompress(found).splitlines() if found is not None else []
    return {int(json.loads(line)["n"]): line for line in lines}
