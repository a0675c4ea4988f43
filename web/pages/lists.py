"""Lists that are at hand whole: a page of them at a time, in the order of their names."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from web.pages.tables import Part, Read, Row

T = TypeVar("T")


def part_of(found: Sequence[T], name: Callable[[T], str], rows: Callable[[Sequence[T]], Sequence[Row]]) -> Read:
    """A reader of a list, sorted by `name`, which tells one from another and is the cursor. `rows`: the rows of a part of it."""
    ordered = sorted(found, key=name)

    def read(limit: int, cursor: str) -> Part:
        left = [one for one in ordered if name(one) > cursor]
        shown = left[:limit]
        return Part(rows(shown), name(shown[-1]) if len(left) > len(shown) else "")

    return read
