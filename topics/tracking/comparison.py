"""Two stored result pages of a keyword compared: what moved, came, went, and changed its title; features and sources beside it.

What is not on the other page is only new or gone as far as that page was read. Below that it is `beyond`: nobody looked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from parsing import marks
from topics.tracking.records import StoredCheck, StoredOrganic

Change = Literal["same", "up", "down", "new", "gone", "beyond"]


@dataclass(frozen=True, slots=True)
class Row:
    """A result of one or both days. `before` and `after`: its ranks; None = not there."""

    change: Change
    before: int | None
    after: int | None
    url: str | None
    title: str
    former_title: str | None  # where it was another one
    ours: bool


@dataclass(frozen=True, slots=True)
class Sets:
    """What one day has and the other has not, each in its order."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it. `rows`: by the rank after, then what is gone by its rank before. `scanned`: results that each day has."""

    rows: tuple[Row, ...]
    features: Sets
    cited: Sets
    scanned: tuple[int, int]

    def count(self, change: Change) -> int:
        """How many rows changed so."""
        return sum(row.change == change for row in self.rows)

    @property
    def titles(self) -> int:
        """How many results have another title."""
        return sum(row.former_title is not None for row in self.rows)


def of(before: StoredCheck, after: StoredCheck) -> Comparison:
    """What became of the results of `before` on `after`."""
    rows = list(_rows(before.organic, after.organic))
    return Comparison(
        tuple(sorted(rows, key=lambda row: (row.after is None, row.after or 0, row.before or 0))),
        _sets(before.features, after.features),
        _sets(before.cited, after.cited),
        (len(before.organic), len(after.organic)),
    )


def _rows(before: list[StoredOrganic], after: list[StoredOrganic]) -> Iterator[Row]:
    """Each result once; the same one twice on a page is matched in its order."""
    known: dict[object, list[StoredOrganic]] = defaultdict(list)
    for result in reversed(before):
        known[_identity(result)].append(result)
    lowest = max((one.rank for one in before), default=0), max((one.rank for one in after), default=0)
    for result in after:
        same = known.get(_identity(result))
        yield _row(same.pop() if same else None, result, lowest)
    for rest in known.values():
        yield from (_row(result, None, lowest) for result in rest)


def _row(before: StoredOrganic | None, after: StoredOrganic | None, lowest: tuple[int, int]) -> Row:
    shown = after or before
    assert shown is not None
    former = before.title if before and after and before.title != after.title else None
    ours = any(one.ours for one in (before, after) if one)
    ranks = before.rank if before else None, after.rank if after else None
    return Row(_change(*ranks, lowest), *ranks, shown.url or shown.goto_url, shown.title, former, ours)


def _change(before: int | None, after: int | None, lowest: tuple[int, int]) -> Change:
    if before is None:
        return "new" if (after or 0) <= lowest[0] else "beyond"
    if after is None:
        return "gone" if before <= lowest[1] else "beyond"
    return "same" if before == after else "up" if after < before else "down"


def _identity(result: StoredOrganic) -> object:
    """An address without its marks; of a result whose link is opaque, what it shows."""
    return marks.identity(result.url) if result.url else (result.title, result.displayed_host)


def _sets(before: list[str], after: list[str]) -> Sets:
    return Sets(
        tuple(one for one in dict.fromkeys(after) if one not in set(before)),
        tuple(one for one in dict.fromkeys(before) if one not in set(after)),
    )
