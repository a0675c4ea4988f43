"""The protocols of language models: how each is asked, and how its answer is read."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from clients.llm.messages import Answer, Request, Usage

#: The name under which an answer of a schema is asked for.
NAME = "answer"

#: Routes that people copy along with the base of a server.
ROUTES = ("/chat/completions", "/completions", "/responses", "/messages", "/models")

#: More tokens than one call can have: whoever says so does not count.
MOST_TOKENS = 10_000_000

#: Where gateways say what a call did cost, in USD (OpenRouter, DeepInfra, Perplexity, LiteLLM; 2026-11); more than MOST is none.
COSTS, COST_HEADERS = ("cost", "total_cost", "estimated_cost"), ("x-litellm-response-cost",)
MOST_MICRO_USD = 10**9


class Wire(Protocol):
    """A protocol. `way`: how an answer of a schema is asked for; "" = none is."""

    name: str
    default_url: str
    ways: tuple[str, ...]  # from the strictest to the one that every server takes

    def url(self, base_url: str, what: str) -> str:
        """The address of `chat` or `models` below a base URL, with or without its version at the end."""

    def headers(self, key: str, base_url: str) -> dict[str, str]:
        """What says who asks; nothing of it is ever written down."""

    def body(self, request: Request, model: str, way: str, limit: str) -> dict[str, Any]:
        """The request as JSON. `limit`: the name under which the most tokens are given."""

    def answer(self, told: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """The answer in a reply. Raises ValueError, KeyError, TypeError or IndexError where it is none."""

    def limits(self, base_url: str) -> tuple[str, ...]:
        """The names under which the most tokens may be given; the likeliest first."""


def below(base_url: str, path: str, version: str = "") -> str:
    """An address below a base URL, however that was copied: with a slash, a route, or a query at its end.

    `version` stands between where the base has no path.

    >>> below("https://a.example/api/v1/", "models"), below("http://ollama:11434/", "chat/completions", "v1")
    ('https://a.example/api/v1/models', 'http://ollama:11434/v1/chat/completions')
    >>> below("https://a.example/openai/d/chat/completions?api-version=1", "chat/completions")
    'https://a.example/openai/d/chat/completions?api-version=1'
    """
    parts = urlsplit(base_url.strip())
    given = parts.path.rstrip("/")
    for route in ROUTES:
        given = given.removesuffix(route)
    middle = f"/{version}" if version and not given.strip("/") else ""
    return urlunsplit(parts._replace(path=f"{given.rstrip('/')}{middle}/{path}"))


def count(value: Any) -> int | None:
    """A number of tokens that can be; None for anything else.

    >>> [count(one) for one in (12, 3.0, -1, "7", True, None, 1e12)]
    [12, 3, None, None, None, None, None]
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_TOKENS:
        return None
    return int(value)


def told_cost(used: Mapping[str, Any], headers: Mapping[str, str]) -> int:
    """Micro-USD that a gateway says a call did cost, rounded up; 0 where it says none: nobody is told that something was free.

    >>> told_cost({"cost": 0.0012345}, {}), told_cost({"cost": 0}, {"x-litellm-response-cost": "4.5e-06"})
    (1235, 5)
    """
    told = [*(used.get(name) for name in COSTS), *(headers.get(name) for name in COST_HEADERS)]
    return max((_micro(one) for one in told), default=0)


def _micro(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        cost = Decimal(str(value).strip()) * 1_000_000
    except InvalidOperation:
        return 0
    return int(cost.to_integral_value(ROUND_CEILING)) if cost.is_finite() and 0 < cost <= MOST_MICRO_USD else 0


def usage(read: Any, written: Any, cache_read: Any = 0, cache_write: Any = 0) -> Usage:
    """Tokens as a server says them. A call without a token of input is one that nobody counted."""
    inputs, outputs = count(read), count(written)
    cached = (count(cache_read) or 0, count(cache_write) or 0)
    if inputs is None or outputs is None or inputs + sum(cached) == 0:
        return Usage()
    return Usage(inputs, outputs, *cached)
