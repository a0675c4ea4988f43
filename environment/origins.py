"""Addresses of web servers in settings: one, or a list of origins."""

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

ORIGIN = re.compile(r"https?://[^\s/?#@*]+")

#: Stands for all of them.
ANY = "*"


def web_address(value: str) -> str:
    """The address without a slash at its end. Raises ValueError for what is none."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise ValueError("is no address like https://trawl.example")
    return value.rstrip("/")


def proxy(value: str) -> str:
    """The address of a proxy; `host:port` alone is http. Raises ValueError for another kind of proxy."""
    value = value.strip().rstrip("/")
    value = value if "://" in value else f"http://{value}"
    if not re.fullmatch(r"http://([^\s/@]*@)?(\[[0-9A-Fa-f:.]+\]|[^\s/@:]+)(:[0-9]{1,5})?", value, re.IGNORECASE):
        raise ValueError("write http://[user:password@]host:port; other kinds of proxies are not spoken")
    return value


Proxy = Annotated[str, AfterValidator(proxy)]


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
