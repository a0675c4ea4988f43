"""Segments of the history: a few thousand jobs that ended, as columns in one compressed string, and a summary to skip it by.

Columns, with a line a job: kind|outcome|category, ms, id, attempts, host, tag, project; then ms of the entry of the stream, its
number and the place in it, and by how much the time differs from that. The last column is the owner; it is left out where no job
has one. The summary is JSON: `n` jobs, the `first` position, times `from` and `to` (ms), `heads` (the different first columns),
`most_ms`, `most_attempts`. With it comes a Bloom filter of ids and labels. It says "not here", or "perhaps here", wrongly for one
of 900 (Bloom, 1970; 4 of 20 bits an item).
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

from state.engine.changes import ENDED, LABELS, Change

BITS, HASHES = 20, struct.Struct("<4I")

#: Jobs of a segment that are looked up one by one, at most.
FEW = 10

COLUMN = "\x1e"

#: How most jobs end. The filter tells the labels of the others apart.
USUAL = "finished"

#: Which column holds what is sought letter by letter.
COLUMN_OF = {"job_id": 2, "host": 4, "tag": 5, "project": 6, "owner": 11}


@dataclass(frozen=True)
class Query:
    """Which jobs are sought; None = any. Times are ms since 1970. `least_ms` and `most_ms` bound the time of the execution."""

    outcomes: frozenset[str] = ENDED
    kind: str | None = None
    category: str | None = None
    host: str | None = None
    tag: str | None = None
    project: str | None = None
    owner: str | None = None
    job_id: str | None = None
    since_ms: int = 0
    until_ms: int = 1 << 53
    least_ms: int = 0
    most_ms: int = 1 << 53
    least_attempts: int = 0

    @cached_property
    def exact(self) -> tuple[tuple[str, str], ...]:
        """Name and value of what must be found letter by letter."""
        named = [(name, getattr(self, name)) for name in (*LABELS, "job_id")]
        return tuple((name, value) for name, value in named if value is not None)

    @cached_property
    def probes(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For each of these the numbers of which a filter must hold one lot: alone, or with how the jobs ended."""
        ends = [""] if USUAL in self.outcomes else [f"\t{end}" for end in self.outcomes]
        return tuple(tuple(HASHES.unpack(_digest(f"{name}\t{value}{end}")) for end in ends) for name, value in self.exact)

    @cached_property
    def first_probe(self) -> int | None:
        """A number that each filter must hold; None where there is no one such number."""
        return self.probes[0][0][0] if self.probes and len(self.probes[0]) == 1 else None

    def takes(self, one: Change) -> bool:
        """Whether it seeks this job."""
        return (
            self.takes_head(one.kind, one.outcome, one.category)
            and self.since_ms <= one.at_ms < self.until_ms
            and self.least_ms <= one.ran_ms <= self.most_ms
            and one.attempts >= self.least_attempts
            and all(getattr(one, name) == value for name, value in self.exact)
        )

    def takes_head(self, kind: str, outcome: str, category: str) -> bool:
        """Whether it seeks jobs of that kind which ended so."""
        return outcome in self.outcomes and self.kind in (None, kind) and self.category in (None, category)


def encode(jobs: Sequence[Change]) -> tuple[bytes, bytes, bytes]:
    """Summary, filter and columns of jobs in the order of their positions."""
    heads = [f"{one.kind}|{one.outcome}|{one.category}" for one in jobs]
    columns: list[list[Any]] = [heads, [one.ran_ms for one in jobs], [one.job_id for one in jobs]]
    columns += [[one.attempts for one in jobs], [one.host for one in jobs], [one.tag for one in jobs]]
    columns += [[one.project for one in jobs], _deltas([one.position[0] for one in jobs])]
    columns += [[one.position[1] for one in jobs], [one.position[2] for one in jobs]]
    columns.append([one.at_ms - one.position[0] for one in jobs])
    if any(one.owner for one in jobs):
        columns.append([one.owner for one in jobs])
    summary = {
        "n": len(jobs),
        "first": jobs[0].position,
        "from": min(one.at_ms for one in jobs),
        "to": max(one.at_ms for one in jobs),
        "heads": sorted(set(heads)),
        "most_ms": max(one.ran_ms for one in jobs),
        "most_attempts": max(one.attempts for one in jobs),
    }
    text = COLUMN.join("\n".join(map(str, column)) for column in columns)
    return json.dumps(summary).encode(), _bloom(_items(jobs)), zlib.compress(text.encode(), 6)


def may_hold(summary: dict[str, Any], bloom: bytes, query: Query) -> bool:
    """Whether a segment may hold a job that is sought; no means no."""
    if query.exact and not _is_in(bloom, query):
        return False
    if summary["to"] < query.since_ms or summary["from"] >= query.until_ms:
        return False
    if summary["most_ms"] < query.least_ms or summary["most_attempts"] < query.least_attempts:
        return False
    return any(query.takes_head(*head.split("|")) for head in summary["heads"])


