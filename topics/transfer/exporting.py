"""An export as lines of JSON: a header, what is told, and an end by which somebody sees that the file is whole.

    {"kind": "trawl-export", "version": 1, "made_at": "2026-11-30T08:00:00+00:00", "counts": {"project": 2, "keyword": 1000}}
    {"kind": "project", "id": "shop", …}
    {"kind": "end", "lines": 1002, "sha256": "…"}

The header counts what there was when the export began; the end counts and digests the lines between. Two exports of the same
store differ in the header's time only. Nothing holds more than some hundred records at a time.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

import clock
import wording
from errors import ArgumentError
from state.store import connection
from topics.transfer.kinds import KINDS, Scope, told_in
from topics.transfer.merging import DAMAGED, Record

VERSION = 1
HEADER, END = "trawl-export", "end"

#: Progress is told after so many lines.
TELL = 500

Progress = Callable[[int, int | None], object]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def line(record: Record) -> bytes:
    """A record as a line."""
    return _encode(record).encode(errors="replace") + b"\n"


def checked(kinds: Sequence[str]) -> tuple[str, ...]:
    """Kinds that somebody named. Raises ArgumentError."""
    if unknown := [one for one in kinds if one not in KINDS]:
        raise ArgumentError(f"{unknown[0]!r:.40} is nothing that can be exported: there are {', '.join(KINDS)}.")
    return tuple(dict.fromkeys(kinds))


def counts(scope: Scope, wanted: Sequence[str] = ()) -> dict[str, int]:
    """How many there are of each kind."""
    with connection.errors_translated():
        return {
            kind.name: kind.count(scope) if kind.count else sum(1 for _ in kind.read(scope)) for kind in told_in(scope, wanted)
        }


def records(scope: Scope, wanted: Sequence[str] = (), progress: Progress = lambda done, total: None) -> Iterator[Record]:
    """All that is told, in order; `progress` gets how many lines are done, and of about how many."""
    found = counts(scope, wanted)
    total, done = sum(found.values()), 0
    yield {"kind": HEADER, "version": VERSION, "made_at": clock.now().isoformat(timespec="seconds"), "counts": found}
    for kind in told_in(scope, wanted):
        with connection.errors_translated():
            for record in kind.read(scope):
                yield _told(kind.name, record)
                done += 1
                if done % TELL == 0:
                    progress(done, total)
    progress(done, max(done, total))


def _told(kind: str, record: Record) -> Record:
    if DAMAGED not in record:
        return {"kind": kind, **record}
    return {"kind": DAMAGED, "of": kind, "id": record[DAMAGED], "why": record["why"]}


def lines(scope: Scope, wanted: Sequence[str] = (), progress: Progress = lambda done, total: None) -> Iterator[bytes]:
    """The same as lines of JSON, with the end."""
    found = records(scope, wanted, progress)
    yield line(next(found))
    digest, count = hashlib.sha256(), 0
    for record in found:
        text = line(record)
        digest.update(text)
        count += 1
        yield text
    yield line({"kind": END, "lines": count, "sha256": digest.hexdigest()})


def shown(found: dict[str, int]) -> str:
    """Counts in words: `2 projects, 1,000 keywords`."""
    told = [_counted(number, name) for name, number in found.items() if number]
    return ", ".join(told) or "nothing"


def _counted(number: int, name: str) -> str:
    """Records of a kind, or rows of a file (`ranks.csv`)."""
    return f"{wording.pluralize(number, 'row')} in {name}" if "." in name else wording.pluralize(number, name.replace("_", " "))


def kind_of(text: bytes) -> str:
    """The kind of a line that `lines` made.

    >>> kind_of(b'{"kind":"project","id":"shop"}')
    'project'
    """
    return text[len(b'{"kind":"') : text.index(b'"', len(b'{"kind":"'))].decode()
