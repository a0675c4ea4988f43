"""Small helpers: values of structured data, and lists in which nothing stands twice."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import models

DATA = "structured data"
MOST = 200  # items of a kind

Item = TypeVar("Item", bound=models.Found)


def once(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[Item]:
    """The first item of each key, at most `MOST`. One that only the markup says takes its place in the text from a later one."""
    kept: dict[Hashable, Item] = {}
    for one in items:
        name = key(one)
        before = kept.get(name)
        if before is None:
            if len(kept) < MOST:
                kept[name] = one
        elif before.position is None and one.position is not None:
            kept[name] = replace(before, position=one.position, snippet=one.snippet)
    return list(kept.values())


def texts(value: Any) -> list[str]:
    """The texts of a property that has one value or several; `name` of an object; at most 50.

    >>> texts(["a", {"name": "b"}, 3, " "])
    ['a', 'b']
    """
    many = value if isinstance(value, list) else [value]
    named = (one.get("name") if isinstance(one, dict) else one for one in many[:50])
    return [one[:2_000] for one in named if isinstance(one, str) and one.strip()]


def text(value: Any) -> str | None:
    """The first text of a property in one line, None where there is none."""
    return next((" ".join(one.split()) for one in texts(value)), None)
