"""A long sequence cut into lists of a bounded length, as `itertools.batched` does from Python 3.12 on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def of(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order; items are taken as they are asked for.

    >>> list(of("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
