"""Where a list of jobs goes on: an opaque word that belongs to one list."""

import base64
import binascii
import json
from dataclasses import dataclass

from errors import ArgumentError
from topics.operations.history import CURSOR as ENDED


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind a job that stood `offset`-th at a place; or among those that ended, where `ended` is the cursor of the history."""

    place: int = 0
    offset: int = 0
    anchor: str = ""
    ended: str | None = None


def write(cursor: Cursor, list_: str) -> str:
    """The word. `list_` tells lists apart."""
    told = [list_, cursor.ended] if cursor.ended is not None else [list_, cursor.place, cursor.offset, cursor.anchor]
    return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


def read(word: str, list_: str) -> Cursor:
    """What a word says; the beginning for "". Raises ArgumentError for what is none of this list."""
    if not word:
        return Cursor()
    match _told(word):
        case [str(own), str(ended)] if own == list_ and (ended == "" or ENDED.fullmatch(ended)):
            return Cursor(ended=ended)
        case [str(own), int(place), int(offset), str(anchor)] if own == list_ and 0 <= place < 1000 and 0 <= offset < 1 << 40:
            return Cursor(place, offset, anchor)
    raise ArgumentError(f"cursor {word!r:.40} is none of this list: give the one of its last reply, with the same filters.")


def _told(word: str) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
