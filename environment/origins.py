"""Origins of pages, as a setting lists them."""

import re
from functools import lru_cache

ORIGIN = re.compile(r"https?://[^\s/?#@*]+")

#: Stands for all of them.
ANY = "*"


def check(value: str) -> str:
    """The list with commas alone. Raises ValueError for what is no origin."""
    words = _words(value)
    if words != [ANY] and not all(map(ORIGIN.fullmatch, words)):
        raise ValueError("is no list of origins like https://app.example, without a path; or * for all")
    return ",".join(words)


@lru_cache(8)
def listed(text: str) -> frozenset[str]:
    """The origins of a list.

    >>> sorted(listed("https://a.example, http://localhost:3000"))
    ['http://localhost:3000', 'https://a.example']
    """
    return frozenset(_words(text))


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
