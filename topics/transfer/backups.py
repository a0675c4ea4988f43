"""A backup of the whole store: a header, each key as a line, and an end with a digest, by which `restore` sees that it is whole.

    {"kind": "trawl-backup", "version": 1, "made_at": "…"}
    {"key": "trawl:project:shop", "type": "hash", "value": [["domain", "shop.example"], …]}
    {"kind": "end", "lines": 4000, "sha256": "…"}

Bytes that are no UTF-8 are written as lone surrogates, so that each value comes back as it was. Keys are read one after the other
while work goes on: each is whole, and of two that belong together one may be some seconds younger.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import chunks
import clock
from state.store import dumps, keys
from state.store.dumps import Entry
from state.tracking import copies
from topics.transfer import kept

VERSION = 1
HEADER, END = "trawl-backup", "end"

#: Progress is told after so many lines.
TELL = 1000

DUE = re.compile(keys.due("[^:]+"))

Progress = Callable[[int], object]

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def lines(progress: Progress = lambda done: None) -> Iterator[bytes]:
    """The lines of a backup; `progress` gets how many are done. Bounded memory."""
    yield _line({"kind": HEADER, "version": VERSION, "made_at": clock.now().isoformat(timespec="seconds")})
    digest, count = hashlib.sha256(), 0
    for entry in dumps.read(kept.names()):
        text = _line(_record(_settled(entry)))
        digest.update(text)
        count += 1
        yield text
        if count % TELL == 0:
            progress(count)
    yield _line({"kind": END, "lines": count, "sha256": digest.hexdigest()})


def write(file: BinaryIO, progress: Progress = lambda done: None) -> int:
    """Write a backup; returns how many lines of keys it has."""
    count = 0
    for text in lines(progress):
        file.write(text)
        count += 1
    return count - 2  # header and end


def _settled(entry: Entry) -> Entry:
    """A key as a store has it in which no job runs: a keyword that a batch holds is due at its regular time."""
    if not DUE.fullmatch(entry.key) or entry.type != "zset":
        return entry
    held = [member for member, score in entry.value if score < 0]
    times: dict[bytes, int] = {}
    for chunk in chunks.of(held, copies.CHUNK):
        times |= dict(zip(chunk, copies.regular_times([member.decode() for member in chunk]), strict=True))
    return replace(entry, value=[(member, float(times.get(member, score))) for member, score in entry.value])


def _line(record: dict[str, Any]) -> bytes:
    return _encode(record).encode("ascii") + b"\n"


def _record(entry: Entry) -> dict[str, Any]:
    record: dict[str, Any] = {"key": entry.key, "type": entry.type, "value": _plain(entry.value)}
    record |= {"expires_ms": entry.expires_ms} if entry.expires_ms is not None else {}
    return record | ({} if entry.part == 0 and entry.is_last else {"part": entry.part, "is_last": entry.is_last})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
