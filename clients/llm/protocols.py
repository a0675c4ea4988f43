"""The protocols of language models: how each is asked, and how its answer is read."""

from collections.abc import Mapping
from typing import Any, Protocol

from clients.llm.messages import Answer, Request, Usage

#: The name under which an answer of a schema is asked for.
NAME = "answer"

#: More tokens than one call can have: whoever says so does not count.
MOST_TOKENS = 10_000_000


class Wire(Protocol):
    """A protocol. `way`: how an answer of a schema is asked for; "" = none is."""

    name: str
    default_url: str
    ways: tuple[str, ...]  # from the strictest to the one that every server takes

    def url(self, base_url: str, what: str) -> str:
        """The address of `chat` or `models` below a base URL, with or without its version at the end."""

    def headers(self, key: str) -> dict[str, str]:
        """What says who asks; nothing of it is ever written down."""

    def body(self, request: Request, model: str, way: str, limit: str) -> dict[str, Any]:
        """The request as JSON. `limit`: the name under which the most tokens are given."""

    def answer(self, told: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """The answer in a reply. Raises ValueError, KeyError, TypeError or IndexError where it is none."""

    def limits(self, base_url: str) -> tuple[str, ...]:
        """The names under which the most tokens may be given; the likeliest first."""


def count(value: Any) -> int | None:
    """A number of tokens that can be; None for anything else.

    >>> [count(one) for one in (12, 3.0, -1, "7", True, None, 1e12)]
    [12, 3, None, None, None, None, None]
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_TOKENS:
        return None
    return int(value)


def usage(read: Any, written: Any, cache_read: Any = 0, cache_write: Any = 0) -> Usage:
    """Tokens as a server says them. A call without a token of input is one that nobody counted."""
    inputs, outputs = count(read), count(written)
    cached = (count(cache_read) or 0, count(cache_write) or 0)
    if inputs is None or outputs is None or inputs + sum(cached) == 0:
        return Usage()
    return Usage(inputs, outputs, *cached)