def _is_in(bloom: bytes, query: Query) -> bool:
    """Whether a filter may hold all that is sought letter by letter. Hundreds are asked: most say no at the first bit."""
    size = len(bloom) * 8
    for lots in query.probes:
        for numbers in lots:
            for number in numbers:
                place = number % size
                if not bloom[place >> 3] >> (place & 7) & 1:
                    break
            else:
                break
        else:
            return False
    return True


def _items(jobs: Sequence[Change]) -> set[str]:
    """What the filter tells: ids and labels; of jobs that did not finish, with how they ended too."""
    items = set()
    for one in jobs:
        named = [f"{name}\t{value}" for name in (*LABELS, "job_id") if (value := getattr(one, name))]
        items.update(named)
        if one.outcome != USUAL:
            items.update(f"{item}\t{one.outcome}" for item in named)
    return items


def decode(data: bytes, query: Query) -> Iterator[Change]:
    """The jobs of a segment that are sought, the last one first."""
    columns = _columns(data)
    places = _places(columns, query)
    if not places:
        return
    table = _kept_table(data) if len(places) <= FEW else _Table(columns)
    for n in reversed(places):
        if query.takes(one := table.job(n)):
            yield one


class _Table:
    """The columns of a segment, line by line."""

    def __init__(self, columns: Sequence[str]) -> None:
        split = [one.split("\n") for one in columns]
        heads, ms, ids, attempts, hosts, tags, projects, entries, numbers, rows, offsets = split[:11]
        owners = split[11] if len(split) > 11 else [""] * len(heads)
        self._labels, self._at = (hosts, tags, projects, owners), _sums(entries)
        self._heads, self._numbers, self._rows, self._offsets = heads, numbers, rows, offsets
        self._ms, self._ids, self._attempts = ms, ids, attempts

    def job(self, n: int) -> Change:
        """The n-th job."""
        kind, outcome, category = self._heads[n].split("|")
        at, labels = self._at[n], [column[n] for column in self._labels]
        position, at_ms = (at, int(self._numbers[n]), int(self._rows[n])), at + int(self._offsets[n])
        return Change(position, at_ms, outcome, kind, category, int(self._ms[n]), self._ids[n], int(self._attempts[n]), *labels)


@lru_cache(4)
def _columns(data: bytes) -> list[str]:
    """The columns of a segment; who looks at a job soon looks again."""
    return zlib.decompress(data).decode().split(COLUMN)


@lru_cache(2)
def _kept_table(data: bytes) -> _Table:
    """The same, line by line: some 2 MB."""
    return _Table(_columns(data))


def _places(columns: Sequence[str], query: Query) -> Sequence[int]:
    """Where the jobs may stand that are sought, by as few columns as possible: most segments hold none."""
    found: Sequence[int] | None = None
    for name, value in sorted(query.exact, key=_by_rarity):
        here = _lines(columns[COLUMN_OF[name]], value) if COLUMN_OF[name] < len(columns) else []
        found = here if found is None else sorted(set(found).intersection(here))
        if not found:
            return ()
    heads = columns[0].split("\n") if found is None else columns[0].split("\n", found[-1] + 1)[: found[-1] + 1]
    wanted = {head for head in set(heads) if query.takes_head(*head.split("|"))}
    found = [n for n in (range(len(heads)) if found is None else found) if heads[n] in wanted]
    if query.least_ms:
        ms = columns[1].split("\n")
        found = [n for n in found if int(ms[n]) >= query.least_ms]
    return found


def _by_rarity(pair: tuple[str, str]) -> bool:
    """An id first: it is there once."""
    return pair[0] != "job_id"


def _lines(column: str, value: str) -> list[int]:
    """The numbers of the lines that are this value."""
    text, sought = f"\n{column}\n", f"\n{value}\n"
    at = text.find(sought)
    if at < 0:
        return []
    first = text.count("\n", 0, at)
    if text.find(sought, at + 1) < 0:
        return [first]
    return [n for n, line in enumerate(column.split("\n")) if line == value]


def _deltas(numbers: Sequence[int]) -> list[int]:
    return [number - before for before, number in zip([0, *numbers], numbers, strict=False)]


def _sums(deltas: Sequence[str]) -> list[int]:
    return list(accumulate(map(int, deltas)))


def _bloom(items: set[str]) -> bytes:
    bits = bytearray(max(1, len(items) * BITS // 8))
    size = len(bits) * 8
    for item in items:
        for number in HASHES.unpack(_digest(item)):
            place = number % size
            bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def _digest(item: str) -> bytes:
    return hashlib.blake2b(item.encode(), digest_size=16).digest()
