"""Ledgers of budgets in an export, line by line; and what an import does with them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field

from state.budgets import copies
from topics.budgets import scopes
from topics.transfer import shapes, spent
from topics.transfer.merging import KEPT, MERGED, NEW, UNCHANGED, Merging, Outcome, Record, each

#: Lines of a ledger in one line of an export.
LINES = 500


class Ledger(shapes.Line):
    """Lines of the ledger of a month, in order: `[id, {field: text}]`."""

    scope: shapes.Short
    month: str = Field(pattern=spent.MONTH_PATTERN)
    lines: list[tuple[str, dict[str, shapes.Short]]] = Field(min_length=1, max_length=LINES)


def read_ledgers() -> Iterator[Record]:
    """Ledgers by scope and month, 500 lines at a time."""
    for scope in copies.scopes():
        for month in copies.months():
            after = ""
            while found := copies.ledger(scope, month, after, LINES):
                yield {"scope": scope, "month": month, "lines": [list(line) for line in found]}
                after = found[-1][0]


def put_ledgers(lines: Sequence[Ledger], merging: Merging) -> list[Outcome]:
    """What becomes of these lines: those behind our last one are added. Ours stay as they are: nobody writes a ledger anew."""
    return each(lines, lambda line: _put_lines(line, merging))


def _put_lines(line: Ledger, merging: Merging) -> Outcome:
    scopes.checked(line.scope)
    given = [(number, fields) for number, fields in line.lines if fields]
    places = [_place(number) for number, _ in given]
    for _, fields in given:
        if any(not re.fullmatch(r"-?\d{1,16}", fields.get(name, "0")) for name in (*spent.NUMBERS, "at_ms")):
            raise ValueError("its amounts must be whole numbers")
    if not given or places != sorted(set(places)):
        raise ValueError("its lines must be in order, each with fields")
    last = copies.last_line(line.scope, line.month)
    there = dict(copies.ledger_between(line.scope, line.month, given[0][0], given[-1][0])) if last else {}
    fresh = [one for one, place in zip(given, places, strict=True) if not last or place > _place(last)]
    if fresh and not merging.is_dry:
        copies.add_lines(line.scope, line.month, fresh)
    if fresh:
        return MERGED if last else NEW
    return UNCHANGED if there == dict(given) else KEPT


def _place(line: str) -> tuple[int, int]:
    found: Any = re.fullmatch(r"(\d{1,15})-(\d{1,10})", line)
    if not found:
        raise ValueError(f"{line!r:.40} is no line of a ledger")
    return int(found[1]), int(found[2])
