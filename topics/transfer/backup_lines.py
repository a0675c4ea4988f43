"""The lines of a backup as they are read: its header, keys, and the end that says whether it is whole."""

import json
import re
from typing import Any

from errors import ArgumentError
from state.store import dumps
from state.store.dumps import Entry
from topics.transfer import backups, headers

#: Keys that a backup may write: ours, and the entries of rq-scheduler.
OURS = re.compile(r"trawl:|rq:job:|rq:scheduler:scheduled_jobs$")


def entry_of(text: bytes) -> Entry:
    """The key that a line describes. Raises ArgumentError where it is none."""
    try:
        told = json.loads(text)
        found = Entry(
            str(told["key"]),
            str(told["type"]),
            _bytes(told["value"]),
            told.get("expires_ms"),
            int(told.get("part", 0)),
            bool(told.get("is_last", True)),
        )
        if not OURS.match(found.key):
            raise ValueError(f"{found.key!r:.60} is no key of Trawl's")
        if found.type not in dumps.SIZES or (not found.value and found.type != "string"):
            raise ValueError(found.type)
    except (ValueError, KeyError, TypeError) as exc:
        raise ArgumentError(f"A line of this backup is no key ({str(exc)[:100]}): take another backup.") from None
    return found


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="surrogateescape")
    return [_bytes(one) for one in value] if isinstance(value, list) else value


def read_header(text: bytes) -> str:
    """When a backup was made. Raises ArgumentError where it is none, or one of a newer version."""
    return str(headers.check(text, backups.HEADER, backups.VERSION, "An export is for `import`.").get("made_at", ""))


def read_end(text: bytes, digest: str) -> None:
    """Check the last line of a backup. Raises ArgumentError where the file is cut off or is not what was written."""
    try:
        told = json.loads(text)
        is_end = told.get("kind") == backups.END
    except (ValueError, AttributeError):
        is_end = False
    if not is_end:
        raise ArgumentError("This backup is cut off: its end is missing. Nothing was restored; take another one.")
    if told.get("sha256") != digest:
        raise ArgumentError("This backup is damaged: its digest is another one. Nothing was restored; take another one.")
