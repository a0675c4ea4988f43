"""The number that a value of a fact says."""

import re
from functools import lru_cache
from typing import Any

_NUMBER = re.compile(r"\d[\d,.' \u00a0\u202f]*")
_RANGE = re.compile(r"\s*(\d[\d,.' \u00a0\u202f]*?)\s*(?:-|–|to|bis)\s*(\d[\d,.']*)(?!\s*-\s*\d)")
_BELOW = re.compile(r"\s*(?:<|under|below|up to)\s*(\d[\d,.' ]*)", re.IGNORECASE)


@lru_cache(maxsize=1 << 14)
def number(text: str) -> float | None:
    """The number that a text says: the middle of a range, the bound of what is open; None where it says none.

    >>> number("11-50 people"), number("1,000+"), number("about 20"), number("many"), number("<10")
    (30.5, 1000.0, 20.0, None, 5.0)
    """
    if found := _RANGE.match(text):
        low, high = _plain(found[1]), _plain(found[2])
        return (low + high) / 2 if low is not None and high is not None else None
    if found := _BELOW.match(text):
        return half / 2 if (half := _plain(found[1])) is not None else None
    return _plain(found[0]) if (found := _NUMBER.search(text)) else None


def amount(value: Any) -> float | None:
    """A value as a number: of a list how many it has, of `True` 1; None where it is none."""
    kind = type(value)
    if kind is int or kind is float:
        return float(value)
    if kind is str:
        return number(value)
    if kind is list or kind is tuple:
        return float(len(value))
    return float(value) if kind is bool else None


def _plain(text: str) -> float | None:
    """A number as people write it: marks before three digits part thousands, another mark parts decimals."""
    text = re.sub(r"[' \u00a0\u202f]", "", text).rstrip(".,")
    text = re.sub(r"[.,](?=\d{3}(?!\d))", "", text).replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None
